"""The final step: what the model is made of is chosen; then it is made, and registered."""

import hashlib
from typing import Any, NamedTuple

import msgspec
import structlog

from functions.kit.contract.errors import DomainError, Transient
from functions.kit.contract.registration import (
    ModelFile,
    Registration,
    new_file_path,
    new_held_out_path,
)
from functions.kit.contract.workspaces import Place
from functions.training.learning.plan import Plan
from functions.training.model import card, transitions
from functions.training.model.jobs import Job
from functions.training.service.step_kinds import choosing, finals
from functions.training.service.step_kinds.assembling import Assembled
from functions.training.service.step_kinds.base import Work, reason

log = structlog.get_logger()

BYTES_TYPE = "application/octet-stream"


class Files(NamedTuple):
    """What a model leaves in the bucket: itself, and what it predicted for the held-out rows."""

    model: ModelFile
    held_out: ModelFile


class FinishWork(Work):
    """Makes the model and registers it."""

    def finish(self, job: Job) -> Job:
        """Choose members; of those that are made, make, prove and evaluate the model, register it.

        A model that cannot be made of them is chosen again without what is to blame.
        """
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
        evaluation: dict[str, Any] = msgspec.to_builtins(made.evaluation)
        job = self._update(job, lambda job: transitions.begin_registering(job, evaluation))
        return self._register(job, plan, made)

    def _register(self, job: Job, plan: Plan, made: Assembled) -> Job:
        """Store the files, register the version, end the job."""
        # A name of its own for each try: a file that was registered is never written again. A
        # try that died between here and the registration leaves a file behind, which the registry
        # sweeps away with a later registration.
        files = self._write(Place(job.workspace, job.model), job, made)
        registration = _registration(job, plan, made, files)
        try:
            version = self._tools.functions.register(Place(job.workspace, job.model), registration)
        except DomainError as error:
            if not isinstance(error, Transient):
                self._drop(files)
            return self._fail(job, error)
        if version.file.path != files.model.path:
            # An earlier try had registered its files before it died.
            self._drop(files)
        job = self._update(
            job, lambda job: transitions.succeed(job, version.version, self._clock.now())
        )
        log.info("job succeeded", job=job.id, model=job.model, version=version.version)
        return job

    def _write(self, model: Place, job: Job, made: Assembled) -> Files:
        """Store the model, and what it predicted for the held-out rows."""
        return Files(
            self._stored(new_file_path(model, job.id), made.onnx),
            self._stored(new_held_out_path(model, job.id), made.held_out.to_bytes()),
        )

    def _stored(self, path: str, data: bytes) -> ModelFile:
        self._files.write(path, data, BYTES_TYPE)
        return ModelFile(path, hashlib.sha256(data).hexdigest(), len(data))

    def _drop(self, files: Files) -> None:
        for file in files:
            self._files.delete(file.path)


def _registration(job: Job, plan: Plan, made: Assembled, files: Files) -> Registration:
    if job.revision is None or job.snapshot is None or job.best is None:
        raise ValueError(f"job {job.id} registers without a snapshot or a best candidate")
    best = job.candidates[job.best]
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
        file=files.model,
        held_out=files.held_out,
        new_line=job.request.new_line,
        card=card.write(job, best, plan.decisions, made.evaluation, job.notes),
        owner=job.owner,
    )
