"""Parity and coverage over many random tables: `python -m benchmarks.learning.random_jobs`.

Most jobs run in this process, with the services of the functions over memory; a few through a
stack, as users have it. Printed are the jobs that failed and why, the largest difference between
ONNX and what was fitted, and how often sets and intervals held the truth: of large tables, so that
what is measured is not luck.
"""

import argparse
import collections
import functools
import statistics
import sys
import time
from collections.abc import Iterable, Sequence

from benchmarks.learning.in_process import Ended, cover, each, search
from benchmarks.learning.random_tables import make
from benchmarks.learning.stacked import through_stack

MOST_OFF = 0.02
EVERY = 25


def main() -> None:
    """Run the jobs, print what came of them, and end with 1 where one failed or coverage is off."""
    options = _options()
    first, began = options.seed, time.monotonic()
    jobs = _told(each(search, range(first, first + options.jobs), options.workers))
    if options.stack:
        tables = (make(seed, (120, 400)) for seed in range(first, first + options.stack))
        jobs += _told(through_stack(tables, options.seconds))
    right = _summary(jobs)
    large = functools.partial(cover, rows=options.rows)
    tables_covered = range(first, first + options.tables)
    covered = _told(each(large, tables_covered, options.workers))
    right &= _coverage(covered)
    print(f"{time.monotonic() - began:.0f} s")
    sys.exit(0 if right else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.learning.random_jobs", description=__doc__)
    parser.add_argument("--jobs", type=int, default=300, help="in this process")
    parser.add_argument("--stack", type=int, default=6, help="jobs through a stack")
    parser.add_argument("--seconds", type=float, default=3, help="of search, for each of those")
    parser.add_argument("--tables", type=int, default=50, help="that coverage is measured on")
    parser.add_argument("--rows", type=int, default=12_000, help="of those; half are held out")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _told(jobs: Iterable[Ended]) -> list[Ended]:
    """Return the jobs, and print those that failed as they end, and how many ended so far."""
    found: list[Ended] = []
    for job in jobs:
        found.append(job)
        if job.failure is not None:
            print(f"{job.name} ({', '.join(job.kinds)}): {job.failure}", flush=True)
        if len(found) % EVERY == 0:
            largest = max(one.difference for one in found)
            print(f"{len(found)} jobs, largest difference {largest:.3g}", flush=True)
    return found


def _summary(jobs: Sequence[Ended]) -> bool:
    good = [job for job in jobs if job.failure is None]
    worst = max(good, key=lambda job: job.difference, default=None)
    print(f"{len(good)} of {len(jobs)} jobs succeeded")
    if worst is not None:
        print(f"largest difference {worst.difference:.3g} ({worst.name}, {worst.members})")
    members = collections.Counter(name for job in good for name in job.members)
    print("in models:", ", ".join(f"{name} {count}" for name, count in members.most_common()))
    _shares("small", good)
    return len(good) == len(jobs)


def _coverage(jobs: Sequence[Ended]) -> bool:
    """Print what large tables say of stated certainty, and tell whether it is as stated."""
    good = [job for job in jobs if job.failure is None]
    intervals = [job for job in good if job.task == "regression"]
    off = [
        _shares("all", good),
        _shares("sets", [job for job in good if job.task != "regression"]),
        _shares("intervals", intervals),
    ]
    print(f"{sum(job.scaled for job in intervals)} of {len(intervals)} fit the spread")
    return len(good) == len(jobs) and max(off) <= MOST_OFF


def _shares(what: str, jobs: Sequence[Ended]) -> float:
    """Print stated and covered shares; return how far the mean is off at most."""
    found: dict[float, list[float]] = collections.defaultdict(list)
    for job in jobs:
        for one in job.certainty:
            found[one["level"]].append(one["covered"])
    off = 0.0
    for level, shares in sorted(found.items()):
        mean = statistics.mean(shares)
        worst = max(shares, key=lambda share: abs(share - level))
        off = max(off, abs(mean - level))
        print(
            f"{what}: stated {level:.0%}, held the truth in {mean:.2%} of the rows of "
            f"{len(shares)} tables, worst {worst:.2%}"
        )
    return off


if __name__ == "__main__":
    main()
