"""A small job beside a large one: `python -m benchmarks.learning.beside`.

A job of 120 rows is run alone, and again while one of 100,000 rows is searched for. Printed are
both times and their ratio, which is wanted to be 2 at most. With `--elsewhere N` the large ones are
N jobs of another workspace (3: it is at its cap).
"""

import argparse
import contextlib
import sys
import time

from benchmarks.learning.calls import ENDED, Calls
from benchmarks.learning.random_tables import make
from benchmarks.stack import end_in_order, own_stack

MOST = 2.0
SMALL, LARGE = 120, 100_000
SEED = 3  # of a table of two classes


def main() -> None:
    """Measure, print, and end with 1 where the small job takes too long."""
    options = _options()
    end_in_order()
    with own_stack() as stack, contextlib.ExitStack() as open_clients:
        small = Calls(open_clients.enter_context(stack.client()))
        large = small
        if options.elsewhere:
            large = Calls(open_clients.enter_context(stack.newcomer()))
        alone, beside = _measure(small, large, options)
    ratio = beside / alone
    print(
        f"alone {alone:.1f} s, beside {beside:.1f} s: {ratio:.2f} times (wanted at most {MOST:g})"
    )
    sys.exit(0 if ratio <= MOST else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.learning.beside", description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="of each; the middle one counts")
    parser.add_argument("--large", type=int, default=LARGE, help="rows of the large table")
    parser.add_argument("--elsewhere", type=int, default=0, help="large jobs of another workspace")
    return parser.parse_args()


def _measure(calls: Calls, others: Calls, options: argparse.Namespace) -> tuple[float, float]:
    """Return the seconds of the small job alone, and beside the large ones."""
    for whose, name, rows in ((calls, "small", SMALL), (others, "large", options.large)):
        whose.upload(name, make(SEED, (rows, rows)).content)
    _small(calls)  # replicas are warm from here on
    times = options.times
    alone = sorted(_small(calls) for _ in range(times))
    large = [_large(others, seed) for seed in range(options.elsewhere or 1)]
    beside = sorted(_small(calls) for _ in range(times))
    if any(others.job(job)["state"] != "running" for job in large):
        sys.exit("a large job ended too soon to be beside anything; give it more rows")
    for job in large:
        others.call("POST", f"training/jobs/{job}/cancel")
    return alone[times // 2], beside[times // 2]


def _large(calls: Calls, seed: int) -> str:
    job = calls.begin(dataset="large", target="y", budget="thorough", seed=seed)
    calls.until(f"training/jobs/{job}", {"running"}, ENDED)
    return job


def _small(calls: Calls) -> float:
    began = time.monotonic()
    calls.until_trained(calls.begin(dataset="small", target="y"))
    return time.monotonic() - began


if __name__ == "__main__":
    main()
