"""Datasets in Firestore: their documents, and changes to one as transactions."""

import copy
import datetime as dt
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from functions.datasets.adapters.firestore_imports import import_reference, to_fields, to_import
from functions.datasets.adapters.firestore_places import (
    RECORDS,
    REQUESTS,
    SNAPSHOTS,
    dataset_reference,
    datasets_reference,
    record_reference,
    uploads_reference,
)
from functions.datasets.model.cells import Value, render
from functions.datasets.model.dataset import Record, Snapshot, Stored, check_edit, to_document
from functions.datasets.model.due import due_steps, step_in
from functions.datasets.model.imports import StoredImport, due_of, schedule_step
from functions.datasets.model.made import Made
from functions.datasets.model.visible import Before, Kept, view_of
from functions.datasets.service import ports
from functions.datasets.service.ports import Moment, Overtaken, Seen
from functions.kit.adapters.client_errors import translated
from functions.kit.adapters.firestore import (
    PATIENCE,
    client,
    plain,
    transact,
)
from functions.kit.adapters.google_clients import exceptions
from functions.kit.adapters.google_clients import firestore as google_firestore
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.contract.errors import not_found
from functions.kit.contract.steps import Step
from functions.kit.contract.workspaces import Place
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    from functions.datasets.adapters import firestore_messages
else:
    firestore_messages = Lazy("functions.datasets.adapters.firestore_messages")

T = TypeVar("T")


def to_stored(snapshot: Any, workspace: str) -> Stored:
    """Read a dataset's document, which is in a workspace."""
    fields = plain(snapshot.to_dict()) | {"id": snapshot.id, "workspace": workspace}
    return msgspec.convert(fields, Stored)


def to_made(snapshot: Any) -> Made | None:
    """Read a note of what a request made; None where there is none."""
    return msgspec.convert(snapshot.to_dict(), Made) if snapshot.exists else None


def to_record(snapshot: Any) -> Record:
    """Read a record's document."""
    fields = plain(snapshot.to_dict())
    record = Record(snapshot.id, fields["version"], fields["values"])
    if "since" not in fields:
        return record
    before = msgspec.convert(fields["before"], Before)
    return Kept(record.id, record.version, record.values, since=fields["since"], before=before)


def as_kept(value: Value) -> Value:
    """Return a value as Firestore keeps it: it has no days, so they are ISO text."""
    is_day = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    return render(value) if is_day else value


def guarded(place: Place, fields: dict[str, Any], seen: Any) -> "firestore_messages.RecordBatch":
    """Begin a batch that fails unless the dataset's document is the one with update time `seen`."""
    batch = firestore_messages.RecordBatch(client())
    option = client().write_option(last_update_time=seen)
    changed = msgspec.to_builtins(fields, builtin_types=(dt.datetime,))
    batch.update(dataset_reference(place), changed, option=option)
    return batch


@translated()
def commit(batch: Any) -> Any:
    """Commit a batch; return the update time of its first write; raises Overtaken, Away, NoRoom."""
    try:
        return batch.commit(**PATIENCE)[0].update_time
    except (exceptions.FailedPrecondition, exceptions.NotFound) as error:
        raise Overtaken from error


