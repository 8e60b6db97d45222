"""What the three kinds of step do.

Each does what is still to be done for the job, and notes it in transactions that hold only under
the step's lease. What ends a job is noted in the job. What another try may mend (Firestore or
another function away) is raised: the step stays due.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog

from functions.kit.contract.columns import Column
from functions.kit.contract.errors import DomainError, Transient
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.registration import ModelFile, Registration, new_file_path
from functions.kit.contract.steps import Lease
from functions.kit.contract.workspaces import Place
from functions.training.learning import plan
from functions.training.learning.candidates import crossvalidation
from functions.training.learning.candidates.final_fit import FinalModel, make_model
from functions.training.learning.evaluation import metrics
from functions.training.learning.graph.parity import Mismatch
from functions.training.learning.plan import Plan
from functions.training.learning.plans import Plans
from functions.training.learning.table import from_parquet
from functions.training.model import card, transitions
from functions.training.model.jobs import Candidate, Fold, Job, TrainingData
from functions.training.model.spec import JobRequest
from functions.training.model.task import UnsuitableData
from functions.training.service.jobs import candidates_for, check_dataset
from functions.training.service.ports import Change, JobStore, OtherFunctions, Snapshot

log = structlog.get_logger()

ONNX_TYPE = "application/octet-stream"
PLANS = Plans()


class StepWork:
    """Does one step; each method returns the job as it is then.

    Args:
        store: the jobs.
        functions: the other functions.
        files: snapshots and ONNX files.
        clock: tells when something happens, and how long it took.
        lease: that of the step.
    """

    def __init__(
        self,
        store: JobStore,
        functions: OtherFunctions,
        files: Bucket,
        clock: Clock,
        lease: Lease,
    ) -> None:
        self._store = store
        self._functions = functions
        self._files = files
        self._clock = clock
        self._lease = lease

    def _update(self, job: Job, change: Change) -> Job:
        """Change the job, if the step is still ours; raises Superseded."""
        return self._store.update(job.place, change, self._lease)

    def start(self, job: Job) -> Job:
        """Look at the job's data and fan out its candidates."""
        try:
            snapshot, stored = self._pin(job)
            job = self._update(job, lambda job: transitions.begin_start(job, self._clock.now()))
            if job.state != "queued":
                return job
            task = _plan(job.request, stored, snapshot.path, snapshot.columns).task
        except (UnsuitableData, DomainError) as error:
            return self._fail(job, error)
        return self._fan_out(
            job, TrainingData(snapshot.revision, snapshot.path, snapshot.columns, task)
        )

    def _fan_out(self, job: Job, data: TrainingData) -> Job:
        try:
            choices = candidates_for(job.request, data.task)
        except DomainError as error:
            return self._fail(job, error)
        return self._update(
            job, lambda job: transitions.start(job, data, choices, self._clock.now())
        )

    def _pin(self, job: Job) -> tuple[Snapshot, bytes]:
        """Return the snapshot of the dataset's current revision, and its file."""
        dataset = Place(job.workspace, job.dataset)
        check_dataset(self._functions.dataset(dataset), job.request)
        snapshot = self._functions.snapshot(dataset)
        return snapshot, self._read(snapshot.path)

    def candidate(self, job: Job, index: int) -> Job:
        """Cross-validate one candidate, fold by fold.

        Of those that end at the same time, Firestore's transaction lets one alone see all ended,
        and make the final step due.
        """
        stored = self._read_again(job)
        if stored is None:
            return self._store.load(job.place)
        job = self._update(job, lambda job: transitions.begin_candidate(job, index))
        if not _open(job, index):
            return job
        made = _plan(job.request, stored, str(job.snapshot), job.columns)
        while _open(job, index):
            job = self._advance(job, index, made)
        return job

    def _advance(self, job: Job, index: int, made: Plan) -> Job:
        """Do a candidate's next fold, or its end; a fold that another step did is not redone."""
        candidate = job.candidates[index]
        fold = candidate.folds_done
        if fold == candidate.folds:
            return self._end(job, candidate)
        began = self._clock.monotonic()
        try:
            found = crossvalidation.run_fold(
                made, candidate.choice, fold=fold, seed=job.request.seed
            )
        except Exception as error:
            log.warning("candidate failed", job=job.id, candidate=index, exc_info=error)
            reason = _reason(error)
            return self._update(job, lambda job: transitions.fail_candidate(job, index, reason))
        result = Fold(found.metrics, round(self._clock.monotonic() - began, 4))
        return self._update(job, lambda job: transitions.record_fold(job, index, fold, result))

    def _end(self, job: Job, candidate: Candidate) -> Job:
        folds = [one.metrics for one in candidate.results]
        mean, spread = metrics.average(folds), metrics.spread(folds)
        return self._update(
            job, lambda job: transitions.end_candidate(job, candidate.index, mean, spread)
        )

    def finish(self, job: Job) -> Job:
        """Refit the best candidate, prove and evaluate it, register it."""
        stored = self._read_again(job)
        if stored is None:
            return self._store.load(job.place)
        job = self._update(job, lambda job: transitions.begin_finish(job, self._clock.now()))
        if not transitions.next_steps(job).finish:
            return job
        best = best_of(job)
        try:
            data = _plan(job.request, stored, str(job.snapshot), job.columns)
            made = make_model(data, best.choice, job.request)
        except Exception as error:
            log.warning("final step failed", job=job.id, exc_info=error)
            return self._fail(job, error)
        evaluation: dict[str, Any] = msgspec.to_builtins(made.evaluation)
        job = self._update(
            job, lambda job: transitions.begin_registering(job, best.index, evaluation)
        )
        return self._register(job, best, data, made)

    def _register(self, job: Job, best: Candidate, data: Plan, made: FinalModel) -> Job:
        """Store the file, register the version, end the job."""
        # A name of its own for each try: a file that was registered is never written again. A
        # try that died between here and the registration leaves a file behind, which the registry
        # sweeps away with a later registration.
        model = Place(job.workspace, job.model)
        path = new_file_path(model, job.id)
        self._files.write(path, made.onnx, ONNX_TYPE)
        file = ModelFile(path, hashlib.sha256(made.onnx).hexdigest(), len(made.onnx))
        registration = _registration(job, best, data, made, file)
        try:
            version = self._functions.register(model, registration)
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
        log.info(
            "job succeeded",
            workspace=job.workspace,
            job=job.id,
            model=job.model,
            version=version.version,
        )
        return job

    def _read_again(self, job: Job) -> bytes | None:
        """Return the data of a job that runs, or None when that ends it: they are gone."""
        if job.snapshot is None:
            raise ValueError(f"job {job.id} runs without a snapshot")
        try:
            return self._read(job.snapshot)
        except UnsuitableData as error:
            self._fail(job, error)
            return None

    def _read(self, snapshot: str) -> bytes:
        try:
            return self._files.read(snapshot)
        except FileNotFoundError as error:
            text = f"The snapshot {snapshot} is gone; was the dataset deleted meanwhile?"
            raise UnsuitableData(text) from error

    def _fail(self, job: Job, error: Exception) -> Job:
        """End the job with the reason; raises what another try may mend."""
        if isinstance(error, Transient):
            raise error
        reason = _reason(error)
        log.info("job failed", job=job.id, reason=reason)
        return self._update(job, lambda job: transitions.fail(job, reason, self._clock.now()))


