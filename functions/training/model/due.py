"""Which steps are due for a job: they follow from its document, and from nothing else."""

from functions.kit.contract.access import workspaces
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.steps import Step
from functions.training.model import transitions
from functions.training.model.jobs import Job

FUNCTION = "training"


def start_step(job: Place) -> Step:
    """Return the step that looks at the data and fans out the candidates."""
    return _step(job, "start")


def candidate_step(job: Place, index: int) -> Step:
    """Return the step that cross-validates a candidate."""
    return _step(job, "candidates", str(index))


def member_step(job: Place, index: int) -> Step:
    """Return the step that fits a candidate that was chosen on all rows, and exports it."""
    return _step(job, "members", str(index))


def finish_step(job: Place) -> Step:
    """Return the step that chooses members; and once they are made, makes the model of them."""
    return _step(job, "finish")


def tidy_step(job: Place) -> Step:
    """Return the step that removes what an ended job kept for its own steps."""
    return _step(job, "tidy")


def due_steps(job: Job) -> list[Step]:
    """Return what is to be done for a job to get on; nothing while it waits to be admitted.

    Of its candidates, or members, only as many as it may try at a time: each job has as many hints
    in the queue as any other, however many candidates it has, so that jobs take turns.
    """
    if job.ended:
        return [tidy_step(job.place)] if job.keeps_files else []
    if job.state == "queued":
        return [] if job.waits else [start_step(job.place)]
    following = transitions.next_steps(job)
    if following.finish:
        return [finish_step(job.place)]
    candidates = [candidate_step(job.place, index) for index in following.candidates]
    members = [member_step(job.place, index) for index in following.members]
    return [*candidates, *members][: job.slots]


def _step(job: Place, *which: str) -> Step:
    return Step(FUNCTION, "/" + workspaces.path(job.workspace, "jobs", job.name, "steps", *which))
