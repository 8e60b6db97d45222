"""What the services of tasks need of their store, and of who answers calls."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from functions.kit.contract.steps import Lease
from functions.kit.contract.workspaces import Place
from functions.prediction.model.tasks.task import Task

Change = Callable[[Task], Task]


class TaskStore(Protocol):
    """Keeps tasks, and with each change of one the step that is due for it (`due.py`)."""

    def create(self, task: Task) -> bool:
        """Add a task; False when there is one of its id already, which stays as it is."""

    def find(self, place: Place) -> Task | None:
        """Return a task, or None."""

    def load(self, place: Place) -> Task:
        """Return a task; raises NotFound."""

    def update(self, place: Place, change: Change, lease: Lease | None = None) -> Task:
        """Apply `change` in one transaction and return the task after it.

        `change` may run several times, and may return its argument to change nothing.

        Raises:
            NotFound: there is no such task.
            Superseded: `lease` is given, and its step is not ours any more.
        """

    def restore_step(self, place: Place) -> None:
        """Write the step that is due, where it is not kept; raises NotFound."""

    def remove(self, place: Place, lease: Lease) -> None:
        """Remove a task and what is due for it; raises Superseded."""

    def page(self, model: Place, owner: str, limit: int, after: str | None) -> list[Task]:
        """Return at most `limit` of an owner's tasks of a model, newest first, from `after` on.

        Raises:
            Unreadable: that task is not there.
        """


class Answered(NamedTuple):
    """What a call is answered.

    Attributes:
        status: of HTTP.
        content_type: of the body.
        headers: besides the body's type and length.
        body: in pieces.
        may_be_mended: another try may be answered otherwise.
        is_problem: the body is a refusal (RFC 9457).
    """

    status: int
    content_type: str
    headers: dict[str, str]
    body: Iterable[bytes]
    may_be_mended: bool = False
    is_problem: bool = False


class Answers(Protocol):
    """Answers calls as if they came now."""

    def answer(self, task: Task, body: bytes) -> Answered:
        """Return what the call of a task is answered; a refusal is an answer."""

    def failed(self, task: Task, reason: str) -> Answered:
        """Return what is answered to a call that we cannot carry out."""
