"""A training job and its candidates: what is asked for and what is kept."""

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from functions.kit.contract.columns import Column
from functions.kit.contract.identity import OWNER
from functions.kit.contract.signature import Task
from functions.kit.contract.workspaces import MAIN, Place
from functions.training.learning.candidates.algorithms import Choice
from functions.training.model.task import LONGEST_LABEL

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
CandidateState = Literal["queued", "running", "succeeded", "failed"]

ENDED: frozenset[str] = frozenset({"succeeded", "failed", "cancelled"})
Name = Annotated[str, Meta(min_length=1, max_length=200)]
# What the datasets and the model registry take as names of theirs.
DatasetId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=100)]
ModelName = Annotated[str, Meta(pattern=r"^[a-z0-9]([a-z0-9_.-]*[a-z0-9])?$", max_length=100)]


class TrainingSpec(msgspec.Struct, forbid_unknown_fields=True):
    """What shapes the data of a job.

    Attributes:
        holdout: share of the rows that only the final evaluation sees.
        seed: makes splits and algorithms repeatable.
        task: overrules what the target's values suggest (whole numbers: classes or a quantity?).
        positive: of two classes, the one whose probability matters; the last in order by default.
        columns: all that may be used; every column but the target by default.
    """

    target: Name
    holdout: Annotated[float, Meta(ge=0.05, le=0.5)] = 0.2
    folds: Annotated[int, Meta(ge=2, le=20)] = 5
    seed: Annotated[int, Meta(ge=0, lt=2**31)] = 0
    task: Task | None = None
    positive: Annotated[str, Meta(max_length=LONGEST_LABEL)] | None = None
    columns: Annotated[list[Name], Meta(min_length=1, max_length=1000)] | None = None


class JobRequest(TrainingSpec, kw_only=True):
    """What to train.

    Attributes:
        model: the model to give a new version to; the dataset's name by default.
        candidates: what to try; a good set for the task by default.
        algorithms: those of the good set that may be tried; what cannot do the task is passed over.
    """

    dataset: DatasetId
    model: ModelName | None = None
    candidates: Annotated[list[Choice], Meta(min_length=1, max_length=20)] | None = None
    algorithms: Annotated[list[Name], Meta(min_length=1, max_length=20)] | None = None


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
