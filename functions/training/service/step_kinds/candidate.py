"""A candidate's step: fold after fold of its rung, for a turn; then others have theirs."""

from typing import Any

import structlog
from numpy.typing import NDArray

from functions.kit.contract.steps import Superseded
from functions.training.learning.plan import Plan
from functions.training.model import transitions
from functions.training.model.jobs import Candidate, Fold, Job
from functions.training.service.step_kinds import predictions, searching
from functions.training.service.step_kinds.base import Work, reason

log = structlog.get_logger()


class CandidateWork(Work):
    """Cross-validates a candidate."""

    def candidate(self, job: Job, index: int) -> Job:
        """Try a candidate for a turn; what is left of its rung stays due.

        Of those that end at the same time, Firestore's transaction lets one alone see all ended,
        and make the next rung, or the final step, due.
        """
        make = self._plan_of(job)
        if make is None:
            return self._store.load(job.place)
        job = self._update(
            job, lambda job: transitions.begin_candidate(job, index, self._clock.now())
        )
        if not _open(job, index):
            return job
        rung, began = job.rung, self._clock.monotonic()
        try:
            plan = make()
        except Exception as error:  # noqa: BLE001 - what it is decides who is to know
            return self._fail(job, error)
        while _open(job, index) and job.rung == rung:
            job = self._advance(job, index, plan)
            if self._clock.monotonic() - began >= self._tools.pace.turn:
                break
        return job

    def _advance(self, job: Job, index: int, plan: Plan) -> Job:
        """Do folds for a while, and note them; a fold that another step did is not redone."""
        candidate = job.candidates[index]
        try:
            done, predicted = self._folds(job, candidate, plan)
        except Exception as error:
            log.warning("candidate failed", job=job.id, candidate=index, exc_info=error)
            why = reason(error)
            return self._update(
                job, lambda job: transitions.fail_candidate(job, index, why, self._clock.now())
            )
        if candidate.rows is None:  # the last rung's, or kept for it
            file = predictions.write(self._files, job.place, index, predicted)
        else:
            file = None
        return self._note(job, candidate, done, file, plan)

    def _folds(
        self, job: Job, candidate: Candidate, plan: Plan
    ) -> tuple[list[Fold], list[NDArray[Any]]]:
        """Do the next folds, one at least, until it is time to write them down."""
        done: list[Fold] = []
        predicted: list[NDArray[Any]] = []
        first = began = self._clock.monotonic()
        for fold in range(candidate.folds_done, candidate.folds):
            with self._tools.room.shared():
                found = searching.run_fold(plan, candidate, fold, job.request)
            now = self._clock.monotonic()
            done.append(Fold(found.metrics, round(now - began, 4)))
            predicted.append(found.predictions)
            began = now
            if now - first >= self._tools.pace.record:
                break
        return done, predicted

    def _note(
        self, job: Job, candidate: Candidate, done: list[Fold], file: str | None, plan: Plan
    ) -> Job:
        index, first = candidate.index, candidate.folds_done
        results = [*candidate.results, *done]
        whole = None
        if len(results) == candidate.folds:
            whole = searching.summary(plan, results, job.request)

        def change(job: Job) -> Job:
            job = transitions.record_folds(job, index, first, done, file)
            if whole is None:
                return job
            return transitions.end_candidate(job, index, whole, self._clock.now())

        try:
            return self._update(job, change)
        except Superseded:
            if file is not None:
                self._files.delete(file)  # the job may be tidied up already
            raise


def _open(job: Job, index: int) -> bool:
    return job.state == "running" and not job.candidates[index].ended
