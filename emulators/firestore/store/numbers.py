"""The numbers by which rows in SQLite name databases and collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3

_CACHED_COLLECTIONS = 100_000


class SqliteNumbers:
    """The numbers on one connection, remembered; the caller opens transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._databases: dict[str, int] = {}
        self._collections: dict[tuple[int, bytes], int] = {}

    def database(self, name: str) -> int:
        """Returns the number of a database; 0, which no row has, if there is none."""
        if name not in self._databases:
            row = self._one("SELECT id FROM database WHERE name = ?", name)
            if row is None:
                return 0
            self._databases[name] = row[0]
        return self._databases[name]

    def make_database(self, name: str) -> int:
        """Returns the number of a database, which is made if there is none."""
        if not self.database(name):
            self._connection.execute("INSERT INTO database (name) VALUES (?)", (name,))
        return self.database(name)

    def collection(self, database: int, key: bytes) -> int:
        """Returns the number of a collection; 0, which no row has, if there is none."""
        number = self._collections.get((database, key))
        if number is None:
            query = "SELECT id FROM collection WHERE database = ? AND key = ?"
            row = self._one(query, database, key)
            if row is None:
                return 0
            number = int(row[0])
            if len(self._collections) >= _CACHED_COLLECTIONS:
                self._collections.clear()
            self._collections[database, key] = number
        return number

    def make_collection(self, database: int, key: bytes) -> int:
        """Returns the number of a collection, which is made if there is none."""
        if not self.collection(database, key):
            self._connection.execute(
                "INSERT INTO collection (database, key) VALUES (?, ?)", (database, key)
            )
        return self.collection(database, key)

    def forget_cached(self) -> None:
        """Reads again from the file what numbers there are."""
        self._databases.clear()
        self._collections.clear()

    def _one(self, query: str, *values: object) -> Any:
        return self._connection.execute(query, values).fetchone()
