"""Records in memory, for tests without Firestore."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec

from functions.datasets.adapters.memory_datasets import MemoryDatabase
from functions.datasets.model import limits
from functions.datasets.model.cells import Value
from functions.datasets.model.dataset import FIRST_VERSION, Record, record_id
from functions.datasets.model.filters import Condition
from functions.datasets.model.visible import Before, Kept, View
from functions.datasets.service.ports import Moment
from functions.kit.contract.errors import NotFound, not_found
from functions.kit.contract.names import is_name
from functions.kit.contract.workspaces import Place


class MemoryRecords:
    """A RecordStore of one process."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def read(
        self,
        place: Place,
        *,
        after: str | None = None,
        equal: Sequence[Condition] = (),
        moment: Moment | None = None,
        page: int = 5_000,
    ) -> Iterator[Record]:
        """See RecordStore; a page is read at once, and the next one when it is asked for."""
        while True:
            found = self._page(place, after, equal, moment)
            part = found[:page]
            yield from part
            if len(part) < page:
                return
            after = part[-1].id

    def _page(
        self, place: Place, after: str | None, equal: Sequence[Condition], moment: Moment | None
    ) -> list[Record]:
        at, view = moment or Moment()
        try:
            records = self._database.entry(place, at).records
        except NotFound:
            return []
        shown = [
            view.of(records[key])
            for key in sorted(records)
            if key > (after or "") and view.holds(key)
        ]
        return [record for record in shown if all(one.is_stored(record.values) for one in equal)]

    def get(self, place: Place, record_id: str, moment: Moment | None = None) -> Record | None:
        """See RecordStore."""
        if not is_name(record_id):
            raise not_found("record", record_id)
        found = self._page(place, None, (), Moment(None, (moment or Moment()).view))
        return next((record for record in found if record.id == record_id), None)

    def to_writes(self, _: Place, rows: Iterable[tuple[int, dict[str, Value]]]) -> list[Any]:
        """See RecordStore."""
        return [Record(record_id(row), FIRST_VERSION, values) for row, values in rows]

    def to_changes(
        self, _: Place, changes: Iterable[tuple[Record, Before]], since: int
    ) -> list[Any]:
        """See RecordStore."""
        return [
            Kept(record.id, record.version, record.values, since=since, before=before)
            for record, before in changes
        ]

    def import_batch(
        self, place: Place, writes: Sequence[Any], progress: dict[str, Any], seen: Any
    ) -> Any:
        """See RecordStore."""
        with self._database.lock:
            entry = self._database.guarded(place, seen)
            entry.dataset = msgspec.structs.replace(entry.dataset, **progress)
            entry.records.update({record.id: record for record in writes})
            return self._database.commit(place, entry)

    def undo_batch(self, place: Place, after: str, revision: int, seen: Any) -> tuple[int, Any]:
        """See RecordStore."""
        with self._database.lock:
            entry = self._database.guarded(place, seen)
            written = [
                record
                for key, record in entry.records.items()
                if key > after or (isinstance(record, Kept) and record.since == revision)
            ][: limits.BATCH]
            for record in written:
                if record.id > after:
                    del entry.records[record.id]
                else:
                    entry.records[record.id] = View(revision=revision - 1).of(record)
            entry.dataset.updated_at += dt.timedelta(microseconds=1)
            return len(written), self._database.commit(place, entry)

    def remove_before(self, place: Place, first: str) -> int:
        """See RecordStore."""
        with self._database.lock:
            entry = self._database.entry(place)
            old = sorted(key for key in entry.records if key < first)[: limits.BATCH]
            for key in old:
                del entry.records[key]
            if old:
                self._database.commit(place, entry)
            return len(old)

    def remove_batch(self, place: Place, now: dt.datetime, seen: Any) -> tuple[int, Any]:
        """See RecordStore."""
        with self._database.lock:
            entry = self._database.guarded(place, seen)
            count = 0
            for kept in (entry.records, entry.requests, entry.imports):
                for key in list(islice(kept, limits.BATCH - count)):
                    del kept[key]
                    count += 1
            entry.dataset.updated_at = now
            return count, self._database.commit(place, entry)
