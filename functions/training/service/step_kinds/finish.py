"""The final step: the model of the best candidates, proved, evaluated and registered."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog

from functions.kit.contract.errors import DomainError, Transient
from functions.kit.contract.registration import ModelFile, Registration, new_file_path
from functions.kit.contract.workspaces import Place
from functions.training.learning.plan import Plan
from functions.training.model import card, transitions
from functions.training.model.jobs import Job
from functions.training.service.step_kinds import finals
from functions.training.service.step_kinds.base import Work
from functions.training.service.step_kinds.finals import Final

log = structlog.get_logger()

ONNX_TYPE = "application/octet-stream"


class FinishWork(Work):
    """Makes the model and registers it."""

    def finish(self, job: Job) -> Job:
        """Refit the best, prove and evaluate the model, register it."""
        make = self._plan_of(job)
        if make is None:
            return self._store.load(job.place)
        job = self._update(job, lambda job: transitions.begin_finish(job, self._clock.now()))
        if not transitions.next_steps(job).finish:
            return job
        try:
            plan = make()
            final = finals.make(plan, job, self._files)
        except Exception as error:
            log.warning("final step failed", job=job.id, exc_info=error)
            return self._fail(job, error)
        evaluation: dict[str, Any] = msgspec.to_builtins(final.made.evaluation)
        notes = [*plan.notes, *final.notes]
        job = self._update(
            job,
            lambda job: transitions.begin_registering(job, final.members, notes, evaluation),
        )
        return self._register(job, plan, final)

    def _register(self, job: Job, plan: Plan, final: Final) -> Job:
        """Store the file, register the version, end the job."""
        # A name of its own for each try: a file that was registered is never written again. A
        # try that died between here and the registration leaves a file behind, which the registry
        # sweeps away with a later registration.
        model = Place(job.workspace, job.model)
        path = new_file_path(model, job.id)
        onnx = final.made.onnx
        self._files.write(path, onnx, ONNX_TYPE)
        file = ModelFile(path, hashlib.sha256(onnx).hexdigest(), len(onnx))
        try:
            version = self._tools.functions.register(model, _registration(job, plan, final, file))
        except DomainError as error:
            if not isinstance(error, Transient):
                self._files.delete(path)
            return self._fail(job, error)
        if version.file.path != path:
            # An earlier try had registered its file before it died.
            self._files.delete(path)
        job = self._update(
            job, lambda job: transitions.succeed(job, version.version, self._clock.now())
        )
        log.info("job succeeded", job=job.id, model=job.model, version=version.version)
        return job


def _registration(job: Job, plan: Plan, final: Final, file: ModelFile) -> Registration:
    if job.revision is None or job.snapshot is None or job.best is None:
        raise ValueError(f"job {job.id} registers without a snapshot or a best candidate")
    best, made = job.candidates[job.best], final.made
    return Registration(
        job=job.id,
        dataset=job.dataset,
        revision=job.revision,
        snapshot=job.snapshot,
        target=job.target,
        task=made.signature.task,
        algorithm=best.algorithm,
        settings=best.settings,
        metrics={"cv": best.metrics, "holdout": made.evaluation.metrics},
        evaluation=msgspec.to_builtins(made.evaluation),
        signature=made.signature,
        file=file,
        card=card.write(job, best, plan.decisions, made.evaluation) + _told(final.notes),
        owner=job.owner,
    )


def _told(notes: Sequence[str]) -> str:
    """Return the card's section of what the search did not try, and what was left out."""
    return "\n## Search\n\n" + "\n".join(f"- {one}" for one in notes) + "\n" if notes else ""
