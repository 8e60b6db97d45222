"""A member's step: a candidate that was chosen is fitted on all rows, exported and proved."""

import structlog

from functions.kit.contract.steps import Superseded
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.ensembles import twins
from functions.training.learning.ensembles.twins import Twins
from functions.training.learning.plan import Plan
from functions.training.learning.table import Table, from_parquet
from functions.training.model import transitions
from functions.training.model.jobs import Job
from functions.training.service.step_kinds import predictions
from functions.training.service.step_kinds.base import Work, reason
from functions.training.service.step_kinds.planning import read

log = structlog.get_logger()


class MemberWork(Work):
    """Makes a member."""

    def member(self, job: Job, index: int) -> Job:
        """Fit a member on all rows and keep it; one that cannot be made is left out."""
        make = self._plan_of(job)
        if make is None:
            return self._store.load(job.place)
        job = self._update(job, lambda job: transitions.begin_member(job, index, self._clock.now()))
        if index not in transitions.next_steps(job).members:
            return job
        try:
            plan = make()
        except Exception as error:  # noqa: BLE001 - what it is decides who is to know
            return self._fail(job, error)
        return self._fit_member(job, index, plan)

    def _fit_member(self, job: Job, index: int, plan: Plan) -> Job:
        began = self._clock.monotonic()
        try:
            made = self._fitted(job, plan, job.candidates[index].choice)
        except Exception as error:
            log.warning("member left out", job=job.id, candidate=index, exc_info=error)
            why = reason(error)
            return self._update(
                job, lambda job: transitions.fail_member(job, index, why, self._clock.now())
            )
        return self._keep_member(job, index, made, self._clock.monotonic() - began)

    def _fitted(self, job: Job, plan: Plan, choice: Choice) -> Twins:
        request, budget, snapshot = job.request, self._tools.memory, job.snapshot
        if plan.whole is None or snapshot is None:
            return twins.fit(plan, choice, request.seed, refit=request.refit)

        def table() -> Table:
            return from_parquet(read(self._tools, snapshot), job.columns)

        with self._tools.room.alone():
            return twins.fit_large(
                plan, plan.whole, table, choice, seed=request.seed, budget=budget
            )

    def _keep_member(self, job: Job, index: int, made: Twins, seconds: float) -> Job:
        file = predictions.write_member(self._files, job.place, index, made)
        try:
            return self._update(
                job, lambda job: transitions.record_member(job, index, file, seconds)
            )
        except Superseded:
            self._files.delete(file)  # the job may be tidied up already
            raise
