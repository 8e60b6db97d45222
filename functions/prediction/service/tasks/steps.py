"""The steps of a task, each carried out under a lease (`kit/service/step_runner.py`)."""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

import structlog

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.steps import Lease, Step, Superseded
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner
from functions.prediction.model.tasks import changes
from functions.prediction.model.tasks.due import forget_step, run_step, sweep_step
from functions.prediction.model.tasks.task import Result, Task
from functions.prediction.service.tasks.ports import Answered, Answers, TaskStore
from functions.prediction.service.tasks.tasks import folder_of

log = structlog.get_logger()


class Tools(NamedTuple):
    """What steps work with.

    Attributes:
        store: the tasks.
        files: the bucket.
        answers: answers calls.
        clock: tells when something happens.
        kept: for how long results are kept.
    """

    store: TaskStore
    files: Callable[[], Bucket]
    answers: Answers
    clock: Clock
    kept: dt.timedelta


class TaskSteps:
    """Carries steps out.

    Args:
        tools: what they work with.
        runner: takes steps, and holds their leases.
        lookout: is asked for more after each: a schedule alone would be too slow for what expires.
    """

    def __init__(self, tools: Tools, runner: StepRunner, lookout: Lookout) -> None:
        self._tools = tools
        self._runner = runner
        self._lookout = lookout

    def run(self, place: Place) -> None:
        """Answer the call; raises Away for what another try may mend: the step stays due."""
        self._run(run_step(place), place, self._answer)

    def sweep(self, place: Place) -> None:
        """Remove the files of what has expired; what is to go, goes."""
        self._run(sweep_step(place), place, self._sweep)

    def forget(self, place: Place) -> None:
        """Remove what is left of what expired."""
        self._run(forget_step(place), place, self._forget)

    def _run(self, step: Step, place: Place, do: Callable[[Task, Lease], None]) -> None:
        def carry_out(lease: Lease) -> bool:
            do(self._tools.store.load(place), lease)
            return False

        self._runner.run(step, carry_out)
        self._lookout.look()

    def _answer(self, task: Task, lease: Lease) -> None:
        if self._runner.is_hopeless(lease, ""):
            reason = "Process after process ended over this call (out of memory?)."
            answered = self._tools.answers.failed(task, reason)
        else:
            store, now = self._tools.store, self._tools.clock.now()
            store.update(task.place, lambda found: changes.begin(found, now), lease)
            answered = self._answered(task)
        if answered.may_be_mended and self._tools.clock.now() < task.expires_at:
            raise Away(f"Task '{task.id}' is to be tried again: {answered.status}.")
        self._end(task, answered, lease)

    def _answered(self, task: Task) -> Answered:
        try:
            body = self._tools.files().read(task.body)
        except FileNotFoundError:
            return self._tools.answers.failed(task, "The call's body is gone from the bucket.")
        return self._tools.answers.answer(task, body)

    def _end(self, task: Task, answered: Answered, lease: Lease) -> None:
        """Keep what was answered, and note it; what nobody wants any more is removed at once."""
        result = self._kept(task, answered, f"{folder_of(task.place)}result-{lease.holder}")
        now, kept = self._tools.clock.now(), self._tools.kept
        try:
            self._tools.store.update(
                task.place, lambda found: changes.end(found, result, now, kept), lease
            )
        except Superseded:
            self._tools.files().delete(result.path)
            raise

    def _kept(self, task: Task, answered: Answered, path: str) -> Result:
        size, problem = 0, b""
        with self._tools.files().writer(path, answered.content_type) as file:
            for piece in answered.body:
                file.write(piece)
                size += len(piece)
                problem += piece if answered.is_problem else b""
        if answered.is_problem:
            log.info("task failed", task=task.id, status=answered.status)
        said = (answered.status, answered.content_type, answered.headers)
        return Result(*said, path, size, problem.decode())

    def _sweep(self, task: Task, lease: Lease) -> None:
        if not task.is_removed and self._tools.clock.now() < task.expires_at:
            return  # by a clock that is ahead of ours; it is looked at again
        self._remove_files(task)
        if task.is_removed:
            self._tools.store.remove(task.place, lease)
        else:
            self._tools.store.update(task.place, changes.swept, lease)

    def _forget(self, task: Task, lease: Lease) -> None:
        if self._tools.clock.now() < task.forgotten_at:
            return  # as above
        self._remove_files(task)
        self._tools.store.remove(task.place, lease)

    def _remove_files(self, task: Task) -> None:
        files = self._tools.files()
        for path, _ in list(files.listed(folder_of(task.place))):
            files.delete(path)
