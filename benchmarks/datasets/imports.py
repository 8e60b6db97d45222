"""How fast a file becomes records, beside Google's own client that writes the same documents.

``python -m benchmarks.datasets.imports [--rows 100000] [--rounds 2]``

Ours is timed from the first byte of the upload to the dataset that is ready: with checks, types and
the table for lists. The client has its documents at hand, and writes them to the same emulator, in
batches of 500, one after the other, and by its BulkWriter without its throttle.
"""

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pyarrow as pa

from benchmarks.datasets.loading import load, table_of
from benchmarks.prediction.stack import Mayfly
from benchmarks.stack import Stack, end_in_order, own_stack

WANTED = 1.0  # times the client's rate
BATCH = 500
PROJECT = "mayfly-local"
Documents = list[tuple[str, dict[str, Any]]]


def documents_of(table: pa.Table) -> Documents:
    """Return the documents that an import makes of a table, by their ids."""
    rows = table.to_pylist()
    return [(f"{number:09d}", {"version": 1, "values": row}) for number, row in enumerate(rows, 1)]


def by_batches(client: Any, collection: Any, documents: Documents) -> None:
    """Write documents in batches, one after the other."""
    for begin in range(0, len(documents), BATCH):
        batch = client.batch()
        for name, fields in documents[begin : begin + BATCH]:
            batch.set(collection.document(name), fields)
        batch.commit()


def by_bulk_writer(client: Any, collection: Any, documents: Documents) -> None:
    """Write documents by the BulkWriter, as fast as it can."""
    from google.cloud.firestore_v1 import bulk_writer  # noqa: PLC0415 - beside the client

    unthrottled = bulk_writer.BulkWriterOptions(10**7, 10**7)
    writer = client.bulk_writer(unthrottled)
    for name, fields in documents:
        writer.set(collection.document(name), fields)
    writer.close()


WAYS: dict[str, Callable[[Any, Any, Documents], None]] = {
    "batches of 500": by_batches,
    "BulkWriter": by_bulk_writer,
}


@contextlib.contextmanager
def started() -> Iterator[Stack]:
    """Start a Mayfly of its own, and point the client to its Firestore."""
    with own_stack() as stack:
        os.environ["FIRESTORE_EMULATOR_HOST"] = stack.address("FIRESTORE")
        yield stack


def measured(client: Any, documents: Documents) -> dict[str, float]:
    """Return the rows per second of each way of the client's."""
    rates: dict[str, float] = {}
    for name, write in WAYS.items():
        collection = client.collection(f"measured/{uuid4().hex}/records")
        begun = time.perf_counter()
        write(client, collection, documents)
        rates[name] = len(documents) / (time.perf_counter() - begun)
        found = collection.count().get()[0][0].value
        if found != len(documents):
            sys.exit(f"{name}: {found} documents are there, not {len(documents)}")
    return rates


def run(stack: Stack, rows: int, rounds: int) -> bool:
    """Measure in turns; tell whether ours is as fast as the fastest of theirs."""
    from google.cloud import firestore  # noqa: PLC0415 - where its emulator is known

    mayfly = Mayfly(stack.gateway_url, stack.key, stack.password)
    load(mayfly, 2_000, "warm")
    client = firestore.Client(project=PROJECT)
    documents = documents_of(table_of(rows))
    ours: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in WAYS}
    for number in range(rounds):
        ours.append(rows / load(mayfly, rows, f"rows-{number}")[1])
        for name, rate in measured(client, documents).items():
            theirs[name].append(rate)
        told = ", ".join(f"{name} {found[-1]:,.0f}" for name, found in theirs.items())
        print(f"rows/s: ours {ours[-1]:,.0f}; {told}", flush=True)
    best = max(max(found) for found in theirs.values())
    ratio = max(ours) / best
    good = ratio >= WANTED
    print(f"best of {rounds}: {ratio:.2f} x the client (wanted >= 1): {'ok' if good else 'BELOW'}")
    return good


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    end_in_order()
    with started() as stack:
        good = run(stack, given.rows, given.rounds)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
