"""What the functions answer. Unknown fields are passed over, so a function may say more."""

from typing import Any, Generic, Literal, TypeVar

import msgspec

T = TypeVar("T")

Kind = Literal["number", "integer", "boolean", "category", "text", "datetime", "date"]
Task = Literal["binary", "multiclass", "regression"]


class Page(msgspec.Struct, Generic[T]):
    """One page of a list; `next` is the cursor of the page after it."""

    items: list[T]
    next: str | None = None


class Column(msgspec.Struct, omit_defaults=True):
    """One column of a table: its kind, bounds and levels.

    `role`, `suggested` and `date_format` are the function's: pages give them back as they are.
    """

    name: str
    kind: Kind
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    levels: list[str] | None = None
    role: str = "feature"
    suggested: Any = None
    date_format: str | None = None


class Dataset(msgspec.Struct):
    """A table: its schema and how far its import is."""

    id: str
    name: str
    state: Literal["importing", "ready", "failed", "deleting"]
    rows: int = 0
    rows_done: int = 0
    revision: int = 0
    columns: list[Column] = []
    failure: str | None = None
    created_at: str | None = None
    updated_at: str | None = None

    def column(self, name: str) -> Column | None:
        """Return the column called `name`."""
        return next((column for column in self.columns if column.name == name), None)


class Record(msgspec.Struct):
    """One row; `version` is what `If-Match` must say to change it."""

    id: str
    version: int
    values: dict[str, Any]


class Candidate(msgspec.Struct):
    """One algorithm with its settings, and how its cross-validation goes."""

    index: int
    algorithm: str
    state: str = "queued"
    settings: dict[str, Any] = {}
    folds: int = 0
    folds_done: int = 0
    metrics: dict[str, float | None] = {}
    seconds: float | None = None
    failure: str | None = None


class Algorithm(msgspec.Struct):
    """An algorithm that trainings may try."""

    name: str
    tasks: list[Task]


class Confusion(msgspec.Struct):
    """Counts of held-out rows: one row of `matrix` for each true label."""

    labels: list[str]
    matrix: list[list[int]]


class Importance(msgspec.Struct):
    """How much worse the model gets when a column is shuffled."""

    column: str
    value: float


class Parity(msgspec.Struct):
    """How far the ONNX file and scikit-learn differ on the held-out rows."""

    rows: int
    max_difference: float
    tolerance: float
    agree: bool


class Evaluation(msgspec.Struct):
    """What the held-out rows say of a model.

    `baseline` are the measures of a guess by the target's mean; `measure` is the one that chose
    the best candidate and that importance is in; `roc` holds [false, true] positive rates.
    """

    metrics: dict[str, float | None] = {}
    baseline: dict[str, float | None] = {}
    measure: str = ""
    rows: dict[str, int] = {}
    roc: list[tuple[float, float]] | None = None
    confusion: Confusion | None = None
    importance: list[Importance] | None = None
    parity: Parity | None = None


class Job(msgspec.Struct):
    """A training: its candidates, and once it has succeeded the version that it made."""

    id: str
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    dataset: str
    target: str
    model: str = ""
    task: Task | None = None
    progress: float = 0.0
    candidates: list[Candidate] = []
    version: int | None = None
    revision: int | None = None
    best: int | None = None
    failure: str | None = None
    evaluation: Evaluation | None = None
    created_at: str | None = None

    @property
    def live(self) -> bool:
        """Whether it may still change."""
        return self.state in {"queued", "running"}


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
    """The columns that a model takes and the labels that it gives."""

    task: Task
    target: str
    columns: list[Column]
    features: list[Feature] = []
    labels: list[str] = []


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
    card: Any = None
    created_at: str | None = None


class Prediction(msgspec.Struct):
    """One answer: a label with its probabilities, or a value."""

    label: str | None = None
    probabilities: dict[str, float] = {}
    value: float | None = None


class Predictions(msgspec.Struct):
    """The answers to one call, and the version that gave them."""

    id: str
    model: str
    version: int
    predictions: list[Prediction]
