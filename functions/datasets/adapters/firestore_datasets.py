"""Datasets in Firestore: their documents, and changes to one as transactions."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from functions.datasets.model.dataset import Record, Snapshot, Stored, to_document
from functions.datasets.model.due import due_steps, step_in
from functions.datasets.service import ports
from functions.datasets.service.ports import Overtaken, Seen
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
from functions.kit.contract.names import is_name
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    from functions.datasets.adapters import firestore_messages
else:
    firestore_messages = Lazy("functions.datasets.adapters.firestore_messages")

T = TypeVar("T")

DATASETS = "datasets"
RECORDS = "records"
SNAPSHOTS = "snapshots"


def dataset_reference(dataset_id: str) -> Any:
    """Return where a dataset's document is; raises NotFound for what cannot be an id."""
    if not is_name(dataset_id):
        raise not_found("dataset", dataset_id)
    return client().collection(DATASETS).document(dataset_id)


def records_reference(dataset_id: str) -> Any:
    """Return the collection of a dataset's records."""
    return dataset_reference(dataset_id).collection(RECORDS)


def to_stored(snapshot: Any) -> Stored:
    """Read a dataset's document."""
    return msgspec.convert(plain(snapshot.to_dict()) | {"id": snapshot.id}, Stored)


def to_record(snapshot: Any) -> Record:
    """Read a record's document."""
    fields = plain(snapshot.to_dict())
    return Record(snapshot.id, fields["version"], fields["values"])


def record_reference(dataset_id: str, record_id: str) -> Any:
    """Return where a record's document is; raises NotFound for what cannot be an id."""
    if not is_name(record_id):
        raise not_found("record", record_id)
    return records_reference(dataset_id).document(record_id)


def guarded(dataset_id: str, fields: dict[str, Any], seen: Any) -> "firestore_messages.RecordBatch":
    """Begin a batch that fails unless the dataset's document is the one with update time `seen`."""
    batch = firestore_messages.RecordBatch(client())
    option = client().write_option(last_update_time=seen)
    batch.update(dataset_reference(dataset_id), fields, option=option)
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
        self._before = to_document(dataset)

    def record(self, record_id: str) -> Record:
        """See Change."""
        reference = record_reference(self.dataset.id, record_id)
        snapshot = reference.get(transaction=self._transaction, **PATIENCE)
        if not snapshot.exists:
            raise not_found("record", record_id)
        return to_record(snapshot)

    def put(self, record: Record) -> None:
        """See Change."""
        fields = {"version": record.version, "values": record.values}
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

    def save(self) -> None:
        """Add what changed of the dataset to the transaction."""
        after = to_document(self.dataset)
        changed = {name: value for name, value in after.items() if value != self._before[name]}
        if changed:
            self._transaction.update(self._reference, changed)
        due = due_steps(self.dataset)
        if due != self._due:
            self._steps.drop(self._transaction, self._due)
            self._steps.write(self._transaction, due)


class Store:
    """The DatasetStore whose datasets are documents.

    Args:
        steps: where the steps that are due are kept.
    """

    def __init__(self, steps: FirestoreSteps) -> None:
        self._steps = steps

    @translated()
    def create(self, dataset: Stored) -> Stored | None:
        """See DatasetStore."""
        batch = client().batch()
        batch.create(dataset_reference(dataset.id), to_document(dataset))
        self._steps.write(batch, due_steps(dataset))
        try:
            batch.commit(**PATIENCE)
        except exceptions.AlreadyExists:
            return self.find(dataset.id).dataset
        return None

    def find(self, dataset_id: str) -> Seen:
        """See DatasetStore; the version and the moment are times of Firestore's."""
        snapshot = dataset_reference(dataset_id).get(**PATIENCE)
        if not snapshot.exists:
            raise not_found("dataset", dataset_id)
        return Seen(to_stored(snapshot), snapshot.update_time, snapshot.read_time)

    def find_shown(self, dataset_id: str) -> Seen:
        """See DatasetStore."""
        seen = self.find(dataset_id)
        if seen.dataset.state == "deleting":
            raise not_found("dataset", dataset_id)
        return seen

    def find_snapshot(self, dataset_id: str, revision: int) -> Snapshot | None:
        """See DatasetStore."""
        collection = dataset_reference(dataset_id).collection(SNAPSHOTS)
        found = collection.document(str(revision)).get(**PATIENCE)
        return msgspec.convert(found.to_dict(), Snapshot) if found.exists else None

    def page(self, limit: int, after: str | None) -> list[Stored]:
        """See DatasetStore."""
        shown = google_firestore.FieldFilter("state", "in", ["importing", "ready", "failed"])
        query = client().collection(DATASETS).where(filter=shown).order_by("__name__")
        if after is not None:
            query = query.start_after({"__name__": dataset_reference(after)})
        return [to_stored(found) for found in query.limit(limit).stream(**PATIENCE)]

    def naming(self, files: Collection[str]) -> set[str]:
        """See DatasetStore."""
        datasets = client().collection(DATASETS).select(["file"])
        found: set[str] = set()
        for path in files:
            query = datasets.where(filter=google_firestore.FieldFilter("file", "==", path)).limit(1)
            found.update(snapshot.get("file") for snapshot in query.stream(**PATIENCE))
        return found

    def change(self, dataset_id: str, work: Callable[[ports.Change], T]) -> T:
        """See DatasetStore."""
        reference = dataset_reference(dataset_id)

        def run(transaction: Any) -> T:
            snapshot = reference.get(transaction=transaction, **PATIENCE)
            if not snapshot.exists or snapshot.get("state") == "deleting":
                raise not_found("dataset", dataset_id)
            change = Change(transaction, reference, to_stored(snapshot), self._steps)
            result = work(change)
            change.save()
            return result

        return transact(run)

    def restore_steps(self, dataset_id: str) -> Stored:
        """See DatasetStore."""
        reference = dataset_reference(dataset_id)

        def run(transaction: Any) -> Stored:
            snapshot = reference.get(transaction=transaction, **PATIENCE)
            if not snapshot.exists or snapshot.get("state") == "deleting":
                raise not_found("dataset", dataset_id)
            dataset = to_stored(snapshot)
            due = due_steps(dataset)
            if due and self._steps.find(due, transaction) == [None]:
                self._steps.write(transaction, due)
            return dataset

        return transact(run)

    def snapshot_paths(self, dataset_id: str) -> list[str]:
        """See DatasetStore."""
        found = dataset_reference(dataset_id).collection(SNAPSHOTS).stream(**PATIENCE)
        return [snapshot.get("path") for snapshot in found]

    def remove(self, dataset_id: str, seen: Any) -> None:
        """See DatasetStore."""
        batch = client().batch()
        reference = dataset_reference(dataset_id)
        batch.delete(reference, option=client().write_option(last_update_time=seen))
        for snapshot in reference.collection(SNAPSHOTS).stream(**PATIENCE):
            batch.delete(snapshot.reference)
        self._steps.drop(batch, [step_in(dataset_id, "deleting")])
        commit(batch)
