"""Tasks in Firestore: `tasks/{id}`, those of other workspaces below `workspaces/{workspace}`.

What writes a task writes the step that is due for it, too.
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
from functions.prediction.model.tasks.due import TASKS, due
from functions.prediction.model.tasks.task import Task
from functions.prediction.service.tasks.ports import Change

LISTED = "listed"
"""The field that tasks are found by, newest first: no index of several is needed. What is to be
removed is in no list."""
_LAST_MICROSECOND = 10**16
_LAST = "\uffff"


class Tasks:
    """The TaskStore whose tasks are documents.

    Args:
        steps: where the steps that are due are kept.
    """

    def __init__(self, steps: FirestoreSteps) -> None:
        self._steps = steps

    def create(self, task: Task) -> bool:
        """See TaskStore."""

        def work(transaction: Any) -> bool:
            reference = _task(task.place)
            if reference.get(transaction=transaction, **PATIENCE).exists:
                return False
            transaction.create(reference, _document(task))
            self._write(transaction, task)
            return True

        return firestore.transact(work)

    @translated()
    def find(self, place: Place) -> Task | None:
        """See TaskStore."""
        found = _task(place).get(**PATIENCE)
        return _read(found) if found.exists else None

    def load(self, place: Place) -> Task:
        """See TaskStore."""
        found = self.find(place)
        if found is None:
            raise not_found("task", place.name)
        return found

    def update(self, place: Place, change: Change, lease: Lease | None = None) -> Task:
        """See TaskStore."""

        def work(transaction: Any) -> Task:
            before = self._read_one(place, transaction, lease)
            after = change(before)
            if after is before:
                return after
            transaction.set(_task(place), _document(after))
            if due(after) != due(before):
                if due(after).step != due(before).step:
                    self._steps.drop(transaction, [due(before).step])
                self._write(transaction, after)
            return after

        return firestore.transact(work)

    def restore_step(self, place: Place) -> None:
        """See TaskStore."""

        def work(transaction: Any) -> None:
            task = self._read_one(place, transaction, None)
            if self._steps.find([due(task).step], transaction) == [None]:
                self._write(transaction, task)

        firestore.transact(work)

    def remove(self, place: Place, lease: Lease) -> None:
        """See TaskStore."""

        def work(transaction: Any) -> None:
            task = self._read_one(place, transaction, lease)
            transaction.delete(_task(place))
            self._steps.drop(transaction, [due(task).step])

        firestore.transact(work)

    @translated()
    def page(self, model: Place, owner: str, limit: int, after: str | None) -> list[Task]:
        """See TaskStore."""
        begin = f"{model.name}/{owner}/"
        query = _tasks(model.workspace)
        query = query.where(filter=google_firestore.FieldFilter(LISTED, ">=", begin))
        query = query.where(filter=google_firestore.FieldFilter(LISTED, "<", begin + _LAST))
        query = query.order_by(LISTED).limit(limit)
        if after is not None:
            last = _task(Place(model.workspace, after)).get(**PATIENCE)
            if not last.exists or not last.get(LISTED).startswith(begin):
                raise unknown_cursor()
            query = query.start_after(last)
        return [_read(one) for one in query.stream(**PATIENCE)]

    def _write(self, transaction: Any, task: Task) -> None:
        step, at = due(task)
        self._steps.write(transaction, [step], at)

    def _read_one(self, place: Place, transaction: Any, lease: Lease | None) -> Task:
        """Return the task as the transaction reads it, at one go with what the lease is for."""
        references = [_task(place)]
        if lease is not None:
            references.append(self._steps.reference(lease.step))
        found = firestore.client().get_all(references, transaction=transaction, **PATIENCE)
        by_path = {one.reference.path: one for one in found}
        if lease is not None:
            self._steps.check(by_path[references[1].path], lease)
        task = by_path[references[0].path]
        if not task.exists:
            raise not_found("task", place.name)
        return _read(task)


def _tasks(workspace: str) -> Any:
    return firestore.client().collection(workspaces.path(workspace, TASKS))


def _task(place: Place) -> Any:
    if not is_name(place.name):  # Firestore would call it an error of ours
        raise not_found("task", place.name)
    return _tasks(place.workspace).document(place.name)


def _document(task: Task) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(task, builtin_types=(dt.datetime,))
    newest_first = _LAST_MICROSECOND - round(task.created_at.timestamp() * 1e6)
    listed = f"{task.model}/{task.owner}/{newest_first:016d}/{task.id}"
    return {**plain, LISTED: "" if task.is_removed else listed}


def _read(found: Any) -> Task:
    return msgspec.convert(firestore.plain(found.to_dict()), Task)
