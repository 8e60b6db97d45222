"""The records that an upsert may change, by their keys: in a file of their own, not in memory."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec

from functions.datasets.model.cells import Value
from functions.datasets.model.dataset import Record
from functions.datasets.service.imports.plans import Before, encode
from functions.kit.contract.errors import Flaw


class Match(NamedTuple):
    """A record of a key, and the row of the file that came for it already; 0 for none."""

    record: str
    before: Before
    row: int


class Known:
    """Finds records by key.

    Args:
        database: an empty one, for this alone.
        key: the columns that tell records apart.
    """

    def __init__(self, database: sqlite3.Connection, key: Sequence[str]) -> None:
        self._database = database
        self._key = key
        database.execute("CREATE TABLE known (key BLOB PRIMARY KEY, id, version, vals, row)")

    def key_of(self, values: dict[str, Value]) -> bytes | None:
        """Return the key of some values; None where a part of it is missing."""
        parts = [values.get(name) for name in self._key]
        return None if None in parts else encode(parts)

    def load(self, records: Iterable[Record]) -> Flaw | None:
        """Take in the records of a dataset; say which two of them have one key, if two have.

        Those in which a part of the key is missing are no row's.
        """
        for record in records:
            key = self.key_of(record.values)
            if key is None:
                continue
            kept = (key, record.id, record.version, encode(record.values), 0)
            if not self._put(kept):
                [other] = self._database.execute("SELECT id FROM known WHERE key = ?", (key,))
                return Flaw(
                    f"records {other[0]} and {record.id} have the same key; choose a key that "
                    "tells all records apart",
                    column=", ".join(self._key),
                )
        return None

    def find(self, key: bytes) -> Match | None:
        """Return what there is of a key."""
        query = "SELECT id, version, vals, row FROM known WHERE key = ?"
        found = self._database.execute(query, (key,)).fetchone()
        if found is None:
            return None
        record, version, values, row = found
        return Match(record, Before(version, msgspec.msgpack.decode(values)), row)

    def note(self, key: bytes, row: int) -> None:
        """Note that a row of the file came for a key."""
        if not self._put((key, "", 0, encode({}), row)):
            self._database.execute("UPDATE known SET row = ? WHERE key = ?", (row, key))

    def _put(self, kept: tuple[Any, ...]) -> bool:
        cursor = self._database.execute("INSERT OR IGNORE INTO known VALUES (?, ?, ?, ?, ?)", kept)
        return cursor.rowcount == 1


@contextmanager
def known(key: Sequence[str]) -> Iterator[Known]:
    """Open an empty one; its file goes with the block."""
    # An empty name is a temporary file of SQLite's own, which it removes; it need not be durable.
    database = sqlite3.connect("", isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        yield Known(database, key)
    finally:
        database.close()