class Change:
    """The Change that is a transaction of Firestore."""

    def __init__(
        self, transaction: Any, reference: Any, dataset: Stored, steps: FirestoreSteps
    ) -> None:
        self.dataset = dataset
        self._steps = steps
        self._due = due_steps(dataset)
        self._transaction = transaction
        self._reference = reference
        self._seen = copy.copy(dataset)
        self._before = to_document(dataset)
        self._imports: dict[str, list[Step]] = {}

    def record(self, record_id: str) -> Record:
        """See Change."""
        reference = record_reference(self.dataset.place, record_id)
        snapshot = reference.get(transaction=self._transaction, **PATIENCE)
        view = view_of(self.dataset)
        if not snapshot.exists or not view.holds(record_id):
            raise not_found("record", record_id)
        return view.of(to_record(snapshot))

    def put(self, record: Record) -> None:
        """See Change."""
        values = {name: as_kept(value) for name, value in record.values.items()}
        fields = {"version": record.version, "values": values}
        self._transaction.set(self._reference.collection(RECORDS).document(record.id), fields)

    def remove(self, record_id: str) -> None:
        """See Change."""
        self._transaction.delete(self._reference.collection(RECORDS).document(record_id))

    def snapshot(self, revision: int) -> Snapshot | None:
        """See Change."""
        reference = self._reference.collection(SNAPSHOTS).document(str(revision))
        found = reference.get(transaction=self._transaction, **PATIENCE)
        return msgspec.convert(found.to_dict(), Snapshot) if found.exists else None

    def put_snapshot(self, snapshot: Snapshot) -> None:
        """See Change."""
        reference = self._reference.collection(SNAPSHOTS).document(str(snapshot.revision))
        self._transaction.create(reference, msgspec.to_builtins(snapshot))

    def made(self, request: str) -> Made | None:
        """See Change."""
        reference = self._reference.collection(REQUESTS).document(request)
        return to_made(reference.get(transaction=self._transaction, **PATIENCE))

    def note(self, made: Made) -> None:
        """See Change."""
        reference = self._reference.collection(REQUESTS).document(made.request)
        self._transaction.create(reference, msgspec.to_builtins(made))

    def find_import(self, number: str) -> StoredImport:
        """See Change."""
        reference = import_reference(self.dataset.place, number)
        snapshot = reference.get(transaction=self._transaction, **PATIENCE)
        found = to_import(snapshot, self.dataset.place)
        self._imports[number] = due_of(found)
        return found

    def put_import(self, found: StoredImport) -> None:
        """See Change."""
        self._transaction.set(import_reference(found.place, found.id), to_fields(found))
        self._turn(self._imports.get(found.id, []), due_of(found))

    def _turn(self, was: list[Step], due: list[Step]) -> None:
        if due != was:
            self._steps.drop(self._transaction, was)
            self._steps.write(self._transaction, due)

    def wait_for_schedule(self) -> None:
        """See Change."""
        schedule = self.dataset.schedule if self.dataset.state != "deleting" else None
        step = [schedule_step(self.dataset.place)]
        if schedule is None:
            self._steps.drop(self._transaction, step)
        else:
            self._steps.write(self._transaction, step, schedule.next_at)

    def save(self) -> None:
        """Add what changed of the dataset to the transaction; raises Conflict."""
        check_edit(self._seen, self.dataset)
        after = to_document(self.dataset)
        changed = {name: value for name, value in after.items() if value != self._before[name]}
        if changed:
            self._transaction.update(self._reference, changed)
        self._turn(self._due, due_steps(self.dataset))
        is_leaving = self.dataset.state == "deleting" and self.dataset.schedule is not None
        if is_leaving or self.dataset.schedule != self._seen.schedule:
            self.wait_for_schedule()


