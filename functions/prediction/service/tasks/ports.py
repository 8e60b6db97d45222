"""What the services of tasks need of their store, and of who answers calls."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from functions.kit.contract.stepped import SteppedStore
from functions.prediction.model.tasks.task import Task

TaskStore = SteppedStore[Task]
"""Keeps tasks (`model/tasks/kind.py`)."""


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
