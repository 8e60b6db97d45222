"""Load a Mayfly of one's own with mixed users, and write docs/load.md.

`python -m benchmarks.load [run --shape ramp --users 30 --seconds 120 | page]`

`run` (the default) starts a Mayfly, has Locust load it by each shape, records what came of it in
benchmarks/load/recorded, and makes the page; `page` makes the page anew of what is recorded.
"""

import argparse
import tempfile
from pathlib import Path

import msgspec

from benchmarks import machine
from benchmarks.load import records, report, running
from benchmarks.load.records import Record
from benchmarks.load.running import Target
from benchmarks.load.shapes import NAMES
from benchmarks.stack import ROOT, end_in_order, own_stack

RECORDED = Path(__file__).parent / "recorded"
PAGE = ROOT / "docs" / "load.md"
TEXT = Path(__file__).with_name("page.txt")


def _run(given: argparse.Namespace) -> None:
    end_in_order()
    with tempfile.TemporaryDirectory(prefix="mayfly-load-") as name, own_stack() as stack:
        for shape in given.shape or ("ramp", "soak"):
            prefix = (given.keep or Path(name)).absolute() / shape
            prefix.parent.mkdir(parents=True, exist_ok=True)
            target = Target(stack.gateway_url, stack.key, stack.sign_in_link())
            busy = machine.busy()
            print(running.load(target, shape, given.users, given.seconds, prefix))
            found = records.read(prefix, shape, busy)
            RECORDED.mkdir(exist_ok=True)
            file = RECORDED / f"{shape}.json"
            file.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
            print(f"written: {file}")
    _page(given)


def recorded() -> list[Record]:
    """Return the loads that are recorded, by the order of their shapes."""
    files = [RECORDED / f"{shape}.json" for shape in NAMES]
    return [msgspec.json.decode(f.read_bytes(), type=Record) for f in files if f.exists()]


def _page(given: argparse.Namespace) -> None:
    sections = [TEXT.read_text().rstrip()]
    (given.to.parent / "images").mkdir(parents=True, exist_ok=True)
    for record in recorded():
        picture = Path("images") / f"load-{record.shape}.svg"
        (given.to.parent / picture).write_text(report.svg(record))
        sections.append(report.section(record, picture.as_posix()))
    given.to.write_text("\n\n".join(sections) + "\n")
    print(f"written: {given.to}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.set_defaults(do=_run, shape=[], users=30, seconds=120, keep=None, to=PAGE)
    commands = parser.add_subparsers()
    run = commands.add_parser("run", help="load, record, and write the page")
    run.add_argument("--shape", action="append", choices=NAMES, default=[])
    run.add_argument("--users", type=int, default=30)
    run.add_argument("--seconds", type=int, default=120)
    run.add_argument("--keep", type=Path, help="a folder for what Locust writes, HTML too")
    page = commands.add_parser("page", help="write the page of what is recorded")
    page.set_defaults(do=_page)
    for one in (run, page):
        one.add_argument("--to", type=Path, default=PAGE)
    given = parser.parse_args()
    given.do(given)


if __name__ == "__main__":
    main()
