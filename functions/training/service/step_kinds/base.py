"""What all kinds of step have: the job under a lease, its data, and its end with a reason."""

from collections.abc import Callable

import structlog

from functions.kit.contract.errors import DomainError, Transient
from functions.kit.contract.steps import Lease, Step
from functions.training.learning.candidates.estimators.problem import TooMuch
from functions.training.learning.graph.parity import Mismatch
from functions.training.learning.plan import Plan
from functions.training.model import transitions
from functions.training.model.due import due_steps
from functions.training.model.jobs import Job
from functions.training.model.task import UnsuitableData
from functions.training.service.ports import Change
from functions.training.service.step_kinds.planning import planned
from functions.training.service.step_kinds.tools import Tools

log = structlog.get_logger()


class Work:
    """Does one step of a job; what it notes holds only under the step's lease.

    What ends a job is noted in the job. What another try may mend (Firestore or another function
    away) is raised: the step stays due.

    Args:
        tools: what it works with.
        lease: that of the step.

    Attributes:
        made_due: steps that what was done has made due.
    """

    def __init__(self, tools: Tools, lease: Lease) -> None:
        self._tools = tools
        self._store = tools.store
        self._files = tools.files
        self._clock = tools.clock
        self._lease = lease
        self.made_due: list[Step] = []

    def _update(self, job: Job, change: Change) -> Job:
        """Change the job, if the step is still ours; raises Superseded."""
        begun: list[Step] = []

        def noted(before: Job) -> Job:
            after = change(before)
            was = due_steps(before)
            begun[:] = [step for step in due_steps(after) if step not in was]
            return after

        after = self._store.update(job.place, noted, self._lease)
        self.made_due += begun
        return after

    def _plan_of(self, job: Job) -> Callable[[], Plan] | None:
        """Return what makes the plan of a job that runs, its data read.

        None when that ends the job: they are gone.
        """
        if job.snapshot is None:
            raise ValueError(f"job {job.id} runs without a snapshot")
        try:
            return planned(self._tools, job.request, job.snapshot, job.columns, job.most_rows)
        except UnsuitableData as error:
            self._fail(job, error)
            return None

    def _fail(self, job: Job, error: Exception) -> Job:
        """End the job with the reason; raises what another try may mend."""
        if isinstance(error, Transient):
            raise error
        why = reason(error)
        log.info("job failed", job=job.id, reason=why)
        return self._update(job, lambda job: transitions.fail(job, why, self._clock.now()))


def reason(error: Exception) -> str:
    """Return one sentence for the user: ours as it is, a library's with its kind."""
    if isinstance(error, DomainError):
        return "; ".join([error.detail, *(flaw.reason for flaw in error.flaws)])[:1000]
    if isinstance(error, UnsuitableData | Mismatch | TooMuch):
        return str(error)
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
