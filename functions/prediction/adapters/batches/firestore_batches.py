"""Batches in Firestore: `batches/{id}`, those of other workspaces below `workspaces/{workspace}`.

What writes a batch writes the steps that are due for it, too.
"""

import datetime as dt
from typing import Any

import msgspec

from functions.kit.adapters import firestore
from functions.kit.adapters.client_errors import translated
from functions.kit.adapters.firestore import PATIENCE
from functions.kit.adapters.google_clients import firestore as google_firestore
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.contract import workspaces
from functions.kit.contract.errors import not_found
from functions.kit.contract.names import is_name
from functions.kit.contract.pages import unknown_cursor
from functions.kit.contract.steps import Lease
from functions.kit.contract.workspaces import Place
from functions.prediction.model.batches.batch import Batch
from functions.prediction.model.batches.due import BATCHES, due_steps
from functions.prediction.service.batches.ports import Change

LISTED = "listed"
"""The field that a model's batches are found by, newest first: no index of several is needed."""
_LAST_MICROSECOND = 10**16
_LAST = "\uffff"


class Batches:
    """The BatchStore whose batches are documents.

    Args:
        steps: where the steps that are due are kept.
    """

    def __init__(self, steps: FirestoreSteps) -> None:
        self._steps = steps

    def create(self, batch: Batch) -> bool:
        """See BatchStore."""

        def work(transaction: Any) -> bool:
            reference = _batch(batch.place)
            if reference.get(transaction=transaction, **PATIENCE).exists:
                return False
            transaction.create(reference, _document(batch))
            self._steps.write(transaction, due_steps(batch))
            return True

        return firestore.transact(work)

    @translated()
    def find(self, place: Place) -> Batch | None:
        """See BatchStore."""
        found = _batch(place).get(**PATIENCE)
        return _read(found) if found.exists else None

    def load(self, place: Place) -> Batch:
        """See BatchStore."""
        found = self.find(place)
        if found is None:
            raise not_found("batch", place.name)
        return found

    def update(self, place: Place, change: Change, lease: Lease | None = None) -> Batch:
        """See BatchStore."""

        def work(transaction: Any) -> Batch:
            before = self._read_one(place, transaction, lease)
            after = change(before)
            if after is before:
                return after
            transaction.set(_batch(place), _document(after))
            was, due = due_steps(before), due_steps(after)
            self._steps.drop(transaction, [step for step in was if step not in due])
            self._steps.write(transaction, [step for step in due if step not in was])
            return after

        return firestore.transact(work)

    def restore_steps(self, place: Place) -> Batch:
        """See BatchStore."""

        def work(transaction: Any) -> Batch:
            batch = self._read_one(place, transaction, None)
            due = due_steps(batch)
            kept = self._steps.find(due, transaction)
            lost = [step for step, found in zip(due, kept, strict=True) if found is None]
            self._steps.write(transaction, lost)
            return batch

        return firestore.transact(work)

    def remove(self, place: Place, lease: Lease) -> None:
        """See BatchStore."""

        def work(transaction: Any) -> None:
            batch = self._read_one(place, transaction, lease)
            transaction.delete(_batch(place))
            self._steps.drop(transaction, due_steps(batch))

        firestore.transact(work)

    @translated()
    def page(self, model: Place, limit: int, after: str | None) -> list[Batch]:
        """See BatchStore."""
        begin, end = f"{model.name}/", f"{model.name}/{_LAST}"
        query = _batches(model.workspace)
        query = query.where(filter=google_firestore.FieldFilter(LISTED, ">=", begin))
        query = query.where(filter=google_firestore.FieldFilter(LISTED, "<", end))
        query = query.order_by(LISTED).limit(limit)
        if after is not None:
            last = _batch(Place(model.workspace, after)).get(**PATIENCE)
            if not last.exists:
                raise unknown_cursor()
            query = query.start_after(last)
        return [_read(one) for one in query.stream(**PATIENCE)]

    def _read_one(self, place: Place, transaction: Any, lease: Lease | None) -> Batch:
        """Return the batch as the transaction reads it, at one go with what the lease is for."""
        references = [_batch(place)]
        if lease is not None:
            references.append(self._steps.reference(lease.step))
        found = firestore.client().get_all(references, transaction=transaction, **PATIENCE)
        by_path = {one.reference.path: one for one in found}
        if lease is not None:
            self._steps.check(by_path[references[1].path], lease)
        batch = by_path[references[0].path]
        if not batch.exists:
            raise not_found("batch", place.name)
        return _read(batch)


def _batches(workspace: str) -> Any:
    return firestore.client().collection(workspaces.path(workspace, BATCHES))


def _batch(place: Place) -> Any:
    if not is_name(place.name):  # Firestore would call it an error of ours
        raise not_found("batch", place.name)
    return _batches(place.workspace).document(place.name)


def _document(batch: Batch) -> dict[str, Any]:
    """Return what Firestore stores: parts in their order, each as it is."""
    plain: dict[str, Any] = msgspec.to_builtins(batch, builtin_types=(dt.datetime,))
    newest_first = _LAST_MICROSECOND - round(batch.created_at.timestamp() * 1e6)
    return {**plain, LISTED: f"{batch.model}/{newest_first:016d}/{batch.id}"}


def _read(found: Any) -> Batch:
    return msgspec.convert(firestore.plain(found.to_dict()), Batch)
