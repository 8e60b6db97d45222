"""Which steps are due for a job: they follow from its document, and from nothing else."""

from functions.kit.contract import workspaces
from functions.kit.contract.steps import Step
from functions.kit.contract.workspaces import Place
from functions.training.model import transitions
from functions.training.model.jobs import Job

FUNCTION = "training"


def start_step(job: Place) -> Step:
    """Return the step that looks at the data and fans out the candidates."""
    return _step(job, "start")


def candidate_step(job: Place, index: int) -> Step:
    """Return the step that cross-validates a candidate."""
    return _step(job, "candidates", str(index))


def finish_step(job: Place) -> Step:
    """Return the step that refits, proves, evaluates and registers the best candidate."""
    return _step(job, "finish")


def due_steps(job: Job) -> list[Step]:
    """Return what is to be done for a job to get on."""
    if job.state == "queued":
        return [start_step(job.place)]
    following = transitions.next_steps(job)
    candidates = [candidate_step(job.place, index) for index in following.candidates]
    return [*candidates, finish_step(job.place)] if following.finish else candidates


def _step(job: Place, *which: str) -> Step:
    return Step(FUNCTION, "/" + workspaces.path(job.workspace, "jobs", job.name, "steps", *which))
