"""The final step: what the model is made of is chosen; then it is made, and registered."""

from collections.abc import Callable
from typing import Any

import msgspec
import structlog

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Transient
from functions.kit.contract.models.registration import Registration
from functions.kit.contract.steps import Superseded
from functions.training.learning.plan import Plan
from functions.training.model import transitions
from functions.training.model.jobs import Job
from functions.training.service.step_kinds import challenging, choosing, finals
from functions.training.service.step_kinds.assembling import Assembled
from functions.training.service.step_kinds.base import reason
from functions.training.service.step_kinds.registering import RegisterWork

log = structlog.get_logger()


class FinishWork(RegisterWork):
    """Makes the model and registers it."""

    def finish(self, job: Job) -> Job:
        """Choose members; of those that are made, make, prove and evaluate the model, register it.

        A model that cannot be made of them is chosen again without what is to blame. One that is
        made is not made again, however often it takes to register it.
        """
        if job.registration is not None:
            return self._register(job, job.registration)
        make = self._plan_of(job)
        if make is None:
            return self._store.load(job.place)
        job = self._update(job, lambda job: transitions.begin_finish(job, self._clock.now()))
        if not transitions.next_steps(job).finish:
            return job
        try:
            plan = make()
            if not job.members:
                return self._choose(job, plan)
        except Exception as error:
            log.warning("final step failed", job=job.id, exc_info=error)
            return self._fail(job, error)
        return self._make_model(job, plan)

    def _choose(self, job: Job, plan: Plan) -> Job:
        members, notes = choosing.choose(plan, job, self._files)
        return self._update(job, lambda job: transitions.choose(job, members, notes))

    def _make_model(self, job: Job, plan: Plan) -> Job:
        # Before the work: where the registry is away, nothing is made twice.
        serving = challenging.serving(self._tools, Place(job.workspace, job.model))
        try:
            made = finals.make(plan, job, self._files)
        except Transient:
            raise
        except Exception as error:
            log.warning("members parted", job=job.id, exc_info=error)
            why = reason(error)
            return self._update(
                job, lambda job: transitions.part_members(job, why, self._clock.now())
            )
        return self._keep_model(job, made, lambda: self._prepared(job, plan, made, serving))

    def _keep_model(self, job: Job, made: Assembled, prepare: Callable[[], Registration]) -> Job:
        """Store what is to be registered, and register it."""
        evaluation: dict[str, Any] = msgspec.to_builtins(made.evaluation)
        registration = prepare()
        path = self._kept_registration(job, registration)
        try:
            job = self._update(
                job, lambda job: transitions.begin_registering(job, evaluation, path)
            )
        except Superseded:
            self._drop(registration)
            self._files.delete(path)
            raise
        return self._register(job, path) if job.registration == path else job
