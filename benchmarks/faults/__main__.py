"""Kills, stops, a full disk and wrong clocks under a mixed load; then an audit of every promise.

`python -m benchmarks.faults [--seconds 120] [--kills 40] [--seed N] [--kinds kill,stop,disk,clock]`

It starts a Mayfly of its own, hits that one's processes alone, and ends with 1 unless nothing that
was acknowledged is lost or doubled in effect, no answer was wrong, and nothing hangs.
"""

import argparse
import random
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.faults import clock, disk
from benchmarks.faults.plan import KINDS, Kind, plan
from benchmarks.faults.run import run
from benchmarks.faults.tally import table
from benchmarks.stack import end_in_order

MISSING = {"disk": disk.missing, "clock": clock.missing}


def kinds(text: str) -> list[Kind]:
    """Return the kinds of a list apart by commas."""
    found = [kind for kind in KINDS if kind in text.split(",")]
    if unknown := set(text.split(",")) - set(KINDS):
        raise argparse.ArgumentTypeError(
            f"{', '.join(sorted(unknown))}: no kind of fault; there are {', '.join(KINDS)}"
        )
    return found


def within(least: int, most: int) -> Callable[[str], int]:
    """Return the reader of a number between the two."""

    def number(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or not least <= int(text[:9]) <= most:
            raise argparse.ArgumentTypeError(f"{text!r}: give a number from {least} to {most}")
        return int(text)

    return number


def possible(wanted: list[Kind]) -> list[Kind]:
    """Return those that this machine allows; say why the others are left out."""
    left_out = {kind: why for kind in wanted if kind in MISSING and (why := MISSING[kind]())}
    for kind, why in left_out.items():
        say(f"left out: {kind}: {why}")
    return [kind for kind in wanted if kind not in left_out]


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def main() -> None:
    """Read the command line, run, print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--seconds", type=within(5, 3600), default=120, help="of load")
    parser.add_argument("--kills", type=within(0, 1000), default=40, help="faults of any kind")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--kinds", type=kinds, default=list(KINDS), help=",".join(KINDS))
    parser.add_argument("--logs", type=Path, help="folder that gets the stack's logs in the end")
    given = parser.parse_args()
    end_in_order()
    say(f"seed {given.seed}")
    chosen = possible(given.kinds)
    faults = plan(given.seed, chosen, given.kills, given.seconds) if chosen else []
    tallies = run(faults, given.seconds, given.seed, say, given.logs)
    say(table(tallies))
    sys.exit(0 if all(tally.clean for tally in tallies) else 1)


if __name__ == "__main__":
    main()
