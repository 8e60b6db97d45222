"""A training job and its candidates: what is asked for and what is kept."""

import datetime as dt
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from functions.kit.contract.columns import Column
from functions.kit.contract.identity import OWNER
from functions.kit.contract.signature import Task
from functions.kit.contract.workspaces import MAIN, Place
from functions.training.learning.candidates.algorithms import Choice
from functions.training.model.spec import JobRequest

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
CandidateState = Literal["queued", "running", "succeeded", "failed"]

ENDED: frozenset[str] = frozenset({"succeeded", "failed", "cancelled"})


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
        workspace: whose it is, and its dataset and model.
        owner: the id of the account that asked for it.
        request: what was asked for, defaults filled in.
        snapshot: object name of the Parquet file of `revision`; `columns` are its columns.
        version: the model version that it made.
        progress: 0 to 1; the final step counts as much as a fold of every candidate.
        best: index of the candidate that was refitted.
        registering: the model is being registered; too late to cancel.
        attempts: how often the first step, later the final one, began.
    """

    id: str
    workspace: str = MAIN
    owner: str = OWNER
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
    def place(self) -> Place:
        """Where it is."""
        return Place(self.workspace, self.id)

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ENDED


class TrainingData(msgspec.Struct, frozen=True):
    """What a job trains on: one revision's snapshot, and the task its target makes."""

    revision: int
    snapshot: str
    columns: list[Column]
    task: Task


def new(place: Place, owner: str, request: JobRequest, now: dt.datetime) -> Job:
    """Return a job that waits for its first step."""
    model = request.model or request.dataset
    return Job(
        id=place.name,
        workspace=place.workspace,
        owner=owner,
        request=replace(request, model=model),
        model=model,
        dataset=request.dataset,
        target=request.target,
        created_at=now,
    )


def with_progress(job: Job) -> Job:
    """Return the job with its progress counted anew: it is derived, and not stored."""
    if job.state == "succeeded":
        return replace(job, progress=1.0)
    done = sum(one.folds if one.ended else one.folds_done for one in job.candidates)
    everything = (len(job.candidates) + 1) * job.request.folds
    return replace(job, progress=round(done / everything, 4))
