"""The README's table of figures.

    python -m benchmarks.figures                     # writes the table of what is recorded
    python -m benchmarks.figures --take              # measures all of it first: ten minutes
    python -m benchmarks.figures --take cold gateway

What programs print is kept in `recorded.json` with the day; nothing of the table is written by
hand. Measure on a machine that does nothing else.
"""

import argparse

from benchmarks.figures.chosen import FIGURES
from benchmarks.figures.record import README, recorded, take, with_table, write


def main() -> None:
    """Measure what is asked for, and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="the figures to take; all of them")
    parser.add_argument("--take", action="store_true", help="measure, and record")
    given = parser.parse_args()
    known = {figure.name: figure for figure in FIGURES}
    if strange := [name for name in given.names if name not in known]:
        parser.error(f"There is no figure {strange[0]!r}: {', '.join(known)}.")
    if given.names and not given.take:
        parser.error("Names go with --take.")
    records = recorded()
    for name in (given.names or known) if given.take else ():
        records[name] = take(known[name])
        write(records)
        print(f"{name}: {known[name].read(chr(10).join(records[name].said))}", flush=True)
    README.write_text(with_table(README.read_text(), records))


if __name__ == "__main__":
    main()
