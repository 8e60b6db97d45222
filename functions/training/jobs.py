"""A training job and its candidates: what they hold and how they move from state to state.

The transitions are pure: each takes the job as it is stored and returns it as it should be, or
the same object when there is nothing to change. That makes every step safe to repeat.
"""

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, field
from msgspec.structs import replace

from functions.kit.columns import Column
from functions.kit.signature import Task
from functions.training.algorithms import Choice

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
CandidateState = Literal["queued", "running", "succeeded", "failed"]

ENDED: frozenset[str] = frozenset({"succeeded", "failed", "cancelled"})
# A step that begins this often without getting any further kills its process: give it up.
MOST_ATTEMPTS = 5

Name = Annotated[str, Meta(min_length=1, max_length=200)]
# What the data sets and the model registry take as names of theirs.
DatasetId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=100)]
ModelName = Annotated[str, Meta(pattern=r"^[a-z0-9]([a-z0-9_.-]*[a-z0-9])?$", max_length=100)]


class JobRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What to train.

    Attributes:
        model: the model to give a new version to; the data set's name by default.
        positive: of two classes, the one whose probability matters; the last in order by default.
        candidates: what to try; a good set for the task by default.
        holdout: share of the rows that only the final evaluation sees.
        seed: makes splits and algorithms repeatable.
        task: overrules what the target's values suggest (whole numbers: classes or a quantity?).
        columns: all that may be used; every column but the target by default.
    """

    dataset: DatasetId
    target: Name
    model: ModelName | None = None
    positive: str | None = None
    candidates: Annotated[list[Choice], Meta(min_length=1, max_length=20)] | None = None
    holdout: Annotated[float, Meta(ge=0.05, le=0.5)] = 0.2
    folds: Annotated[int, Meta(ge=2, le=20)] = 5
    seed: Annotated[int, Meta(ge=0, lt=2**31)] = 0
    task: Task | None = None
    columns: Annotated[list[str], Meta(min_length=1)] | None = None


class Fold(msgspec.Struct):
    """One fold's measures, and how long fitting and measuring took."""

    metrics: dict[str, float]
    seconds: float


class Candidate(msgspec.Struct, kw_only=True):
    """One algorithm with its settings, and how its cross-validation stands.

    Attributes:
        metrics: mean of each measure over the folds; empty until the last is done.
        spread: standard deviation of each measure over the folds.
        attempts: how often the step began since it last got further.
    """

    index: int
    algorithm: str
    settings: dict[str, Any]
    folds: int
    state: CandidateState = "queued"
    folds_done: int = 0
    metrics: dict[str, float] = {}
    spread: dict[str, float] = {}
    seconds: float = 0.0
    failure: str | None = None
    results: list[Fold] = []
    attempts: int = 0

    @property
    def choice(self) -> Choice:
        """The algorithm and settings as the catalogue takes them."""
        return Choice(self.algorithm, self.settings)

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in {"succeeded", "failed"}


class Job(msgspec.Struct, kw_only=True):
    """A training job.

    Attributes:
        request: what was asked for, defaults filled in.
        snapshot: object name of the Parquet file of `revision`; `columns` are its columns.
        version: the model version that it made.
        progress: 0 to 1; the final step counts as much as a fold of every candidate.
        best: index of the candidate that was refitted.
        registering: the model is being registered; too late to cancel.
        attempts: how often the final step began.
    """

    id: str
    request: JobRequest
    model: str
    dataset: str
    target: str
    state: State = "queued"
    failure: str | None = None
    revision: int | None = None
    snapshot: str | None = None
    columns: list[Column] = []
    task: Task | None = None
    version: int | None = None
    progress: float = 0.0
    candidates: list[Candidate] = []
    best: int | None = None
    evaluation: dict[str, Any] | None = None
    registering: bool = False
    attempts: int = 0
    created_at: dt.datetime
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ENDED


class Data(msgspec.Struct, frozen=True):
    """What a job trains on: one revision's snapshot, and the task its target makes."""

    revision: int
    snapshot: str
    columns: list[Column]
    task: Task


class Next(msgspec.Struct, frozen=True):
    """What is to be queued for a job to get on: candidates' steps, or the final one."""

    candidates: list[int] = field(default_factory=list)
    finish: bool = False


def new(job_id: str, request: JobRequest, now: dt.datetime) -> Job:
    """Return a job that waits for its first step."""
    model = request.model or request.dataset
    return Job(
        id=job_id,
        request=replace(request, model=model),
        model=model,
        dataset=request.dataset,
        target=request.target,
        created_at=now,
    )


