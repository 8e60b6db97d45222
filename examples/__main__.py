"""Write an example that is made up: `python -m examples cardiac-risk > cardiac-risk.csv`."""

import argparse
import csv
import sys
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from examples.cardiac_risk import patient
from examples.rents import flat
from examples.tickets import ticket

MAKERS: dict[str, Callable[[Random], Mapping[str, Any]]] = {
    "cardiac-risk": patient,
    "rents": flat,
    "tickets": ticket,
}


def main() -> None:
    """Write the rows as CSV; the same seed gives the same rows."""
    parser = argparse.ArgumentParser(prog="examples", description=__doc__)
    parser.add_argument("name", choices=MAKERS)
    parser.add_argument("--rows", type=_count, default=5000, help="how many, 5000 by default")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other rows")
    options = parser.parse_args()
    dice = Random(options.seed)
    rows = (MAKERS[options.name](dice) for _ in range(options.rows))
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(sys.stdout, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow(row)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rows; give 1 or more")
    return int(text)


if __name__ == "__main__":
    main()
