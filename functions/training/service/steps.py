"""The three kinds of step of a job, each carried out under a lease (`kit/service/step_runner.py`).

What a step makes due is written with its own end; only then is the queue told of it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from functions.kit.contract.steps import Lease, Step
from functions.kit.contract.workspaces import Place
from functions.kit.service.hints import Hints
from functions.kit.service.step_runner import StepRunner
from functions.training.model.due import candidate_step, due_steps, finish_step, start_step
from functions.training.model.jobs import Job
from functions.training.service.ports import JobStore

if TYPE_CHECKING:
    from functions.training.service.step_work import StepWork

Do = Callable[["StepWork", Job], Job]


class Steps:
    """Runs steps.

    Args:
        store: the jobs.
        runner: takes steps, and holds their leases.
        hints: has steps looked at.
        work: makes what does a step; asked only when there is one to do, it is slow to import.
    """

    def __init__(
        self,
        store: JobStore,
        runner: StepRunner,
        hints: Hints,
        work: "Callable[[Lease], StepWork]",
    ) -> None:
        self._store = store
        self._runner = runner
        self._hints = hints
        self._work = work

    def start(self, place: Place) -> None:
        """Look at the data and fan out the candidates."""
        self._run(start_step(place), place, lambda work, job: work.start(job))

    def candidate(self, place: Place, index: int) -> None:
        """Cross-validate a candidate; the last to end makes the final step due."""
        step = candidate_step(place, index)
        self._run(step, place, lambda work, job: work.candidate(job, index))

    def finish(self, place: Place) -> None:
        """Refit the best candidate, prove and evaluate it, register it."""
        self._run(finish_step(place), place, lambda work, job: work.finish(job))

    def _run(self, step: Step, place: Place, do: Do) -> None:
        def work(lease: Lease) -> bool:
            job = self._store.load(place)
            after = do(self._work(lease), job)
            was = due_steps(job)
            self._hints.send(one for one in due_steps(after) if one not in was)
            return False

        self._runner.run(step, work)
