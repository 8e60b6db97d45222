"""A training job and its candidates: what is asked for and what is kept."""

import datetime as dt
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from functions.kit.contract.access.identity import OWNER
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.models.signature import Task
from functions.kit.contract.records.columns import Column
from functions.training.learning.candidates.algorithms import Choice
from functions.training.model.requests.spec import JobRequest

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
CandidateState = Literal[
    "queued", "running", "succeeded", "failed", "pruned", "skipped", "cancelled"
]

ENDED: frozenset[str] = frozenset({"succeeded", "failed", "cancelled"})
# A job that has worked for so long is a large one: it steps back for others.
LARGE_SECONDS = 15.0
# What jobs from before there was a queue of them may have under way: every candidate they have.
UNBOUNDED = 20


class Fold(msgspec.Struct):
    """One fold's measures, and how long fitting and measuring took."""

    metrics: dict[str, float]
    seconds: float


class Rung(msgspec.Struct, frozen=True):
    """One round of the search: each candidate that is left is tried on so many rows and folds.

    Attributes:
        rows: to fit on, of each fold's, drawn by the job's seed; None: all.
        folds: how many of the plan's folds are done.
        keep: how many of the best go on to the next rung.
    """

    rows: int | None
    folds: int
    keep: int


class Member(msgspec.Struct, frozen=True):
    """A candidate that the model is made of, and its weight; the weights add up to 1."""

    candidate: int
    weight: float


class Summary(msgspec.Struct, frozen=True):
    """A candidate's folds of one rung, together.

    Attributes:
        metrics: the mean of each measure over the folds.
        spread: the standard deviation of each.
        score: the mean of the measure that decides, turned so that more is better.
    """

    metrics: dict[str, float]
    spread: dict[str, float]
    score: float


class Result(msgspec.Struct, frozen=True):
    """What the model is worth on held-out rows, in the measure that decided.

    Attributes:
        measure: its name.
        value: None where it is not defined on these rows.
        score: the value, turned so that more is better.
        interval: what the value is within for 95 of 100 draws of such rows.
    """

    measure: str
    value: float | None
    score: float | None
    interval: tuple[float, float] | None = None


class Candidate(msgspec.Struct, kw_only=True):
    """One algorithm with its settings, and how its cross-validation stands.

    Attributes:
        folds: of the rung that it is at.
        state: "pruned": others did better on its last rung; "skipped": the search ended before it.
        rung: the place of the rung that it is at, or came to.
        rows: it is fitted on there at most; None: all.
        score: of the last rung that it has done (see Summary).
        metrics: mean of each measure over the folds; empty until the last is done.
        spread: standard deviation of each measure over the folds.
        order: how many had done all rungs before it did.
        files: its predictions of test rows, fitted on all others: object names, in the order of
            folds.
        made: the object that holds it fitted on all rows and exported, once it is chosen.
        attempts: how often the step began since it last got further.
    """

    index: int
    algorithm: str
    settings: dict[str, Any]
    folds: int
    rung: int = 0
    rows: int | None = None
    score: float | None = None
    order: int | None = None
    files: list[str] = []
    state: CandidateState = "queued"
    folds_done: int = 0
    metrics: dict[str, float] = {}
    spread: dict[str, float] = {}
    seconds: float = 0.0
    failure: str | None = None
    results: list[Fold] = []
    made: str | None = None
    attempts: int = 0

    @property
    def choice(self) -> Choice:
        """The algorithm and settings as the catalogue takes them."""
        return Choice(self.algorithm, self.settings)

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in {"queued", "running"}


class Job(msgspec.Struct, kw_only=True):
    """A training job.

    Attributes:
        workspace: whose it is, and its dataset and model.
        owner: the id of the account that asked for it.
        request: what was asked for, defaults filled in.
        snapshot: object name of the Parquet file of `revision`; `columns` are its columns.
        version: the model version that it made.
        progress: 0 to 1, of the work that is planned (`model/progress.py`).
        slots: candidates that may be tried at a time; 0 while the job waits to be admitted.
        waits_at: its place among those that wait, from 1 on.
        rungs: of the search; those of an earlier release have none, and one round.
        rung: the place of the one that candidates are at.
        rows: to train on.
        deadline: when the search ends.
        best: index of the candidate of the largest weight in the model.
        members: what the model is made of.
        notes: what there is to know: what was not tried, what was left out.
        result: the one number of the evaluation that lists show; None in jobs of earlier releases.
        registering: the model is being registered; too late to cancel.
        keeps_files: there may be objects of it to remove when it has ended.
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
    slots: int = UNBOUNDED
    waits_at: int | None = None
    rungs: list[Rung] = []
    rung: int = 0
    rows: int | None = None
    most_rows: int | None = None
    deadline: dt.datetime | None = None
    candidates: list[Candidate] = []
    best: int | None = None
    members: list[Member] = []
    notes: list[str] = []
    apart: str | None = None
    evaluation: dict[str, Any] | None = None
    result: Result | None = None
    registering: bool = False
    registration: str | None = None
    keeps_files: bool = False
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

    @property
    def worked(self) -> float:
        """Seconds of work on its candidates so far."""
        return sum(one.seconds for one in self.candidates)

    @property
    def waits(self) -> bool:
        """Whether it has not been admitted yet."""
        return self.state == "queued" and self.slots == 0

    @property
    def at_last_rung(self) -> bool:
        """Whether its candidates are tried on all rows and folds."""
        return self.rung >= len(self.rungs) - 1

    @property
    def heaviest(self) -> int:
        """The candidate of the largest weight among its members."""
        return max(self.members, key=lambda one: one.weight).candidate

    @property
    def unmade_members(self) -> list[int]:
        """Those of its members that are not fitted on all rows yet, the heaviest first."""
        chosen = (one.candidate for one in self.members)
        return [index for index in chosen if self.candidates[index].made is None]

    @property
    def open_candidates(self) -> list[Candidate]:
        """Those of which something is still to be done, the most promising first."""
        found = [one for one in self.candidates if not one.ended]
        return sorted(found, key=promise)


def promise(candidate: Candidate) -> tuple[float, int]:
    """Return what sorts candidates, the best score first; of equals, and at first, as listed."""
    known = candidate.rung > 0 and candidate.score is not None
    return (-candidate.score if known and candidate.score is not None else 0.0, candidate.index)


class TrainingData(msgspec.Struct, frozen=True):
    """What a job trains on: one revision's snapshot, and the task that its target makes.

    Attributes:
        rows: to fit candidates on.
        most_rows: of the table that are in memory at once; of more, some are drawn.
    """

    revision: int
    snapshot: str
    columns: list[Column]
    task: Task
    rows: int | None = None
    most_rows: int | None = None


class Search(msgspec.Struct, frozen=True):
    """What a job tries: candidates in the order of their promise, and in which rounds.

    Attributes:
        seconds: after which it ends; None: when everything has been tried.
    """

    choices: list[Choice]
    rungs: list[Rung]
    seconds: float | None = None


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
        slots=0,
        created_at=now,
    )
