"""How long snapshots take: the first of a revision, and those after edits.

``python -m benchmarks.datasets.snapshots [--rows 1000000]``
"""

import argparse
import sys
import time
from typing import Any

from benchmarks.datasets.loading import load
from benchmarks.prediction.stack import Mayfly, running

WANTED = 2.0  # seconds, for 100,000 rows


def snapshot(mayfly: Mayfly, dataset: str) -> tuple[float, Any]:
    """Make a snapshot; return how long that took, and its document."""
    begun = time.perf_counter()
    answer = mayfly.call("POST", f"datasets/datasets/{dataset}/snapshots")
    return time.perf_counter() - begun, answer.json()


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    given = parser.parse_args()
    with running() as mayfly:
        dataset, seconds = load(mayfly, given.rows)
        print(f"imported {given.rows:,} rows in {seconds:.1f} s", flush=True)
        first, made = snapshot(mayfly, dataset)
        print(f"snapshot of {made['rows']:,} rows: {first:.2f} s", flush=True)
        path = f"datasets/datasets/{dataset}/records/000000007"
        mayfly.call("PATCH", path, json={"values": {"stock": 1}})
        second, made = snapshot(mayfly, dataset)
        print(f"after an edit (revision {made['revision']}): {second:.2f} s", flush=True)
    good = max(first, second) < WANTED or given.rows > 100_000
    print(f"wanted < {WANTED:.0f} s for 100,000 rows: {'ok' if good else 'ABOVE'}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
