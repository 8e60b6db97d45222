"""Parity and coverage over many random tables: `python -m benchmarks.learning.random_jobs`.

Each table is uploaded and trained on, as users do. Printed are the jobs that failed and why, the
largest difference between ONNX and what was fitted, and how often sets and intervals held the
truth.
"""

import argparse
import collections
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.learning.calls import ENDED, PAUSE, Calls
from benchmarks.learning.random_tables import RandomTable, make
from benchmarks.stack import Stack, end_in_order

AT_ONCE = 8
LONGEST = 900.0  # seconds without any job that ends
MOST_OFF = 0.02


def main() -> None:
    """Run the jobs, print what came of them, and end with 1 where one failed or coverage is off."""
    options = _options()
    end_in_order()
    with tempfile.TemporaryDirectory(prefix="mayfly-benchmark-") as home:
        stack = Stack(Path(home))
        try:
            stack.up()
            with stack.client() as client:
                seeds = range(options.seed, options.seed + options.jobs)
                rows = (options.rows // 2, options.rows)
                tables = (make(seed, rows) for seed in seeds)
                jobs = list(_run(Calls(client), tables, options.seconds))
        finally:
            stack.down()
    sys.exit(0 if _summary(jobs) else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.learning.random_jobs", description=__doc__)
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--rows", type=int, default=600, help="of the largest table")
    parser.add_argument("--seconds", type=float, default=3, help="of search, for each")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _run(calls: Calls, tables: Iterator[RandomTable], seconds: float) -> Iterator[dict[str, Any]]:
    """Keep some jobs running, and yield each when it has ended."""
    running: dict[str, RandomTable] = {}
    moved = time.monotonic()
    for table in tables:
        running[_begin(calls, table, seconds)] = table
        while len(running) >= AT_ONCE:
            for job in _ended(calls, running):
                moved = time.monotonic()
                yield job
            _check(moved, running)
    while running:
        for job in _ended(calls, running):
            moved = time.monotonic()
            yield job
        _check(moved, running)


def _check(moved: float, running: dict[str, RandomTable]) -> None:
    if time.monotonic() - moved > LONGEST:
        sys.exit(f"no job ended for {LONGEST:g} s; running: {', '.join(running)}")
    time.sleep(PAUSE)


def _begin(calls: Calls, table: RandomTable, seconds: float) -> str:
    calls.upload(table.name, table.content)
    return calls.begin(dataset=table.name, target="y", seconds=seconds, task=table.task)


def _ended(calls: Calls, running: dict[str, RandomTable]) -> list[dict[str, Any]]:
    found = []
    for name in list(running):
        job = calls.job(name)
        if job["state"] in ENDED:
            table = running.pop(name)
            found.append(job | {"kinds": table.kinds, "name": table.name})
            _tell(found[-1])
    return found


def _tell(job: dict[str, Any]) -> None:
    if job["state"] != "succeeded":
        print(f"{job['name']} ({', '.join(job['kinds'])}): {job['failure']}", flush=True)


def _summary(jobs: list[dict[str, Any]]) -> bool:
    good = [job for job in jobs if job["state"] == "succeeded"]
    gaps = [job["evaluation"]["parity"]["max_difference"] for job in good]
    print(
        f"{len(good)} of {len(jobs)} jobs succeeded; largest difference {max(gaps, default=0):.3g}"
    )
    print("best:", collections.Counter(_algorithm(job) for job in good).most_common())
    off = 0.0
    for level, shares in sorted(_coverages(good).items()):
        mean = statistics.mean(shares)
        off = max(off, abs(mean - level))
        print(f"stated {level:.0%}: the truth was within {mean:.2%} of {len(shares)} tables' rows")
    return len(good) == len(jobs) and off <= MOST_OFF


def _algorithm(job: dict[str, Any]) -> str:
    candidate: str = job["candidates"][job["best"]]["algorithm"]
    return candidate


def _coverages(jobs: list[dict[str, Any]]) -> dict[float, list[float]]:
    """Return by stated level the shares of held-out rows, one for each job that measured it."""
    found: dict[float, list[float]] = collections.defaultdict(list)
    for job in jobs:
        for one in job["evaluation"].get("certainty", []):
            found[one["level"]].append(one["covered"])
    return found


if __name__ == "__main__":
    main()
