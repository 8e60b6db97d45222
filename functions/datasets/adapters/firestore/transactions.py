"""A change to a dataset as a transaction of Firestore."""

from typing import Any

import msgspec

from functions.datasets.adapters.firestore import changes as firestore_changes
from functions.datasets.adapters.firestore.documents import as_kept, to_made, to_record
from functions.datasets.adapters.firestore.imports import import_reference, to_fields, to_import
from functions.datasets.adapters.firestore.places import (
    CHANGES,
    RECORDS,
    REQUESTS,
    SNAPSHOTS,
    record_reference,
)
from functions.datasets.model.changing.changes import Part
from functions.datasets.model.dataset import Record, Snapshot, Stored, to_document
from functions.datasets.model.due import due_steps
from functions.datasets.model.imports.imports import StoredImport, due_of, schedule_step
from functions.datasets.model.made import Made
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.stores.firestore import PATIENCE
from functions.kit.contract.errors import not_found
from functions.kit.contract.steps import Step


class Change:
    """The Change that is a transaction of Firestore."""

    def __init__(
        self, transaction: Any, reference: Any, dataset: Stored, steps: FirestoreSteps
    ) -> None:
        self.dataset = dataset
        self._steps = steps
        self._due = due_steps(dataset)
        self._schedule = dataset.schedule
        self._imports: dict[str, list[Step]] = {}
        self._transaction = transaction
        self._reference = reference
        self._before = to_document(dataset)

    def record(self, record_id: str) -> Record:
        """See Change."""
        reference = record_reference(self.dataset.place, record_id)
        snapshot = reference.get(transaction=self._transaction, **PATIENCE)
        if not snapshot.exists:
            raise not_found("record", record_id)
        return to_record(snapshot)

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

    def log(self, part: Part) -> None:
        """See Change."""
        reference = self._reference.collection(CHANGES).document(part.id)
        self._transaction.create(reference, firestore_changes.to_fields(part))

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
        """Add what changed of the dataset to the transaction."""
        after = to_document(self.dataset)
        changed = {name: value for name, value in after.items() if value != self._before[name]}
        if changed:
            self._transaction.update(self._reference, changed)
        self._turn(self._due, due_steps(self.dataset))
        is_leaving = self.dataset.state == "deleting" and self.dataset.schedule is not None
        if is_leaving or self.dataset.schedule != self._schedule:
            self.wait_for_schedule()
