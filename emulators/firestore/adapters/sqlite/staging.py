"""Documents put aside in SQLite, some at a time, to take their places all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_STAGE = "INSERT OR REPLACE INTO staged (database, collection, key, body) VALUES (?, ?, ?, ?)"
_NOTE = """
INSERT INTO past (database, time, key, before)
    SELECT :database, :time, staged.key, document.body FROM staged LEFT JOIN document
    ON document.collection = :collection AND document.key = staged.key
    WHERE staged.database = :name AND staged.collection = :of
"""
_PLACE = """
INSERT INTO document (collection, key, body)
    SELECT :collection, key, body FROM staged WHERE database = :name AND staged.collection = :of
    ORDER BY key
    ON CONFLICT (collection, key) DO UPDATE SET body = excluded.body
"""


class SqliteStaging:
    """The documents put aside on one connection; the caller opens transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, database: str, documents: Iterable[tuple[bytes, bytes, bytes]]) -> None:
        """Put documents aside, as (collection, key, body)."""
        self._connection.executemany(_STAGE, ((database, *one) for one in documents))

    def collections(self, database: str) -> list[bytes]:
        """Return the collections of a database that have documents put aside."""
        rows = self._connection.execute(
            "SELECT DISTINCT collection FROM staged WHERE database = ?", (database,)
        )
        return [key for (key,) in rows]

    def place(self, name: str, of: bytes, database: int, collection: int, time: int) -> None:
        """Put the documents of a collection in place, and what they replace in the past.

        Args:
            name: The database.
            of: The collection, as it was put aside.
            database: The number of the database.
            collection: The number of the collection.
            time: Of the commit.
        """
        values = {"name": name, "of": of, "time": time}
        numbers = {"database": database, "collection": collection}
        for statement in (_NOTE, _PLACE):
            self._connection.execute(statement, values | numbers)

    def drop(self) -> None:
        """Forget all that was put aside."""
        self._connection.execute("DELETE FROM staged")
