"""What a user does with tasks."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Iterator

from functions.kit.contract.access import workspaces
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, Gone, not_found
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.requests import idempotency
from functions.kit.contract.requests.pages import Page, PageQuery, page_of
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.prediction.model.tasks import changes
from functions.prediction.model.tasks.due import TASKS, due
from functions.prediction.model.tasks.kind import OPEN, owned
from functions.prediction.model.tasks.task import Call, Result, Task, owner_of
from functions.prediction.service.tasks.ports import TaskStore


class TaskService:
    """Takes tasks, shows and ends them: each to who made it, and to nobody else.

    Args:
        store: the tasks.
        files: the bucket.
        hints: has steps looked at.
        lookout: looks after those that were lost.
        clock: tells when something happens.
        kept: for how long results are kept.
    """

    def __init__(
        self,
        store: TaskStore,
        files: Callable[[], Bucket],
        hints: Hints,
        lookout: Lookout,
        clock: Clock,
        kept: dt.timedelta,
    ) -> None:
        self._store = store
        self._files = files
        self._hints = hints
        self._lookout = lookout
        self._clock = clock
        self._kept = kept

    def take(
        self,
        caller: Caller,
        model: str,
        call: Call,
        body: bytes,
        check: Callable[[], object],
        task_id: str | None = None,
    ) -> Task:
        """Take a call, to answer it later; where there is a task of this id already, that one.

        The body is kept before the task is.

        Args:
            caller: who calls.
            model: of the caller's workspace.
            call: what was sent.
            body: with it.
            check: raises what can be known at once to be wrong with it.
            task_id: where the caller names it.

        Raises:
            Conflict: the id was for another call.
            OverQuota: its owner has too many open; those who call at the same moment may each have
                one beyond the bound.
            Away, NoRoom: it cannot be kept.
        """
        task = self._new(caller, model, call, task_id)
        known = task_id and self._store.find(task.place)
        if known:
            return _same(known, task)
        check()
        OPEN.check(self._store.open(caller.workspace, task.owner, OPEN.most))
        self._files().write(task.body, body, "application/octet-stream")
        if not self._store.create(task):
            return _same(self._store.load(task.place), task)
        self._hints.send([due(task).step])
        return task

    def task(self, caller: Caller, model: str, name: str) -> Task:
        """Return a task of the caller's; raises NotFound. Who reads it looks after its step."""
        found = self._store.load(Place(caller.workspace, name))
        if (found.model, found.owner) != (model, owner_of(caller)) or found.is_removed:
            raise not_found("task", name)
        if not found.is_ended and self._lookout.watch(found.id, [due(found).step]):
            self._store.restore_steps(found.place)
        return found

    def tasks(self, caller: Caller, model: str, query: PageQuery) -> Page[Task]:
        """Return a page of the caller's tasks of a model, newest first."""
        mine = owned(model, owner_of(caller))
        found = self._store.page(caller.workspace, mine, query.limit + 1, query.after)
        return page_of(found, query.limit, lambda task: task.id)

    def result(self, caller: Caller, model: str, name: str) -> tuple[Result, Iterator[bytes]]:
        """Return what a task was answered, and the body.

        Raises:
            NotFound: there is no such task of the caller's.
            Conflict: there is no answer, or not yet.
            Gone: it has expired.
        """
        found = self.task(caller, model, name)
        if not found.is_ended:
            raise Conflict(f"Task '{found.id}' is {found.state}; it has no result yet.")
        if found.result is None:
            raise Conflict(f"Task '{found.id}' was cancelled; it has no result.")
        if found.is_swept or self._clock.now() >= found.expires_at:
            at = found.expires_at.isoformat(timespec="seconds")
            raise Gone(f"The result of task '{found.id}' expired at {at}.")
        return found.result, self._files().chunks(found.result.path)

    def end(self, caller: Caller, model: str, name: str) -> None:
        """Cancel a task; one that has ended is removed, with its result."""
        place = self.task(caller, model, name).place
        now = self._clock.now()
        task = self._store.update(place, lambda found: changes.give_up(found, now, self._kept))
        if due(task).at is None:
            self._hints.send([due(task).step])

    def _new(self, caller: Caller, model: str, call: Call, task_id: str | None) -> Task:
        now, known = self._clock.now(), task_id or uuid.uuid4().hex
        return Task(
            id=known,
            workspace=caller.workspace,
            model=model,
            owner=owner_of(caller),
            caller=caller,
            call=call,
            body=f"{folder_of(Place(caller.workspace, known))}body-{uuid.uuid4().hex}",
            created_at=now,
            expires_at=now + self._kept,
        )


def folder_of(task: Place) -> str:
    """Return what the names of a task's files begin with."""
    return workspaces.path(task.workspace, TASKS, task.name, "")


def digest_of(body: bytes) -> str:
    """Return what a call says of its body."""
    return hashlib.sha256(body).hexdigest()


def _same(known: Task, asked_for: Task) -> Task:
    if (known.model, known.call) != (asked_for.model, asked_for.call):
        raise idempotency.other_request()
    return known
