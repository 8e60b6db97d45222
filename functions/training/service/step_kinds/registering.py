"""The end of a job: its model's files, and its registration, each of which is made once."""

import hashlib
from collections.abc import Sequence

import msgspec
import structlog

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import DomainError, Transient
from functions.kit.contract.models import background, reference
from functions.kit.contract.models.registration import (
    ModelFile,
    Registration,
    files_in,
    new_background_path,
    new_file_path,
    new_held_out_path,
    new_reference_path,
)
from functions.training.learning.evaluation.reference import reference_of
from functions.training.learning.plan import Plan
from functions.training.learning.table import from_parquet
from functions.training.model import card, transitions
from functions.training.model.jobs import Job
from functions.training.service.ports import Version
from functions.training.service.step_kinds import challenging, predictions
from functions.training.service.step_kinds.assembling import Assembled
from functions.training.service.step_kinds.base import Work

log = structlog.get_logger()

BYTES_TYPE = "application/octet-stream"


class RegisterWork(Work):
    """Stores what is registered, and registers it."""

    def _prepared(
        self, job: Job, plan: Plan, made: Assembled, serving: Sequence[Version]
    ) -> Registration:
        """Store the model and the files beside it; say what they are.

        Beside what it predicted for its held-out rows is what those that serve say of these.

        A name of its own for each try: a file that was registered is never written again. A try
        that dies before its job knows of them leaves files behind, which the registry sweeps away
        with a later registration.
        """
        model = Place(job.workspace, job.model)
        file = self._stored(new_file_path(model, job.id), made.onnx)
        found = _registration(job, plan, made, file)
        held_out = challenging.with_rivals(self._tools, job, plan, made.held_out, serving)
        found.held_out = self._stored(new_held_out_path(model, job.id), held_out)
        found.background = self._background(job, made)
        found.reference = self._reference(job, made)
        return found

    def _background(self, job: Job, made: Assembled) -> ModelFile | None:
        """Store the rows that predictions are explained against, unless their texts are books."""
        data = made.background.to_bytes()
        if len(data) > background.MOST_BYTES:
            log.warning("background rows not kept", job=job.id, bytes=len(data))
            return None
        return self._stored(new_background_path(Place(job.workspace, job.model), job.id), data)

    def _reference(self, job: Job, made: Assembled) -> ModelFile | None:
        """Store what the rows were like, unless their snapshot went while they were learnt from."""
        try:
            rows = from_parquet(self._files.read(job.snapshot or ""), job.columns)
        except FileNotFoundError:
            log.warning("reference not kept", job=job.id, snapshot=job.snapshot)
            return None
        seed = job.request.seed
        found = reference_of(rows, made.signature, made.held_out, seed, made.served_held_out)
        data = found.to_bytes()
        if len(data) > reference.MOST_BYTES:
            log.warning("reference not kept", job=job.id, bytes=len(data))
            return None
        return self._stored(new_reference_path(Place(job.workspace, job.model), job.id), data)

    def _stored(self, path: str, data: bytes) -> ModelFile:
        self._files.write(path, data, BYTES_TYPE)
        return ModelFile(path, hashlib.sha256(data).hexdigest(), len(data))

    def _kept_registration(self, job: Job, registration: Registration) -> str:
        """Keep a registration until the registry has it; return the object's name."""
        data = msgspec.json.encode(registration)
        return predictions.write_registration(self._files, job.place, data)

    def _register(self, job: Job, path: str) -> Job:
        """Register the version, end the job."""
        try:
            registration = msgspec.json.decode(self._files.read(path), type=Registration)
        except FileNotFoundError as error:  # another has registered it, and tidied up; or it fails
            return self._fail(job, error)
        try:
            version = self._tools.functions.register(Place(job.workspace, job.model), registration)
        except DomainError as error:
            if not isinstance(error, Transient):
                self._drop(registration)
            return self._fail(job, error)
        if version.file != registration.file:
            # An earlier try had registered its files before it died.
            self._drop(registration)
        job = self._update(
            job, lambda job: transitions.succeed(job, version.version, self._clock.now())
        )
        log.info("job succeeded", job=job.id, model=job.model, version=version.version)
        return job

    def _drop(self, registration: Registration) -> None:
        for path in files_in(registration):
            self._files.delete(path)


def _registration(job: Job, plan: Plan, made: Assembled, file: ModelFile) -> Registration:
    if job.revision is None or job.snapshot is None or not job.members:
        raise ValueError(f"job {job.id} registers without a snapshot or members")
    best = job.candidates[job.heaviest]
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
        new_line=job.request.new_line,
        card=card.write(job, best, plan.decisions, made.evaluation, job.notes),
        owner=job.owner,
    )
