"""Compare the present tree with a base: interleaved pairs, medians of ratios, 95 % intervals.

`python -m benchmarks.compare --base REV [--pairs 10] [--only NAME]`

For each pair both trees start a Mayfly by their own launchers; both are measured by the load
generators of this tree, one right after the other, in alternating order (base, this; this, base;
...). A measure is well when its interval reaches 0.95: it does not lie as a whole below. Ends with
1 otherwise.
"""

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.compare.measures import PROGRAMS, Measure, Program
from benchmarks.compare.median import LEAST, interval
from benchmarks.compare.trees import checked_out, commit
from benchmarks.stack import ROOT, Stack, end_in_order

WANTED = 0.95
MOST_PAIRS = 100
PARTS = ("firestore", "storage", "nats", "gateway")  # the pages are measured by nobody
Values = dict[Measure, float]
Pair = tuple[Values, Values]


def pairs(base: Path, count: int, programs: Sequence[Program]) -> Iterator[Pair]:
    """Yield the figures of both trees, the base's first.

    For each pair both are started anew. Each keeps a home of its own, so that its model is trained
    but once.
    """
    with tempfile.TemporaryDirectory(prefix="mayfly-compare-") as folder:
        for number in range(count):
            sides = [
                Stack(Path(folder) / name, root=root, only=PARTS)
                for name, root in (("base", base), ("present", ROOT))
            ]
            with contextlib.ExitStack() as ending:
                for stack in sides:
                    ending.callback(stack.down)
                    stack.up()
                yield measured(sides, number, programs)


def measured(sides: Sequence[Stack], number: int, programs: Sequence[Program]) -> Pair:
    """Return the figures of both sides.

    Each program runs on the one right after the other, in an order that alternates, so that what
    else the machine does hits both alike.
    """
    found: Pair = ({}, {})
    for turn, program in enumerate(programs, number):
        for side in (0, 1) if turn % 2 == 0 else (1, 0):
            figures = program.run(sides[side])
            found[side].update({measure: measure.of(figures) for measure in program.measures})
    return found


def verdict(measure: Measure, found: Sequence[Pair]) -> tuple[str, bool]:
    """Return a measure's line, and whether its interval reaches what is wanted."""
    ratios = [measure.ratio(base[measure], present[measure]) for base, present in found]
    known = interval(ratios)
    base, present = (interval([one[side][measure] for one in found]).median for side in (0, 1))
    reaches = known.high >= WANTED
    line = f"{measure.name}: {base:.2f} to {present:.2f} {measure.unit}, ratio {known.median:.3f} "
    line += f"[{known.low:.3f}, {known.high:.3f}] {'reaches' if reaches else 'BELOW'} {WANTED}"
    return line, reaches


def number_of_pairs(text: str) -> int:
    """Return the number that was given, if it is one that gives an interval."""
    if not text.isascii() or not text.isdecimal() or not LEAST <= int(text[:9]) <= MOST_PAIRS:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number from {LEAST} to {MOST_PAIRS}")
    return int(text)


def main() -> None:
    """Read the command line, measure, print a line a measure."""
    names = [program.name for program in PROGRAMS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("--base", required=True, help="revision to compare this tree with")
    parser.add_argument("--pairs", type=number_of_pairs, default=10)
    parser.add_argument("--only", action="append", choices=names, help="may be given several times")
    given = parser.parse_args()
    end_in_order()
    programs = [program for program in PROGRAMS if program.name in (given.only or names)]
    base = commit(given.base)
    found: list[Pair] = []
    with checked_out(base) as tree:
        for number, pair in enumerate(pairs(tree, given.pairs, programs), 1):
            found.append(pair)
            print(f"pair {number}: {_ratios(pair)}", flush=True)
    lines = [verdict(measure, found) for measure in found[0][0]]
    print(f"{base[:12]} to this tree, {given.pairs} pairs; a ratio above 1 is better than before")
    print("\n".join(line for line, _ in lines))
    sys.exit(0 if all(reaches for _, reaches in lines) else 1)


def _ratios(pair: Pair) -> str:
    base, present = pair
    return ", ".join(f"{each.ratio(base[each], present[each]):.3f}" for each in base)


if __name__ == "__main__":
    main()
