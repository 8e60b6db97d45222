"""Indexes of fields in SQLite: made by the first query that wants one, kept by every commit."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from emulators.firestore.adapters.sqlite.building import IndexBuild
from emulators.firestore.adapters.sqlite.row_ids import CACHED_COLLECTIONS
from emulators.firestore.model.plan import Index, parse_index
from emulators.firestore.model.protocol import Document
from emulators.firestore.model.rows import Change, Entry

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from emulators.firestore.model.filters import Interval

_MOST_INDEXES = 32
_INSERT = (
    "INSERT INTO entry (field_index, entry, document)"
    " SELECT ?, ?, id FROM document WHERE collection = ? AND key = ?"
)
_FROM = (
    "SELECT entry.entry, document.key, document.body"
    " FROM entry CROSS JOIN document ON document.id = entry.document"
    " WHERE field_index = ? AND entry >= ? ORDER BY entry LIMIT ?"
)
_BETWEEN = _FROM.replace(" ORDER", " AND entry < ? ORDER")


class SqliteIndexes:
    """The indexes of all collections on one connection; the caller opens transactions.

    Args:
        connection: Where the tables are.
        cached: Of how many collections the indexes are remembered; those used last are.
    """

    def __init__(self, connection: sqlite3.Connection, cached: int = CACHED_COLLECTIONS) -> None:
        self._connection = connection
        # Of each collection the numbers of its indexes, kept up where it lies in the cache.
        self._of = functools.lru_cache(cached)(self._read)
        self._incomplete: set[int] = set()
        self._builds: dict[int, IndexBuild] = {}

    def has(self, collection: int, index: Index) -> bool:
        """Tell whether an index is there and complete."""
        number = self._of(collection).get(index)
        return number is not None and number not in self._incomplete

    def make_some(self, collection: int, index: Index) -> None:
        """Make a part of an index that is not complete (`has`); other commits keep it up."""
        number = self._of(collection).get(index)
        if number is None:  # it is new, or was dropped between two steps
            number = self._begin(collection, index)
        if number not in self._builds:  # the first step of this run, or one after a rollback
            self._builds[number] = IndexBuild(self._connection, number, collection, index)
        if not self._builds[number].step():
            return
        self._connection.execute("UPDATE field_index SET complete = 1 WHERE id = ?", (number,))
        self._incomplete.discard(number)
        del self._builds[number]

    def _begin(self, collection: int, index: Index) -> int:
        known = self._of(collection)
        if len(known) >= _MOST_INDEXES:
            self._drop(known.pop(next(iter(known))))
        cursor = self._connection.execute(
            "INSERT INTO field_index (collection, columns, complete) VALUES (?, ?, 0)",
            (collection, index.describe()),
        )
        number = known[index] = int(cursor.lastrowid or 0)
        self._incomplete.add(number)
        return number

    def page(self, collection: int, index: Index, interval: Interval, limit: int) -> list[Entry]:
        """Return up to `limit` entries in an interval, sorted."""
        low, high = interval
        number = self._of(collection)[index]
        rows = self._connection.execute(
            _FROM if high is None else _BETWEEN,
            (number, low, limit) if high is None else (number, low, high, limit),
        )
        return [Entry(*row) for row in rows]

    def remove(self, collection: int, changes: Sequence[Change]) -> None:
        """Take out the entries of documents as they were; call before they change."""
        for index, number in self._of(collection).items():
            if build := self._builds.get(number):
                build.note(change.key for change in changes)
            self._connection.executemany(
                "DELETE FROM entry WHERE field_index = ? AND entry = ?",
                (
                    (number, entry)
                    for change in changes
                    for entry in _entries(index, change.key, change.before)
                ),
            )

    def add(self, collection: int, changes: Sequence[Change]) -> None:
        """Put in the entries of documents as they are; call after they changed."""
        for index, number in self._of(collection).items():
            self._connection.executemany(
                _INSERT,
                (
                    (number, entry, collection, change.key)
                    for change in changes
                    for entry in _entries(index, change.key, change.after)
                ),
            )

    def drop(self, collection: int) -> None:
        """Drop all indexes of a collection."""
        known = self._of(collection)
        for number in known.values():
            self._drop(number)
        known.clear()

    def forget_cached(self) -> None:
        """Read again from the file what indexes there are."""
        self._of.cache_clear()
        self._incomplete.clear()
        self._builds.clear()

    def _read(self, collection: int) -> dict[Index, int]:
        rows = self._connection.execute(
            "SELECT columns, id, complete FROM field_index WHERE collection = ? ORDER BY id",
            (collection,),
        ).fetchall()
        self._incomplete.update(number for _, number, complete in rows if not complete)
        return {parse_index(columns): number for columns, number, _ in rows}

    def _drop(self, number: int) -> None:
        self._incomplete.discard(number)
        self._builds.pop(number, None)
        self._connection.execute("DELETE FROM field_index WHERE id = ?", (number,))
        self._connection.execute("DELETE FROM entry WHERE field_index = ?", (number,))


def _entries(index: Index, key: bytes, body: bytes | None) -> Iterator[bytes]:
    if body is not None:
        yield from index.entries(Document.FromString(body).fields, key)
