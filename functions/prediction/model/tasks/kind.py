"""What a store must know of tasks."""

from functions.kit.contract.access.over_quota import OpenBound
from functions.kit.contract.stepped import Kind
from functions.prediction.model.tasks.due import TASKS, due
from functions.prediction.model.tasks.task import Task

MOST_OPEN = 1_000
"""Tasks that an owner may have open: each keeps the body of a call, and all wait in one queue."""
OPEN = OpenBound("opentasks", "tasks", MOST_OPEN)


def list_of(task: Task) -> tuple[str, ...]:
    """Return which list a task stands in: its owner's, of a model; one that is to go, in none."""
    return () if task.is_removed else owned(task.model, task.owner)


def owned(model: str, owner: str) -> tuple[str, str]:
    """Return the list of an owner's tasks of a model."""
    return model, owner


TASK: Kind[Task] = Kind(
    noun="task",
    collection=TASKS,
    type=Task,
    due=lambda task: [due(task)],
    list_of=list_of,
    open_of=lambda task: "" if task.is_ended else task.owner,
)
