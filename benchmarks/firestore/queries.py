"""Queries by index: how long they take, and that they do not grow with the collection.

``python -m benchmarks.firestore.queries [--documents 100000] [--rounds 30]``
"""

import argparse
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from benchmarks.firestore.harness import client, emulator, seconds
from benchmarks.firestore.seeding import fill

LIMIT = 20
SLOWEST = 0.010  # seconds
GROWTH = 2.0  # a collection a hundred times larger may take so many times as long


def equality(collection: Any) -> Any:
    return collection.where(filter=FieldFilter("age", "==", 30)).limit(LIMIT).get


def inequality(collection: Any) -> Any:
    return collection.where(filter=FieldFilter("fare", ">", 100)).limit(LIMIT).get


def both(collection: Any) -> Any:
    chosen = collection.where(filter=FieldFilter("age", "==", 30))
    return chosen.order_by("fare", direction="DESCENDING").limit(LIMIT).get


def main() -> None:
    """Measure each query in a small and a large collection, in alternating rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args()
    good = True
    with TemporaryDirectory(prefix="firestore-") as folder:
        fill(Path(folder), {"small": given.documents // 100, "large": given.documents})
        with emulator(Path(folder)) as (address, _):
            firestore = client(address)
            for query in (equality, inequality, both):
                good &= measure(query, firestore, given.rounds)
    sys.exit(0 if good else 1)


def measure(query: Any, firestore: Any, rounds: int) -> bool:
    """Print the medians of a query in both collections; whether they are as wanted."""
    small, large = (query(firestore.collection(name)) for name in ("small", "large"))
    first = seconds(large)
    small()
    pairs = [(seconds(small), seconds(large)) for _ in range(rounds)]
    few, many = (statistics.median(times) for times in zip(*pairs, strict=True))
    good = many < SLOWEST and many < GROWTH * few
    print(
        f"{query.__name__}: {many * 1000:.2f} ms (wanted < {SLOWEST * 1000:.0f}), "
        f"a hundredth of the documents {few * 1000:.2f} ms, "
        f"first time {first * 1000:.0f} ms {'ok' if good else 'BELOW'}",
        flush=True,
    )
    return bool(good)


if __name__ == "__main__":
    main()
