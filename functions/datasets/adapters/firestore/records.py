"""Records in Firestore, many at a time: reading in order, writing and removing in batches."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from functions.datasets.adapters.firestore.changes import changes_reference, to_fields
from functions.datasets.adapters.firestore.datasets import commit, guarded
from functions.datasets.adapters.firestore.documents import as_kept, to_record
from functions.datasets.adapters.firestore.places import (
    CHANGES,
    IMPORTS,
    RECORDS,
    REQUESTS,
    dataset_reference,
    record_reference,
    records_reference,
)
from functions.datasets.model import limits
from functions.datasets.model.cells import Value
from functions.datasets.model.changing.changes import Edit, Part, to_record_after
from functions.datasets.model.dataset import FIRST_VERSION, Record, record_id
from functions.datasets.model.due import step_in
from functions.datasets.model.imports.imports import step_of
from functions.datasets.model.queries.filters import Condition
from functions.datasets.service.ports import Forgotten
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.stores.firestore import PATIENCE, client
from functions.kit.adapters.stores.google_clients import exceptions, firestore_paths
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access.workspaces import Place
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    from functions.datasets.adapters.firestore import messages as firestore_messages
else:
    firestore_messages = Lazy("functions.datasets.adapters.firestore.messages")

# Records that one query reads.
PAGE = 5_000
# Records that are read by the way for each that is wanted.
WORTH_A_RANGE = 3


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
        moment: dt.datetime | None = None,
        page: int = PAGE,
    ) -> Iterator[Record]:
        """See RecordStore.

        Reading goes page by page, so that no query of ours is open for long, however many records
        there are.
        """
        collection = records_reference(place)
        query = firestore_messages.RecordQuery(collection).order_by("__name__").limit(page)
        for condition in equal:
            path = firestore_paths.FieldPath("values", condition.column.name).to_api_repr()
            query = query.where(
                filter=google_firestore.FieldFilter(path, "==", as_kept(condition.value))
            )
        while True:
            start = collection.document(after) if after is not None else None
            found = query.start_after({"__name__": start}) if start is not None else query
            count = 0
            for record in _remembered(found.records(moment), moment):
                count += 1
                after = record.id
                yield record
            if count < page:
                return

    def get(self, place: Place, record_id: str, moment: dt.datetime | None = None) -> Record | None:
        """See RecordStore."""
        reference = record_reference(place, record_id)
        try:
            snapshot = reference.get(**PATIENCE, read_time=moment)
        except exceptions.FailedPrecondition as error:
            raise Forgotten from error  # nothing else that a read may lack
        return to_record(snapshot) if snapshot.exists else None

    def many(
        self, place: Place, ids: Sequence[str], moment: dt.datetime | None = None
    ) -> dict[str, Record]:
        """See RecordStore; ids that lie close together are read as a range, which is faster."""
        wanted = sorted(ids)
        if are_close(wanted):
            collection = records_reference(place)
            first, last = (collection.document(one) for one in (wanted[0], wanted[-1]))
            query = firestore_messages.RecordQuery(collection).order_by("__name__")
            query = query.start_at({"__name__": first}).end_at({"__name__": last})
            chosen = frozenset(wanted)
            return {one.id: one for one in query.records(moment) if one.id in chosen}
        references = [record_reference(place, one) for one in wanted]
        found = client().get_all(references, **PATIENCE, read_time=moment)
        return {one.id: to_record(one) for one in found if one.exists}

    def to_writes(self, place: Place, rows: Iterable[tuple[int, dict[str, Value]]]) -> list[Any]:
        """See RecordStore."""
        records = (Record(record_id(row), FIRST_VERSION, values) for row, values in rows)
        return firestore_messages.to_writes(records_reference(place), records)

    def import_batch(
        self,
        place: Place,
        writes: Sequence[Any],
        progress: dict[str, Any],
        seen: Any,
        log: Sequence[Part] = (),
    ) -> Any:
        """See RecordStore; it is one commit."""
        batch = guarded(place, progress, seen)
        batch.add(writes)
        for part in log:
            batch.create(changes_reference(place).document(part.id), to_fields(part))
        if progress.get("state", "importing") != "importing":
            self._steps.drop(batch, [step_in(place, "importing")])
        return commit(batch)

    def edit_batch(
        self,
        place: Place,
        edits: Sequence[Edit],
        progress: dict[str, Any],
        seen: Any,
        log: Sequence[Part] = (),
        *,
        new: Sequence[Any] = (),
        is_over: bool = False,
    ) -> Any:
        """See RecordStore; it is one commit."""
        batch = guarded(place, progress, seen)
        batch.add(new)
        records = [to_record_after(edit) for edit in edits if edit.after is not None]
        batch.add(firestore_messages.to_writes(records_reference(place), records))
        for edit in edits:
            if edit.after is None:
                batch.delete(record_reference(place, edit.id))
        for part in log:
            batch.create(changes_reference(place).document(part.id), to_fields(part))
        if is_over:
            self._steps.drop(batch, [step_in(place, "changing")])
        return commit(batch)

    def take_back(self, place: Place, part: Part, progress: dict[str, Any], seen: Any) -> Any:
        """See RecordStore; it is one commit."""
        batch = guarded(place, progress, seen)
        records = list(part.records_before())
        batch.add(firestore_messages.to_writes(records_reference(place), records))
        for name in part.records_made():
            batch.delete(record_reference(place, name))
        batch.delete(changes_reference(place).document(part.id))
        return commit(batch)

    def remove_batch(self, place: Place, now: dt.datetime, seen: Any) -> tuple[int, Any]:
        """See RecordStore; it is one commit."""
        batch = guarded(place, {"updated_at": now}, seen)
        for collection in (RECORDS, REQUESTS, CHANGES):
            room = limits.BATCH + 1 - len(batch)
            if room:
                query = dataset_reference(place).collection(collection).select(["__name__"])
                for snapshot in query.limit(room).stream(**PATIENCE):
                    batch.delete(snapshot.reference)
        self._remove_imports(place, batch)
        count = len(batch) - 1
        return count, commit(batch)

    def _remove_imports(self, place: Place, batch: Any) -> None:
        """Remove imports with their steps, as many as there is room for in a commit."""
        room = (limits.BATCH + 1 - len(batch)) // 2
        if room:
            imports = dataset_reference(place).collection(IMPORTS).select(["__name__"])
            for snapshot in imports.limit(room).stream(**PATIENCE):
                batch.delete(snapshot.reference)
                self._steps.drop(batch, [step_of(place, snapshot.id)])


def _remembered(found: Iterator[Record], moment: dt.datetime | None) -> Iterator[Record]:
    """Yield what a query finds; raises Forgotten when it is of a moment that is too long ago."""
    try:
        yield from found
    except exceptions.FailedPrecondition as error:
        if moment is None:
            raise
        raise Forgotten from error


def are_close(ids: Sequence[str]) -> bool:
    """Tell whether a range of records holds little else than some, which are in order."""
    if not ids or not (ids[0] + ids[-1]).isdecimal():
        return False
    return int(ids[-1]) - int(ids[0]) < WORTH_A_RANGE * len(ids)
