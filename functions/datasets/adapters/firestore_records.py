"""Records in Firestore, many at a time: reading in order, writing and removing in batches."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from functions.datasets.adapters.firestore_datasets import (
    as_kept,
    commit,
    guarded,
    to_record,
)
from functions.datasets.adapters.firestore_places import (
    IMPORTS,
    RECORDS,
    REQUESTS,
    dataset_reference,
    record_reference,
    records_reference,
)
from functions.datasets.model import limits
from functions.datasets.model.cells import Value
from functions.datasets.model.dataset import FIRST_VERSION, Record, record_id
from functions.datasets.model.due import step_in
from functions.datasets.model.filters import Condition
from functions.datasets.model.imports import step_of
from functions.datasets.model.visible import Before, Kept
from functions.datasets.service.ports import Moment
from functions.kit.adapters.firestore import PATIENCE, client
from functions.kit.adapters.google_clients import firestore as google_firestore
from functions.kit.adapters.google_clients import firestore_paths
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.contract.workspaces import Place
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    from functions.datasets.adapters import firestore_messages
else:
    firestore_messages = Lazy("functions.datasets.adapters.firestore_messages")

# Records that one query reads.
PAGE = 5_000


class RecordStore:
    """The RecordStore whose records are documents.

    Args:
        steps: where the steps that are due are kept.
    """

    def __init__(self, steps: FirestoreSteps) -> None:
        self._steps = steps

    def read(
        self,
        place: Place,
        *,
        after: str | None = None,
        equal: Sequence[Condition] = (),
        moment: Moment | None = None,
        page: int = PAGE,
    ) -> Iterator[Record]:
        """See RecordStore.

        Reading goes page by page, so that no query of ours is open for long, however many records
        there are.
        """
        at, view = moment or Moment()
        # What is stored of a record may be what it will be: then it is decided here.
        asked, rest = (equal, ()) if view.is_settled else ((), equal)
        for record in self._stored(place, max(after or "", view.before), asked, at, page):
            if not view.holds(record.id):
                return
            shown = view.of(record)
            if all(one.is_stored(shown.values) for one in rest):
                yield shown

    def _stored(
        self,
        place: Place,
        after: str,
        equal: Sequence[Condition],
        at: dt.datetime | None,
        page: int,
    ) -> Iterator[Record]:
        collection = records_reference(place)
        query = firestore_messages.RecordQuery(collection).order_by("__name__").limit(page)
        for condition in equal:
            path = firestore_paths.FieldPath("values", condition.column.name).to_api_repr()
            query = query.where(
                filter=google_firestore.FieldFilter(path, "==", as_kept(condition.value))
            )
        while True:
            start = collection.document(after) if after else None
            found = query.start_after({"__name__": start}) if start is not None else query
            count = 0
            for record in found.records(at):
                count += 1
                after = record.id
                yield record
            if count < page:
                return

    def get(self, place: Place, record_id: str, moment: Moment | None = None) -> Record | None:
        """See RecordStore."""
        view = (moment or Moment()).view
        snapshot = record_reference(place, record_id).get(**PATIENCE)
        if not snapshot.exists or not view.holds(record_id):
            return None
        return view.of(to_record(snapshot))

    def to_writes(self, place: Place, rows: Iterable[tuple[int, dict[str, Value]]]) -> list[Any]:
        """See RecordStore."""
        records = (Record(record_id(row), FIRST_VERSION, values) for row, values in rows)
        return firestore_messages.to_writes(records_reference(place), records)

    def to_changes(
        self, place: Place, changes: Iterable[tuple[Record, Before]], since: int
    ) -> list[Any]:
        """See RecordStore."""
        records = (
            Kept(record.id, record.version, record.values, since=since, before=before)
            for record, before in changes
        )
        return firestore_messages.to_writes(records_reference(place), records)

    def import_batch(
        self, place: Place, writes: Sequence[Any], progress: dict[str, Any], seen: Any
    ) -> Any:
        """See RecordStore; it is one commit."""
        batch = guarded(place, progress, seen)
        batch.add(writes)
        if progress.get("state", "importing") != "importing":
            self._steps.drop(batch, [step_in(place, "importing")])
        return commit(batch)

    def undo_batch(self, place: Place, after: str, revision: int, seen: Any) -> tuple[int, Any]:
        """See RecordStore; it is one commit."""
        batch = guarded(place, {"updated_at": dt.datetime.now(dt.UTC)}, seen)
        records = records_reference(place)
        start = {"__name__": records.document(after)}
        added = records.select(["__name__"]).order_by("__name__").start_after(start)
        for snapshot in added.limit(limits.BATCH).stream(**PATIENCE):
            batch.delete(snapshot.reference)
        since = google_firestore.FieldFilter("since", "==", revision)
        changed = records.where(filter=since).limit(limits.BATCH + 1 - len(batch))
        for snapshot in changed.stream(**PATIENCE) if len(batch) <= limits.BATCH else ():
            batch.set(snapshot.reference, snapshot.get("before"))
        count = len(batch) - 1
        return count, commit(batch)

    def remove_before(self, place: Place, first: str) -> int:
        """See RecordStore; it is one commit."""
        records = records_reference(place)
        end = {"__name__": records.document(first)}
        old = records.select(["__name__"]).order_by("__name__").end_before(end)
        batch = firestore_messages.RecordBatch(client())
        for snapshot in old.limit(limits.BATCH).stream(**PATIENCE):
            batch.delete(snapshot.reference)
        if len(batch):
            commit(batch)
        return len(batch)

    def remove_batch(self, place: Place, now: dt.datetime, seen: Any) -> tuple[int, Any]:
        """See RecordStore; it is one commit."""
        batch = guarded(place, {"updated_at": now}, seen)
        for collection in (RECORDS, REQUESTS):
            room = limits.BATCH + 1 - len(batch)
            if room:
                query = dataset_reference(place).collection(collection).select(["__name__"])
                for snapshot in query.limit(room).stream(**PATIENCE):
                    batch.delete(snapshot.reference)
        room = (limits.BATCH + 1 - len(batch)) // 2
        if room:
            imports = dataset_reference(place).collection(IMPORTS).select(["__name__"])
            for snapshot in imports.limit(room).stream(**PATIENCE):
                batch.delete(snapshot.reference)
                self._steps.drop(batch, [step_of(place, snapshot.id)])
        count = len(batch) - 1
        return count, commit(batch)
