"""What breaks callers of the last release; with --record, what this one promises them.

python -m tests.support.released            tells what breaks, for the changelog
python -m tests.support.released --record   as a release is made
"""

import argparse

from tests.support.released import record


def main() -> None:
    """Tell, or record."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--record", action="store_true", help="Record what there is now.")
    if parser.parse_args().record:
        record.save()
        print(f"recorded {record.version()}")
        return
    base = record.load()
    found = record.broken(base)
    print(f"{len(found)} changes break callers of {base['version']}", *found, sep="\n")


if __name__ == "__main__":
    main()
