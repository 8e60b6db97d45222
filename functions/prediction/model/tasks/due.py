"""Which step is due for a task, and when: it follows from its document, and from nothing else."""

from functions.kit.contract.access import workspaces
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.stepped import Due
from functions.kit.contract.steps import Step
from functions.prediction.model.tasks.task import Task

FUNCTION = "prediction"
TASKS = "tasks"


def run_step(task: Place) -> Step:
    """Return the step that answers."""
    return _step(task, "run")


def sweep_step(task: Place) -> Step:
    """Return the step that removes the files of what has expired, or is to go."""
    return _step(task, "sweep")


def forget_step(task: Place) -> Step:
    """Return the step that removes what is left of what expired."""
    return _step(task, "forget")


def due(task: Task) -> Due:
    """Return what is to be done next."""
    if not task.is_ended:
        return Due(run_step(task.place))
    if task.is_removed:
        return Due(sweep_step(task.place))
    if not task.is_swept:
        return Due(sweep_step(task.place), task.expires_at)
    return Due(forget_step(task.place), task.forgotten_at)


def _step(task: Place, which: str) -> Step:
    return Step(FUNCTION, f"/{workspaces.path(task.workspace, TASKS, task.name, 'steps', which)}")