def next_steps(job: Job) -> Next:
    """Return what is still to be done; whoever redelivers may queue it again."""
    if job.state != "running":
        return Next()
    open_ones = [one.index for one in job.candidates if not one.ended]
    return Next(open_ones, finish=not open_ones)


def start(job: Job, data: Data, choices: list[Choice], now: dt.datetime) -> Job:
    """Fan out: the job runs, its candidates wait."""
    if job.state != "queued":
        return job
    folds = job.request.folds
    candidates = [
        Candidate(index=place, algorithm=one.algorithm, settings=one.settings, folds=folds)
        for place, one in enumerate(choices)
    ]
    return replace(
        job,
        state="running",
        revision=data.revision,
        snapshot=data.snapshot,
        columns=data.columns,
        task=data.task,
        candidates=candidates,
        started_at=now,
    )


def fail(job: Job, reason: str, now: dt.datetime) -> Job:
    """End the job with a reason that its user can read."""
    if job.ended:
        return job
    return replace(job, state="failed", failure=reason, ended_at=now)


def cancel(job: Job, now: dt.datetime) -> Job:
    """End the job at its user's wish; one that is registering its model goes on."""
    if job.ended or job.registering:
        return job
    return replace(job, state="cancelled", ended_at=now)


def begin_candidate(job: Job, index: int) -> Job:
    """Note that a candidate's step begins; one that never gets any further fails."""
    candidate = job.candidates[index]
    if job.state != "running" or candidate.ended:
        return job
    if candidate.attempts >= MOST_ATTEMPTS:
        return fail_candidate(
            job, index, f"its process ended {MOST_ATTEMPTS} times while training (out of memory?)"
        )
    begun = replace(candidate, state="running", attempts=candidate.attempts + 1)
    return _with_candidate(job, begun)


def record_fold(job: Job, index: int, fold: int, result: Fold) -> Job:
    """Note a fold's result; one that is already there stays."""
    candidate = job.candidates[index]
    if job.state != "running" or candidate.ended or candidate.folds_done != fold:
        return job
    results = [*candidate.results, result]
    done = replace(
        candidate,
        results=results,
        folds_done=len(results),
        seconds=candidate.seconds + result.seconds,
        attempts=0,
    )
    return _with_candidate(job, done)


def end_candidate(job: Job, index: int, metrics: dict[str, float], spread: dict[str, float]) -> Job:
    """Note that a candidate has done all its folds."""
    candidate = job.candidates[index]
    if job.state != "running" or candidate.ended:
        return job
    done = replace(candidate, state="succeeded", metrics=metrics, spread=spread)
    return _with_candidate(job, done)


def fail_candidate(job: Job, index: int, reason: str) -> Job:
    """Note that a candidate cannot be trained; the job goes on with the others."""
    candidate = job.candidates[index]
    if job.state != "running" or candidate.ended:
        return job
    return _with_candidate(job, replace(candidate, state="failed", failure=reason))


def begin_finish(job: Job, now: dt.datetime) -> Job:
    """Note that the final step begins; a job without any candidate left fails."""
    if job.state != "running" or not next_steps(job).finish:
        return job
    if all(one.state == "failed" for one in job.candidates):
        reasons = dict.fromkeys(str(one.failure) for one in job.candidates)
        return fail(job, f"Every candidate failed: {'; '.join(reasons)}", now)
    if job.attempts >= MOST_ATTEMPTS:
        return fail(
            job,
            f"The final step's process ended {MOST_ATTEMPTS} times (out of memory?).",
            now,
        )
    return replace(job, attempts=job.attempts + 1)


def begin_registering(job: Job, best: int, evaluation: dict[str, Any]) -> Job:
    """Note the evaluation, and that from here on the job cannot be cancelled."""
    if job.state != "running":
        return job
    # Whatever delays the registration now is no fault of this step: it may try again for long.
    return replace(job, best=best, evaluation=evaluation, registering=True, attempts=0)


def succeed(job: Job, version: int, now: dt.datetime) -> Job:
    """End the job with the version that it made."""
    if job.state != "running":
        return job
    return replace(job, state="succeeded", version=version, registering=False, ended_at=now)


def _with_candidate(job: Job, changed: Candidate) -> Job:
    candidates = [changed if one.index == changed.index else one for one in job.candidates]
    return replace(job, candidates=candidates)


def with_progress(job: Job) -> Job:
    """Return the job with its progress counted anew: it is derived, and not stored."""
    if job.state == "succeeded":
        return replace(job, progress=1.0)
    done = sum(one.folds if one.ended else one.folds_done for one in job.candidates)
    everything = (len(job.candidates) + 1) * job.request.folds
    return replace(job, progress=round(done / everything, 4))
