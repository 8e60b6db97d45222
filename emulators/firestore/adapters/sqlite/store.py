"""The durable store: one SQLite file with a write-ahead log.

SQLite appends each commit to the log; `sync` puts the log on disk, for any number of commits at
once. After a loss of power SQLite reads the log up to the last commit that is whole.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any

from emulators.firestore.adapters.sqlite.disk import WriteAheadLog, is_full
from emulators.firestore.adapters.sqlite.history import SqliteHistory
from emulators.firestore.adapters.sqlite.indexes import SqliteIndexes
from emulators.firestore.adapters.sqlite.row_ids import SqliteRowIds
from emulators.firestore.adapters.sqlite.schema import open_database
from emulators.firestore.adapters.sqlite.staging import SqliteStaging
from emulators.firestore.model import paths
from emulators.firestore.model.errors import ResourceExhaustedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from emulators.firestore.model.filters import Interval
    from emulators.firestore.model.plan import Index
    from emulators.firestore.model.rows import Change, Entry, PriorVersion, Receipt

FILE = "firestore.sqlite3"
_LAST_COMMIT = (
    "SELECT max(last_commit, coalesce((SELECT max(time) FROM past WHERE database = id), 0))"
    " FROM database WHERE name = ?"
)
_SET_LAST_COMMIT = "UPDATE database SET last_commit = ? WHERE id = ?"
_UPSERT = (
    "INSERT INTO document (collection, key, body) VALUES (?, ?, ?)"
    " ON CONFLICT (collection, key) DO UPDATE SET body = excluded.body"
)
_DELETE = "DELETE FROM document WHERE collection = ? AND key = ?"
_PAGE = "SELECT key, body FROM document WHERE collection = ? AND key >= ?{} ORDER BY key{} LIMIT ?"
_CLEAR = """
UPDATE database SET last_commit = :time WHERE id = :database;
CREATE TEMPORARY TABLE doomed AS SELECT id FROM collection WHERE database = :database;
INSERT INTO past (database, time, key, before)
    SELECT :database, :time, key, body FROM document
    WHERE collection IN (SELECT id FROM doomed);
DELETE FROM entry WHERE field_index IN
    (SELECT id FROM field_index WHERE collection IN (SELECT id FROM doomed));
