"""What the functions answer. Unknown fields are passed over, so a function may say more."""

from typing import Any, Generic, Literal, TypeVar

import msgspec

from web.client.evaluation_schemas import (
    Bin,
    Confusion,
    Counts,
    Coverage,
    Dependence,
    Importance,
    LearningPoint,
    Parity,
    Residuals,
    Slice,
    Threshold,
    WorstRow,
)
from web.client.table_schemas import Column

T = TypeVar("T")

Task = Literal["binary", "multiclass", "regression"]


class Page(msgspec.Struct, Generic[T]):
    """One page of a list; `next` is the cursor of the page after it, `count` all there are."""

    items: list[T]
    next: str | None = None
    count: int | None = None


class Rung(msgspec.Struct):
    """One round of a search: each candidate that is left is tried on so many rows and folds."""

    rows: int | None = None
    folds: int = 0
    keep: int = 0


class Member(msgspec.Struct):
    """A candidate that the model is made of; the weights add up to 1."""

    candidate: int
    weight: float


class Candidate(msgspec.Struct):
    """One algorithm with its settings, and how its cross-validation goes.

    `rung` is the round that it is at or came to, `rows` what it is fitted on there (None: all).
    """

    index: int
    algorithm: str
    state: str = "queued"
    settings: dict[str, Any] = {}
    folds: int = 0
    folds_done: int = 0
    rung: int = 0
    rows: int | None = None
    score: float | None = None
    metrics: dict[str, float | None] = {}
    spread: dict[str, float | None] = {}
    seconds: float | None = None
    failure: str | None = None

    @property
    def open(self) -> bool:
        """Whether something is still to come of it."""
        return self.state in {"queued", "running"}


class Algorithm(msgspec.Struct):
    """An algorithm that trainings may try."""

    name: str
    tasks: list[Task]


class Evaluation(msgspec.Struct):
    """What the held-out rows say of a model.

    `baseline` are the measures of a guess by the target's mean, `baselines` those of other simple
    models by name; `measure` is the one that chose
    the best candidate and that importance is in; `roc` holds [false, true] positive rates.
    `intervals` are what each measure is within for 95 of 100 draws of such rows; `verdict` is
    what to think of it, in words, and `better` whether that is more than guessing; `notes` say
    where it errs most; `fitted_on_all`: what is served learnt from the held-out rows, too, later.
    `thresholds` are the counts at several of them, rising; `precision_recall` holds [recall,
    precision]; `slices` are parts of the rows, those where it errs most above all first.
    """

    metrics: dict[str, float | None] = {}
    baseline: dict[str, float | None] = {}
    baselines: dict[str, dict[str, float | None]] = {}
    measure: str = ""
    rows: dict[str, int] = {}
    roc: list[tuple[float, float]] | None = None
    confusion: Confusion | None = None
    importance: list[Importance] | None = None
    parity: Parity | None = None
    intervals: dict[str, tuple[float, float]] = {}
    verdict: str = ""
    better: bool = False
    notes: list[str] = []
    fitted_on_all: bool = False
    threshold: Threshold | None = None
    thresholds: list[Counts] = []
    precision_recall: list[tuple[float, float]] = []
    calibration: list[Bin] = []
    residuals: Residuals | None = None
    dependence: list[Dependence] = []
    slices: list[Slice] = []
    worst: list[WorstRow] = []
    learning_curve: list[LearningPoint] = []
    certainty: list[Coverage] = []
    balance: dict[str, float] = {}


class Result(msgspec.Struct):
    """The measure that decided, on held-out rows; of `score` more is better."""

    measure: str
    value: float | None = None
    score: float | None = None
    interval: tuple[float, float] | None = None


class Job(msgspec.Struct):
    """A training: its candidates, and once it has succeeded the version that it made.

    `place` is the one in the queue, from 1 on; `rung` the round that the search is at.
    """

    id: str
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    dataset: str
    target: str
    model: str = ""
    task: Task | None = None
    progress: float = 0.0
    place: int | None = None
    rungs: list[Rung] = []
    rung: int = 0
    deadline: str | None = None
    candidates: list[Candidate] = []
    members: list[Member] = []
    notes: list[str] = []
    version: int | None = None
    revision: int | None = None
    best: int | None = None
    failure: str | None = None
    evaluation: Evaluation | None = None
    result: Result | None = None
    request: dict[str, Any] = {}
    created_at: str | None = None
    started_at: str | None = None
    ended_at: str | None = None

    @property
    def live(self) -> bool:
        """Whether it may still change."""
        return self.state in {"queued", "running"}

    def weight(self, candidate: int) -> float | None:
        """Return the weight of a candidate in the model; None where it is not in it."""
        return next((one.weight for one in self.members if one.candidate == candidate), None)


class Shared(msgspec.Struct):
    """How an alias's calls are shared out: percent by version, and who answers unseen."""

    shares: dict[int, int] = {}
    shadows: list[int] = []


class Model(msgspec.Struct):
    """A named line of versions and the aliases that point into it.

    `previous` is what each alias named before; a roll back takes the last.
    """

    name: str
    task: Task | None = None
    latest: int = 0
    aliases: dict[str, int] = {}
    previous: dict[str, list[int]] = {}
    deleted: list[int] = []
    traffic: dict[str, Shared] = {}
    tags: list[str] = []
    note: str = ""
    revision: int = 0
    created_at: str | None = None
    updated_at: str | None = None

    @property
    def count(self) -> int:
        """How many versions there are."""
        return self.latest - len(self.deleted)


class Feature(msgspec.Struct):
    """How one column becomes one input of the model; only `levels` matters to a form."""

    column: str
    levels: list[str] | None = None


class Signature(msgspec.Struct):
    """The columns that a model takes and the labels that it gives; a record for example.

    `version` is the one whose they are.
    """

    task: Task
    target: str
    columns: list[Column]
    features: list[Feature] = []
    labels: list[str] = []
    threshold: float | None = None
    version: int = 0
    example: dict[str, Any] = {}


class File(msgspec.Struct):
    """The ONNX file of a version."""

    path: str = ""
    sha256: str = ""
    bytes: int = 0


class Version(msgspec.Struct):
    """One trained model: where it came from, how good it is, what it takes."""

    model: str
    version: int
    job: str | None = None
    owner: str = ""
    dataset: str | None = None
    revision: int | None = None
    target: str | None = None
    task: Task | None = None
    algorithm: str = ""
    settings: dict[str, Any] = {}
    metrics: dict[str, dict[str, float | None]] = {}
    evaluation: Evaluation | None = None
    signature: Signature | None = None
    file: File | None = None
    function: str | None = None
    card: Any = None
    tags: list[str] = []
    note: str = ""
    created_at: str | None = None
