"""Records in memory, for tests without Firestore."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec

from functions.datasets.adapters.memory.datasets import MemoryDatabase
from functions.datasets.model import limits
from functions.datasets.model.cells import Value
from functions.datasets.model.changing.changes import Edit, Part, to_record_after
from functions.datasets.model.dataset import FIRST_VERSION, Record, Stored, record_id, to_document
from functions.datasets.model.queries.filters import Condition
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import NotFound, not_found
from functions.kit.contract.requests.names import is_name


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
        moment: int | None = None,
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
        self, place: Place, after: str | None, equal: Sequence[Condition], moment: int | None
    ) -> list[Record]:
        try:
            records = self._database.entry(place, moment).records
        except NotFound:
            return []
        return [
            records[key]
            for key in sorted(records)
            if key > (after or "") and all(_meets(records[key], one) for one in equal)
        ]

    def get(self, place: Place, record_id: str, moment: int | None = None) -> Record | None:
        """See RecordStore."""
        if not is_name(record_id):
            raise not_found("record", record_id)
        return self.many(place, [record_id], moment).get(record_id)

    def many(
        self, place: Place, ids: Sequence[str], moment: int | None = None
    ) -> dict[str, Record]:
        """See RecordStore."""
        return {one.id: one for one in self._page(place, None, (), moment) if one.id in ids}

    def to_writes(self, _: Place, rows: Iterable[tuple[int, dict[str, Value]]]) -> list[Any]:
        """See RecordStore."""
        return [Record(record_id(row), FIRST_VERSION, values) for row, values in rows]

    def import_batch(
        self,
        place: Place,
        writes: Sequence[Any],
        progress: dict[str, Any],
        seen: Any,
        log: Sequence[Part] = (),
    ) -> Any:
        """See RecordStore."""
        with self._database.lock:
            entry = self._database.guarded(place, seen)
            entry.dataset = changed(entry.dataset, progress)
            entry.records.update({record.id: record for record in writes})
            entry.changes.update({part.id: part for part in log})
            return self._database.commit(place, entry)

    def edit_batch(
        self,
        place: Place,
        edits: Sequence[Edit],
        progress: dict[str, Any],
        seen: Any,
        log: Sequence[Part] = (),
        *,
        new: Sequence[Any] = (),
        is_over: bool = False,  # noqa: ARG002 - the database sees what is due by itself
    ) -> Any:
        """See RecordStore."""
        with self._database.lock:
            entry = self._database.guarded(place, seen)
            entry.dataset = changed(entry.dataset, progress)
            entry.records.update({record.id: record for record in new})
            entry.changes.update({part.id: part for part in log})
            for edit in edits:
                if edit.after is None:
                    del entry.records[edit.id]
                else:
                    entry.records[edit.id] = to_record_after(edit)
            return self._database.commit(place, entry)

    def take_back(self, place: Place, part: Part, progress: dict[str, Any], seen: Any) -> Any:
        """See RecordStore."""
        with self._database.lock:
            entry = self._database.guarded(place, seen)
            entry.dataset = changed(entry.dataset, progress)
            entry.records.update({record.id: record for record in part.records_before()})
            for name in part.records_made():
                entry.records.pop(name, None)
            entry.changes.pop(part.id, None)
            return self._database.commit(place, entry)

    def remove_batch(self, place: Place, now: dt.datetime, seen: Any) -> tuple[int, Any]:
        """See RecordStore."""
        with self._database.lock:
            entry = self._database.guarded(place, seen)
            count = 0
            for kept in (entry.records, entry.requests, entry.changes, entry.imports):
                for key in list(islice(kept, limits.BATCH - count)):
                    del kept[key]
                    count += 1
            entry.dataset.updated_at = now
            return count, self._database.commit(place, entry)


def changed(dataset: Stored, progress: dict[str, Any]) -> Stored:
    """Return a dataset with fields that became others, as its document has them."""
    fields = to_document(dataset) | progress
    return msgspec.convert(fields | {"id": dataset.id, "workspace": dataset.workspace}, Stored)


def _meets(record: Record, condition: Condition) -> bool:
    """Tell whether the stored value is the condition's; 1 and True are two, as in Firestore."""
    if condition.column.name not in record.values:
        return False
    value = record.values[condition.column.name]
    booleans = isinstance(value, bool), isinstance(condition.value, bool)
    return booleans[0] == booleans[1] and bool(value == condition.value)