class Store:
    """The DatasetStore whose datasets are documents.

    Args:
        steps: where the steps that are due are kept.
    """

    def __init__(self, steps: FirestoreSteps) -> None:
        self._steps = steps

    def create(self, dataset: Stored, made: Made | None = None) -> Stored | None:
        """See DatasetStore."""
        reference = dataset_reference(dataset.place)

        def run(transaction: Any) -> Stored | None:
            note = made and _note(transaction, dataset.workspace, made)
            found = reference.get(transaction=transaction, **PATIENCE)
            existing = to_stored(found, dataset.workspace) if found.exists else None
            if made and (existing is None or existing.holds(dataset.sha256)):
                transaction.set(note, msgspec.to_builtins(made))
            if existing is None:
                transaction.create(reference, to_document(dataset))
                self._steps.write(transaction, due_steps(dataset))
            return existing

        return transact(run)

    def find(self, place: Place) -> Seen:
        """See DatasetStore; the version and the moment are times of Firestore's."""
        snapshot = dataset_reference(place).get(**PATIENCE)
        if not snapshot.exists:
            raise not_found("dataset", place.name)
        dataset = to_stored(snapshot, place.workspace)
        moment = Moment(snapshot.read_time, view_of(dataset))
        return Seen(dataset, snapshot.update_time, moment)

    def find_shown(self, place: Place) -> Seen:
        """See DatasetStore."""
        seen = self.find(place)
        if seen.dataset.state == "deleting":
            raise not_found("dataset", place.name)
        return seen

    def find_snapshot(self, place: Place, revision: int) -> Snapshot | None:
        """See DatasetStore."""
        collection = dataset_reference(place).collection(SNAPSHOTS)
        found = collection.document(str(revision)).get(**PATIENCE)
        return msgspec.convert(found.to_dict(), Snapshot) if found.exists else None

    def page(self, workspace: str, limit: int, after: str | None) -> list[Stored]:
        """See DatasetStore."""
        shown = google_firestore.FieldFilter("state", "in", ["importing", "ready", "failed"])
        query = datasets_reference(workspace).where(filter=shown).order_by("__name__")
        if after is not None:
            query = query.start_after({"__name__": dataset_reference(Place(workspace, after))})
        return [to_stored(found, workspace) for found in query.limit(limit).stream(**PATIENCE)]

    def naming(self, workspace: str, files: Collection[str]) -> set[str]:
        """See DatasetStore."""
        datasets = datasets_reference(workspace).select(["file"])
        found: set[str] = set()
        for path in files:
            query = datasets.where(filter=google_firestore.FieldFilter("file", "==", path)).limit(1)
            found.update(snapshot.get("file") for snapshot in query.stream(**PATIENCE))
        return found

    def change(self, place: Place, work: Callable[[ports.Change], T]) -> T:
        """See DatasetStore."""
        reference = dataset_reference(place)

        def run(transaction: Any) -> T:
            snapshot = reference.get(transaction=transaction, **PATIENCE)
            if not snapshot.exists or snapshot.get("state") == "deleting":
                raise not_found("dataset", place.name)
            change = Change(
                transaction, reference, to_stored(snapshot, place.workspace), self._steps
            )
            result = work(change)
            change.save()
            return result

        return transact(run)

    def restore_steps(self, place: Place) -> Stored:
        """See DatasetStore."""
        reference = dataset_reference(place)

        def run(transaction: Any) -> Stored:
            snapshot = reference.get(transaction=transaction, **PATIENCE)
            if not snapshot.exists or snapshot.get("state") == "deleting":
                raise not_found("dataset", place.name)
            dataset = to_stored(snapshot, place.workspace)
            due = due_steps(dataset)
            if due and self._steps.find(due, transaction) == [None]:
                self._steps.write(transaction, due)
            return dataset

        return transact(run)

    def snapshot_paths(self, place: Place) -> list[str]:
        """See DatasetStore."""
        found = dataset_reference(place).collection(SNAPSHOTS).stream(**PATIENCE)
        return [snapshot.get("path") for snapshot in found]

    def remove(self, place: Place, seen: Any) -> None:
        """See DatasetStore."""
        batch = client().batch()
        reference = dataset_reference(place)
        batch.delete(reference, option=client().write_option(last_update_time=seen))
        for snapshot in reference.collection(SNAPSHOTS).stream(**PATIENCE):
            batch.delete(snapshot.reference)
        for note in _notes_of(place).stream(**PATIENCE):
            batch.delete(note.reference)
        self._steps.drop(batch, [step_in(place, "deleting")])
        commit(batch)


def _note(transaction: Any, workspace: str, made: Made) -> Any:
    """Return where the note of an upload is; raises Conflict when it is another upload's."""
    reference = uploads_reference(workspace).document(made.request)
    made.check(to_made(reference.get(transaction=transaction, **PATIENCE)))
    return reference


def _notes_of(place: Place) -> Any:
    """Return the query for the notes of a dataset's uploads."""
    of_it = google_firestore.FieldFilter("thing", "==", place.name)
    return uploads_reference(place.workspace).where(filter=of_it).select(["__name__"])
