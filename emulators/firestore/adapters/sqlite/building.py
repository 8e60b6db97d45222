"""Makes an index of documents that are there already, step by step.

Entries are gathered from documents, which come by their names, and put in by their own order. Put
in as they come they would hit every page of the index in every step, and each page would be written
as often as there are steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.firestore.model.protocol import Document

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from emulators.firestore.model.plan import Index

_READ_AT_A_TIME, _PUT_AT_A_TIME = 500, 5_000
_GATHERED = 25_000
"""So many entries are held in memory, about 400 bytes each."""
_SOME = "SELECT id, key, body FROM document WHERE collection = ? AND key > ? ORDER BY key LIMIT ?"


class IndexBuild:
    """One index while it is made.

    Args:
        connection: Where the tables are; the caller opens transactions.
        number: Of the index.
        collection: The number of its collection.
        index: Its columns.
    """

    def __init__(
        self, connection: sqlite3.Connection, number: int, collection: int, index: Index
    ) -> None:
        self._connection = connection
        self._number = number
        self._collection = collection
        self._index = index
        self._place: bytes | None = b""  # the key of the last document read; None after the last
        self._gathered: list[tuple[bytes, int, bytes]] = []  # entry, document, its key
        self._putting = False
        self._changed: set[bytes] = set()

    def note(self, keys: Iterable[bytes]) -> None:
        """Know documents that a commit changes: it puts in their entries itself."""
        self._changed.update(keys)

    def step(self) -> bool:
        """Do a little; return whether the index is complete."""
        if self._putting:
            self._put()
        elif self._place is not None:
            self._read(self._place)
        return self._place is None and not self._gathered

    def _read(self, place: bytes) -> None:
        asked = (self._collection, place, _READ_AT_A_TIME)
        rows = self._connection.execute(_SOME, asked).fetchall()
        entries = self._index.entries
        self._gathered += [
            (entry, document, key)
            for document, key, body in rows
            for entry in entries(Document.FromString(body).fields, key)
        ]
        self._place = bytes(rows[-1][1]) if len(rows) == _READ_AT_A_TIME else None
        if self._place is None or len(self._gathered) >= _GATHERED:
            self._gathered.sort(reverse=True)  # taken from the end
            self._putting = True

    def _put(self) -> None:
        some = self._gathered[: -_PUT_AT_A_TIME - 1 : -1]
        del self._gathered[-_PUT_AT_A_TIME:]
        self._connection.executemany(
            "INSERT OR REPLACE INTO entry VALUES (?, ?, ?)",
            (
                (self._number, entry, document)
                for entry, document, key in some
                if key not in self._changed
            ),
        )
        if not self._gathered:
            self._putting = False
            self._changed.clear()
