"""The kinds of step of a job, each carried out under a lease (`kit/service/step_runner.py`).

What a step makes due is written with its own end; only then is the queue told of it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.steps import Lease, Step
from functions.kit.service.hints import Hints
from functions.kit.service.step_runner import StepRunner
from functions.training.model.due import (
    candidate_step,
    due_steps,
    finish_step,
    member_step,
    start_step,
    tidy_step,
)
from functions.training.model.jobs import LARGE_SECONDS, Job
from functions.training.service.ports import JobStore

if TYPE_CHECKING:
    from functions.training.service.step_work import StepWork

Do = Callable[["StepWork", Job], Job]
Background = Callable[[Callable[[], Job]], Job]


def at_once(work: Callable[[], Job]) -> Job:
    """Do work as all other is done."""
    return work()


class Steps:
    """Runs steps.

    Args:
        store: the jobs.
        runner: takes steps, and holds their leases.
        hints: has steps looked at.
        work: makes what does a step; asked only when there is one to do, it is slow to import.
        background: does work so that other work goes first.
    """

    def __init__(
        self,
        store: JobStore,
        runner: StepRunner,
        hints: Hints,
        work: "Callable[[Lease], StepWork]",
        background: Background = at_once,
    ) -> None:
        self._store = store
        self._runner = runner
        self._hints = hints
        self._work = work
        self._background = background

    def start(self, place: Place) -> None:
        """Look at the data and fan out the candidates."""
        self._run(start_step(place), place, lambda work, job: work.start(job))

    def candidate(self, place: Place, index: int) -> None:
        """Cross-validate a candidate for a turn; the last to end lets the job go on."""
        step = candidate_step(place, index)
        self._run(step, place, lambda work, job: work.candidate(job, index))

    def member(self, place: Place, index: int) -> None:
        """Fit a candidate that was chosen on all rows; the last to end lets the job go on."""
        step = member_step(place, index)
        self._run(step, place, lambda work, job: work.member(job, index))

    def finish(self, place: Place) -> None:
        """Choose what the model is made of; of what is made, make it, evaluate and register it."""
        self._run(finish_step(place), place, lambda work, job: work.finish(job))

    def tidy(self, place: Place) -> None:
        """Remove what the job kept for its own steps."""
        self._run(tidy_step(place), place, lambda work, job: work.tidy(job))

    def _run(self, step: Step, place: Place, do: Do) -> None:
        def carry_out(lease: Lease) -> bool:
            job = self._store.load(place)
            work = self._work(lease)
            is_large = job.worked >= LARGE_SECONDS
            after = (self._background if is_large else at_once)(lambda: do(work, job))
            self._hints.send(one for one in work.made_due if one != step)
            if after.ended and not job.ended:
                self._hints.send(self._store.admit())
            # What is left of it goes behind the steps of other jobs.
            return step in due_steps(after)

        self._runner.run(step, carry_out)
