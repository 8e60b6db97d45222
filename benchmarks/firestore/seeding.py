"""Fills a folder with documents, faster than over the wire."""

from pathlib import Path
from typing import Any

from google.cloud.firestore_v1 import types

from benchmarks.firestore.documents import BATCH, DATABASE
from emulators.firestore.adapters.sqlite.store import SqliteStore
from emulators.firestore.service.catalog import Catalog


def fill(folder: Path, collections: dict[str, int], padding: int = 0) -> None:
    """Store so many documents in each collection, each with `padding` further bytes."""
    store = SqliteStore(folder)
    database = Catalog(store).get(DATABASE)
    for name, count in collections.items():
        for begin in range(0, count, BATCH):
            numbers = range(begin, min(begin + BATCH, count))
            database.commit([write(name, number, padding) for number in numbers])
    database.forget_history()
    store.close()


def write(collection: str, number: int, padding: int) -> Any:
    """Return the write of one document."""
    write = types.Write.pb()()
    write.update.name = f"{DATABASE}/documents/{collection}/{number:07}"
    fields = write.update.fields
    fields["name"].string_value = f"passenger {number}"
    fields["age"].integer_value = number % 90
    fields["fare"].double_value = number * 7919 % 10_007 / 7
    fields["padding"].string_value = "x" * padding
    return write
