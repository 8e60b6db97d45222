"""The final step: the model of the best candidates, proved, evaluated and registered."""

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
from functions.training.service.step_kinds import finals
from functions.training.service.step_kinds.base import Work
from functions.training.service.step_kinds.finals import Final

log = structlog.get_logger()

BYTES_TYPE = "application/octet-stream"


class Files(NamedTuple):
    """What a model leaves in the bucket: itself, and what it predicted for the held-out rows."""

    model: ModelFile
    held_out: ModelFile


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
        """Store the files, register the version, end the job."""
        # A name of its own for each try: a file that was registered is never written again. A
        # try that died between here and the registration leaves a file behind, which the registry
        # sweeps away with a later registration.
        files = self._write(Place(job.workspace, job.model), job, final)
        registration = _registration(job, plan, final, files)
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

    def _write(self, model: Place, job: Job, final: Final) -> Files:
        """Store the model, and what it predicted for the held-out rows."""
        return Files(
            self._stored(new_file_path(model, job.id), final.made.onnx),
            self._stored(new_held_out_path(model, job.id), final.made.held_out.to_bytes()),
        )

    def _stored(self, path: str, data: bytes) -> ModelFile:
        self._files.write(path, data, BYTES_TYPE)
        return ModelFile(path, hashlib.sha256(data).hexdigest(), len(data))

    def _drop(self, files: Files) -> None:
        for file in files:
            self._files.delete(file.path)


def _registration(job: Job, plan: Plan, final: Final, files: Files) -> Registration:
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
        file=files.model,
        held_out=files.held_out,
        new_line=job.request.new_line,
        card=card.write(job, best, plan.decisions, made.evaluation, job.notes),
        owner=job.owner,
    )