DELETE FROM field_index WHERE collection IN (SELECT id FROM doomed);
DELETE FROM document WHERE collection IN (SELECT id FROM doomed);
DROP TABLE doomed;
"""


class SqliteStore:
    """See `Store`.

    Args:
        folder: Where the file is; made if it is missing.

    Raises:
        OSError, sqlite3.Error, ValueError: The file cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._connection = open_database(str(folder / FILE))
        self._log = WriteAheadLog(folder / f"{FILE}-wal")
        self._row_ids = SqliteRowIds(self._connection)
        self._indexes = SqliteIndexes(self._connection)
        self._history = SqliteHistory(self._connection)
        self._staging = SqliteStaging(self._connection)
        self._last_commits: dict[str, int] = {}

    def databases(self) -> list[str]:
        """See `Store.databases`."""
        rows = self._connection.execute("SELECT name FROM database ORDER BY name")
        return [name for (name,) in rows]

    def last_commit(self, database: str) -> int:
        """See `Store.last_commit`."""
        if database not in self._last_commits:
            row = self._one(_LAST_COMMIT, database)
            if row is None:
                return 0
            self._last_commits[database] = int(row[0])
        return self._last_commits[database]

    def reserved(self) -> int:
        """See `Store.reserved`."""
        row = self._one("SELECT reserved FROM clock")
        return 0 if row is None else int(row[0])

    def reserve(self, time: int) -> None:
        """See `Store.reserve`."""
        with self._transaction():
            self._connection.execute("INSERT OR REPLACE INTO clock VALUES (0, ?)", (time,))
        self.sync()

    def commit(
        self, database: str, time: int, changes: Sequence[Change], receipt: Receipt | None = None
    ) -> None:
        """See `Store.commit`."""
        with self._transaction():
            number = self._row_ids.make_database(database)
            if not changes:  # otherwise `past` tells of the commit, and a page less is written
                self._connection.execute(_SET_LAST_COMMIT, (time, number))
            self._history.add(number, time, changes, receipt)
            by_collection = groupby(changes, key=lambda change: paths.collection_of(change.key))
            for key, group in by_collection:
                self._change(self._row_ids.make_collection(number, key), list(group))
        self._last_commits[database] = time

    def receipt(self, database: str, transaction: bytes) -> Receipt | None:
        """See `Store.receipt`."""
        return self._history.receipt(self._row_ids.database(database), transaction)

    def _change(self, collection: int, changes: list[Change]) -> None:
        self._indexes.remove(collection, changes)
        kept = [(collection, one.key, one.after) for one in changes if one.after is not None]
        if kept:
            self._connection.executemany(_UPSERT, kept)
        gone = [(collection, one.key) for one in changes if one.after is None]
        if gone:
            self._connection.executemany(_DELETE, gone)
        self._indexes.add(collection, changes)

    def sync(self) -> None:
        """See `Store.sync`."""
        try:
            self._log.sync()
        except OSError as error:
            if is_full(error, self._folder):
                raise ResourceExhaustedError(
                    f"The disk of {self._folder} is full; what was written may not last."
                ) from error
            raise

    def stage(self, database: str, documents: Iterable[tuple[bytes, bytes]]) -> None:
        """See `Store.stage`."""
        with self._transaction():
            self._staging.add(
                database, ((paths.collection_of(key), key, body) for key, body in documents)
            )

    def adopt(self, times: Mapping[str, int]) -> None:
        """See `Store.adopt`: the indexes of the collections are dropped, to be made anew."""
        with self._transaction():
            for name, time in times.items():
                database = self._row_ids.make_database(name)
                self._connection.execute(_SET_LAST_COMMIT, (time, database))
                for key in self._staging.collections(name):
                    collection = self._row_ids.make_collection(database, key)
                    self._indexes.drop(collection)
                    self._staging.place(name, key, database, collection, time)
            self._staging.drop()
        self._last_commits.update(times)

    def drop_staged(self) -> None:
        """See `Store.drop_staged`."""
        self._staging.drop()

    def clear(self, database: str, time: int) -> list[bytes]:
        """See `Store.clear`."""
        with self._transaction():
            number = self._row_ids.make_database(database)
            for statement in _CLEAR.split(";")[:-1]:
                self._connection.execute(statement, {"database": number, "time": time})
        self._forget_cached()
        self._last_commits[database] = time
        rows = self._connection.execute(
            "SELECT key FROM past WHERE database = ? AND time = ? ORDER BY key", (number, time)
        )
        return [key for (key,) in rows]

    def get(self, database: str, key: bytes) -> bytes | None:
        """See `Store.get`."""
        collection = self._collection(database, paths.collection_of(key))
        row = self._one(
            "SELECT body FROM document WHERE collection = ? AND key = ?", collection, key
        )
        return None if row is None else bytes(row[0])

    def page(
        self, database: str, collection: bytes, interval: Interval, limit: int, *, reverse: bool
    ) -> list[tuple[bytes, bytes]]:
        """See `Store.page`."""
        low, high = interval
        query = _PAGE.format(" AND key < ?" if high is not None else "", " DESC" if reverse else "")
        bounds = (low,) if high is None else (low, high)
        number = self._collection(database, collection)
        return self._connection.execute(query, (number, *bounds, limit)).fetchall()

    def holds_more_than(self, database: str, collection: bytes, count: int) -> bool:
        """See `Store.holds_more_than`."""
        number = self._collection(database, collection)
        query = "SELECT 1 FROM document WHERE collection = ? LIMIT 1 OFFSET ?"
        return self._one(query, number, count) is not None

    def collections(self, database: str, interval: Interval) -> list[bytes]:
        """See `Store.collections`."""
        low, high = interval
        rows = self._connection.execute(
            "SELECT key FROM collection WHERE database = ? AND key >= ?"
            " AND (?3 IS NULL OR key < ?3) ORDER BY key",
            (self._row_ids.database(database), low, high),
        )
        return [key for (key,) in rows]

    def since(self, database: str, time: int, most: int | None = None) -> list[PriorVersion]:
        """See `Store.since`."""
        return self._history.since(self._row_ids.database(database), time, most)

    def first_after(self, database: str, time: int, key: bytes) -> PriorVersion | None:
        """See `Store.first_after`."""
        return self._history.first_after(self._row_ids.database(database), time, key)

    def first_of_each_after(
        self, database: str, time: int, interval: Interval
    ) -> list[PriorVersion]:
        """See `Store.first_of_each_after`."""
        return self._history.first_of_each_after(self._row_ids.database(database), time, interval)

    def index_page(
        self, database: str, collection: bytes, index: Index, interval: Interval, limit: int
    ) -> list[Entry]:
        """See `Store.index_page`."""
        number = self._collection(database, collection)
        for _ in self.make_index(database, collection, index):
            pass  # whoever cannot wait makes it in one go
        return self._indexes.page(number, index, interval, limit)

    def has_index(self, database: str, collection: bytes, index: Index) -> bool:
        """See `Store.has_index`."""
        return self._indexes.has(self._collection(database, collection), index)

    def make_index(self, database: str, collection: bytes, index: Index) -> Iterator[None]:
        """See `Store.make_index`."""
        number = self._collection(database, collection)
        while not self._indexes.has(number, index):
            with self._transaction():
                self._indexes.make_some(number, index)
            yield

    def forget(self, database: str, time: int) -> None:
        """See `Store.forget`."""
        number = self._row_ids.database(database)
        if not self._history.reaches_back_to(number, time):
            return
        with self._transaction():
            self._connection.execute(_SET_LAST_COMMIT, (self.last_commit(database), number))
            self._history.forget(number, time)

    def close(self) -> None:
        """See `Store.close`."""
        self._log.close()
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._forget_cached()
            if is_full(error, self._folder):
                raise ResourceExhaustedError(
                    f"The disk of {self._folder} is full; nothing was written."
                ) from error
            raise

    def _forget_cached(self) -> None:
        """Drop what is known of rows that a rolled back transaction may have made."""
        self._row_ids.forget_cached()
        self._last_commits.clear()
        self._indexes.forget_cached()

    def _collection(self, database: str, key: bytes) -> int:
        return self._row_ids.collection(self._row_ids.database(database), key)

    def _one(self, query: str, *values: object) -> Any:
        return self._connection.execute(query, values).fetchone()
