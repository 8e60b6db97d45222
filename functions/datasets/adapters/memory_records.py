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
from functions.kit.contract.errors import NotFound, not_found
from functions.kit.contract.names import is_name


class MemoryRecords:
    """A RecordStore of one process."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def read(
        self,
        dataset_id: str,
        *,
        after: str | None = None,
        equal: Sequence[Condition] = (),
        moment: int | None = None,
        page: int = 5_000,
    ) -> Iterator[Record]:
        """See RecordStore; a page is read at once, and the next one when it is asked for."""
        while True:
            found = self._page(dataset_id, after, equal, moment)
            part = found[:page]
            yield from part
            if len(part) < page:
                return
            after = part[-1].id

    def _page(
        self, dataset_id: str, after: str | None, equal: Sequence[Condition], moment: int | None
    ) -> list[Record]:
        try:
            records = self._database.entry(dataset_id, moment).records
        except NotFound:
            return []
        return [
            records[key]
            for key in sorted(records)
            if key > (after or "") and all(_meets(records[key], one) for one in equal)
        ]

    def get(self, dataset_id: str, record_id: str) -> Record | None:
        """See RecordStore."""
        if not is_name(record_id):
            raise not_found("record", record_id)
        found = self._page(dataset_id, None, (), None)
        return next((record for record in found if record.id == record_id), None)

    def to_writes(self, _: str, rows: Iterable[tuple[int, dict[str, Value]]]) -> list[Any]:
        """See RecordStore."""
        return [Record(record_id(row), FIRST_VERSION, values) for row, values in rows]

    def import_batch(
        self, dataset_id: str, writes: Sequence[Any], progress: dict[str, Any], seen: Any
    ) -> Any:
        """See RecordStore."""
        with self._database.lock:
            entry = self._database.guarded(dataset_id, seen)
            entry.dataset = msgspec.structs.replace(entry.dataset, **progress)
            entry.records.update({record.id: record for record in writes})
            return self._database.commit(dataset_id, entry)

    def remove_batch(self, dataset_id: str, now: dt.datetime, seen: Any) -> tuple[int, Any]:
        """See RecordStore."""
        with self._database.lock:
            entry = self._database.guarded(dataset_id, seen)
            gone = list(islice(entry.records, limits.BATCH))
            for key in gone:
                del entry.records[key]
            entry.dataset.updated_at = now
            return len(gone), self._database.commit(dataset_id, entry)


def _meets(record: Record, condition: Condition) -> bool:
    """Tell whether the stored value is the condition's; 1 and True are two, as in Firestore."""
    if condition.column.name not in record.values:
        return False
    value = record.values[condition.column.name]
    booleans = isinstance(value, bool), isinstance(condition.value, bool)
    return booleans[0] == booleans[1] and bool(value == condition.value)
