"""Records as they were before the change that is under way, however long that takes.

Stores keep past states for an hour. Afterwards what the change has made so far is taken back in the
reading, by its log. Parts are written with what they tell of, and removed when that is taken back:
so who reads them both before and after the records misses none.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing

import msgspec

from functions.datasets.model.changing.changes import Part, part_id
from functions.datasets.model.dataset import Record
from functions.datasets.service.changing.history_ports import ChangeLog
from functions.datasets.service.ports import DatasetStore, Forgotten, Moment, RecordStore
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away


class PastRecords:
    """The RecordReader that goes on where the store has forgotten a moment."""

    def __init__(self, store: DatasetStore, records: RecordStore, log: ChangeLog) -> None:
        self._store = store
        self._records = records
        self._log = log

    def get(self, place: Place, record_id: str, moment: Moment | None = None) -> Record | None:
        """See RecordReader."""
        try:
            return self._records.get(place, record_id, moment)
        except Forgotten:
            revision = self._revision(place)
        earlier = self._parts_of(place, record_id, revision)
        found = self._records.get(place, record_id)
        parts = [*earlier, *self._parts_of(place, record_id, revision)]
        self._check(place, revision)
        for part in parts:
            if part.made(record_id) or record_id in part.records_made():
                return None
            before = (one for one in part.records_before() if one.id == record_id)
            found = next(before, found)
        return found

    def _parts_of(self, place: Place, record_id: str, revision: int) -> list[Part]:
        begin = part_id(revision + 1)[: -len("0000")]
        ids = [one for one in self._log.of_record(place, record_id) if one.startswith(begin)]
        return [self._log.part(place, one) for one in ids]

    def read(
        self,
        place: Place,
        *,
        after: str | None = None,
        moment: Moment | None = None,
        page: int = 5_000,
    ) -> Iterator[Record]:
        """See RecordReader."""
        try:
            for record in self._records.read(place, after=after, moment=moment, page=page):
                after = record.id
                yield record
        except Forgotten:
            revision = self._revision(place)
            with closing(_TakenBack()) as found:
                found.take_back(self._log.parts(place, revision, revision + 1))
                found.add(self._records.read(place, after=after, page=page))
                found.take_back(self._log.parts(place, revision, revision + 1))
                self._check(place, revision)
                yield from found.after(after)

    def _revision(self, place: Place) -> int:
        return self._store.find(place).dataset.revision

    def _check(self, place: Place, revision: int) -> None:
        """Raise Away when the change has come to its end meanwhile."""
        dataset = self._store.find(place).dataset
        if dataset.revision != revision or dataset.under_way is None:
            raise Away(f"Dataset '{place.name}' was changed meanwhile; try again.")


class _TakenBack:
    """Records in a file of their own: as they are, those that were changed as they were before."""

    def __init__(self) -> None:
        # An empty name is a temporary file of SQLite's own, which it removes.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("BEGIN")
        self._database.execute("CREATE TABLE kept (id PRIMARY KEY, version, vals) WITHOUT ROWID")

    def add(self, records: Iterable[Record]) -> None:
        """Take records as they are; of those that are known what they were stays."""
        rows = ((one.id, one.version, _encode(one.values)) for one in records)
        self._database.executemany("INSERT OR IGNORE INTO kept VALUES (?, ?, ?)", rows)

    def take_back(self, parts: Iterable[Part]) -> None:
        """Let records be what they were before some parts of a change."""
        for part in parts:
            rows = ((one.id, one.version, _encode(one.values)) for one in part.records_before())
            self._database.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", rows)
            made = ((name,) for name in part.records_made())
            self._database.executemany("INSERT OR REPLACE INTO kept VALUES (?, 0, NULL)", made)

    def after(self, record: str | None) -> Iterator[Record]:
        """Yield what there was, in the order of the ids."""
        query = "SELECT * FROM kept WHERE vals IS NOT NULL AND id > ? ORDER BY id"
        for name, version, values in self._database.execute(query, (record or "",)):
            yield Record(name, version, msgspec.msgpack.decode(values))

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


_encode = msgspec.msgpack.Encoder().encode