def best_of(job: Job) -> Candidate:
    """Return the candidate of the best mean measure; of equals the first."""
    if job.task is None:
        raise ValueError(f"job {job.id} runs without a task")
    task = job.task
    done = [one for one in job.candidates if one.state == "succeeded"]
    return max(
        done, key=lambda one: (metrics.score(task, one.metrics, job.request.measure), -one.index)
    )


def _open(job: Job, index: int) -> bool:
    return job.state == "running" and not job.candidates[index].ended


def _plan(request: JobRequest, stored: bytes, snapshot: str, columns: Sequence[Column]) -> Plan:
    return PLANS.of(snapshot, request, lambda: plan.make(from_parquet(stored, columns), request))


def _registration(
    job: Job, best: Candidate, data: Plan, made: FinalModel, file: ModelFile
) -> Registration:
    if job.revision is None or job.snapshot is None:
        raise ValueError(f"job {job.id} runs without a snapshot")
    return Registration(
        job=job.id,
        dataset=job.dataset,
        revision=job.revision,
        snapshot=job.snapshot,
        target=job.target,
        task=data.task,
        algorithm=best.algorithm,
        settings=best.settings,
        metrics={"cv": best.metrics, "holdout": made.evaluation.metrics},
        evaluation=msgspec.to_builtins(made.evaluation),
        signature=made.signature,
        file=file,
        card=card.write(job, best, data.decisions, made.evaluation, data.notes),
        owner=job.owner,
    )


def _reason(error: Exception) -> str:
    """Return one sentence for the user: ours as it is, a library's with its kind."""
    if isinstance(error, DomainError):
        return "; ".join([error.detail, *(flaw.reason for flaw in error.flaws)])[:1000]
    if isinstance(error, UnsuitableData | Mismatch):
        return str(error)
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
