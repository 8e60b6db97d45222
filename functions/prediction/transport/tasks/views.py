"""Tasks as callers see them."""

import datetime as dt

import msgspec

from functions.kit.http.responses.problems import ProblemDocument
from functions.prediction.model.tasks.task import State, Task


class TaskView(msgspec.Struct, frozen=True):
    """A task.

    Attributes:
        path: where it is, below the function's address; its result is at `{path}/result`.
        status: of the result, as of HTTP; null until it is there.
        problem: why it failed.
        expires_at: until when the result is kept; before it is there, until when it is tried for.
    """

    id: str
    model: str
    path: str
    state: State
    status: int | None
    problem: ProblemDocument | None
    by: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    expires_at: dt.datetime


def view(task: Task) -> TaskView:
    """Return what is shown of a task."""
    problem = task.result.problem if task.result else ""
    return TaskView(
        id=task.id,
        model=task.model,
        path=f"/models/{task.model}/tasks/{task.id}",
        state=task.state,
        status=task.result.status if task.result else None,
        problem=msgspec.json.decode(problem, type=ProblemDocument) if problem else None,
        by=task.caller.name,
        created_at=task.created_at,
        started_at=task.started_at,
        ended_at=task.ended_at,
        expires_at=task.expires_at,
    )
