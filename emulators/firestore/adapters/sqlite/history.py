"""What commits replaced, in SQLite: by time, and by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.firestore.model.rows import PriorVersion, Receipt

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from emulators.firestore.model.filters import Interval
    from emulators.firestore.model.rows import Change

_ADD = "INSERT INTO past (database, time, key, before) VALUES (?, ?, ?, ?)"
_SINCE = (
    "SELECT time, key, before FROM past WHERE database = ? AND time > ? ORDER BY time, key LIMIT ?"
)
_FIRST_AFTER = (
    "SELECT time, key, before FROM past WHERE database = ? AND key = ? AND time > ?"
    " ORDER BY time LIMIT 1"
)
# Steps from key to key, so that it takes no longer where one key changed many times.
_FIRST_OF_EACH_AFTER = """
WITH RECURSIVE touched (key) AS (
    SELECT min(key) FROM past WHERE database = :database AND key >= :low AND key < :high
    UNION ALL
    SELECT (SELECT min(key) FROM past
        WHERE database = :database AND key > touched.key AND key < :high)
    FROM touched WHERE touched.key IS NOT NULL
)
SELECT past.time, past.key, past.before FROM touched CROSS JOIN past
    ON past.database = :database AND past.key = touched.key AND past.time =
    (SELECT min(time) FROM past
        WHERE database = :database AND key = touched.key AND time > :time)
"""
_LAST_KEY = b"\xff"  # above every key: they begin with a tag
_ANY_UNTIL = "SELECT 1 FROM past WHERE database = ? AND time <= ? LIMIT 1"
_FORGET = (
    "DELETE FROM past WHERE database = ? AND time <= ?",
    "DELETE FROM receipt WHERE database = ? AND time <= ?",
)
_ADD_RECEIPT = "INSERT INTO receipt (database, time, id, request, answer) VALUES (?, ?, ?, ?, ?)"
_RECEIPT = "SELECT id, request, answer FROM receipt WHERE database = ? AND id = ?"


class SqliteHistory:
    """The history of all databases on one connection, by their numbers."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(
        self, database: int, time: int, changes: Iterable[Change], receipt: Receipt | None
    ) -> None:
        """Note what a commit replaces, and its receipt."""
        rows = [(database, time, change.key, change.before) for change in changes]
        self._connection.executemany(_ADD, rows)
        if receipt is not None:
            self._connection.execute(_ADD_RECEIPT, (database, time, *receipt))

    def receipt(self, database: int, transaction: bytes) -> Receipt | None:
        """See `Store.receipt`."""
        row = self._connection.execute(_RECEIPT, (database, transaction)).fetchone()
        return None if row is None else Receipt(*row)

    def since(self, database: int, time: int, most: int | None) -> list[PriorVersion]:
        """See `Store.since`."""
        rows = self._connection.execute(_SINCE, (database, time, -1 if most is None else most))
        return [PriorVersion(*row) for row in rows]

    def first_after(self, database: int, time: int, key: bytes) -> PriorVersion | None:
        """See `Store.first_after`."""
        row = self._connection.execute(_FIRST_AFTER, (database, key, time)).fetchone()
        return None if row is None else PriorVersion(*row)

    def first_of_each_after(
        self, database: int, time: int, interval: Interval
    ) -> list[PriorVersion]:
        """See `Store.first_of_each_after`."""
        low, high = interval
        bounds = {"low": low, "high": _LAST_KEY if high is None else high}
        asked = {"database": database, "time": time, **bounds}
        return [PriorVersion(*row) for row in self._connection.execute(_FIRST_OF_EACH_AFTER, asked)]

    def reaches_back_to(self, database: int, time: int) -> bool:
        """Tell whether there is something to forget."""
        return self._connection.execute(_ANY_UNTIL, (database, time)).fetchone() is not None

    def forget(self, database: int, time: int) -> None:
        """Drop what commits at or before a time replaced, and their receipts."""
        for statement in _FORGET:
            self._connection.execute(statement, (database, time))
