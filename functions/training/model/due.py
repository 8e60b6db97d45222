"""Which steps are due for a job: they follow from its document, and from nothing else."""

from functions.kit.contract.steps import Step
from functions.training.model import transitions
from functions.training.model.jobs import Job

FUNCTION = "training"


def start_step(job_id: str) -> Step:
    """Return the step that looks at the data and fans out the candidates."""
    return Step(FUNCTION, f"/jobs/{job_id}/steps/start")


def candidate_step(job_id: str, index: int) -> Step:
    """Return the step that cross-validates a candidate."""
    return Step(FUNCTION, f"/jobs/{job_id}/steps/candidates/{index}")


def finish_step(job_id: str) -> Step:
    """Return the step that refits, proves, evaluates and registers the best candidate."""
    return Step(FUNCTION, f"/jobs/{job_id}/steps/finish")


def due_steps(job: Job) -> list[Step]:
    """Return what is to be done for a job to get on."""
    if job.state == "queued":
        return [start_step(job.id)]
    following = transitions.next_steps(job)
    candidates = [candidate_step(job.id, index) for index in following.candidates]
    return [*candidates, finish_step(job.id)] if following.finish else candidates
