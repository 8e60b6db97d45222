"""Datasets in Firestore: their documents, and changes to one as transactions."""

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from functions.datasets.adapters.firestore.documents import to_made, to_stored
from functions.datasets.adapters.firestore.places import (
    SNAPSHOTS,
    dataset_reference,
    datasets_reference,
    uploads_reference,
)
from functions.datasets.adapters.firestore.transactions import Change
from functions.datasets.model.dataset import Outline, Snapshot, Stored, to_document
from functions.datasets.model.due import due_steps, step_in
from functions.datasets.model.made import Made
from functions.datasets.service import ports
from functions.datasets.service.ports import Overtaken, Seen
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.firestore import PATIENCE, client, plain, transact
from functions.kit.adapters.stores.google_clients import exceptions
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    from functions.datasets.adapters.firestore import messages as firestore_messages
else:
    firestore_messages = Lazy("functions.datasets.adapters.firestore.messages")

T = TypeVar("T")


def guarded(place: Place, fields: dict[str, Any], seen: Any) -> "firestore_messages.RecordBatch":
    """Begin a batch that fails unless the dataset's document is the one with update time `seen`."""
    batch = firestore_messages.RecordBatch(client())
    option = client().write_option(last_update_time=seen)
    batch.update(dataset_reference(place), fields, option=option)
    return batch


@translated()
def commit(batch: Any) -> Any:
    """Commit a batch; return the update time of its first write; raises Overtaken, Away, NoRoom."""
    try:
        return batch.commit(**PATIENCE)[0].update_time
    except (exceptions.FailedPrecondition, exceptions.NotFound) as error:
        raise Overtaken from error


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
        stored = to_stored(snapshot, place.workspace)
        return Seen(stored, snapshot.update_time, stored.moment or plain(snapshot.read_time))

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
        found = _shown(workspace, limit, after).stream(**PATIENCE)
        return [to_stored(one, workspace) for one in found]

    def outlines(self, workspace: str, limit: int, after: str | None) -> list[Outline]:
        """See DatasetStore."""
        fields = [name for name in Outline.__struct_fields__ if name != "id"]
        found = _shown(workspace, limit, after).select(fields).stream(**PATIENCE)
        return [msgspec.convert(plain(one.to_dict()) | {"id": one.id}, Outline) for one in found]

    def several(self, places: Sequence[Place]) -> list[Stored]:
        """See DatasetStore."""
        found = client().get_all([dataset_reference(place) for place in places], **PATIENCE)
        there = {one.id: one for one in found if one.exists and one.get("state") != "deleting"}
        return [
            to_stored(there[place.name], place.workspace) for place in places if place.name in there
        ]

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


def _shown(workspace: str, limit: int, after: str | None) -> Any:
    """Return the query of a workspace's datasets in the order of their ids; none being deleted."""
    shown = google_firestore.FieldFilter("state", "in", ["importing", "ready", "failed"])
    query = datasets_reference(workspace).where(filter=shown).order_by("__name__")
    if after is not None:
        query = query.start_after({"__name__": dataset_reference(Place(workspace, after))})
    return query.limit(limit)
