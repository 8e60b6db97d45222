"""What the evaluation of a version holds beside its measures: curves, parts, single rows."""

import msgspec


class Confusion(msgspec.Struct):
    """Counts of held-out rows: one row of `matrix` for each true label."""

    labels: list[str]
    matrix: list[list[int]]


class Importance(msgspec.Struct):
    """How much worse the model gets when a column is shuffled; `low` to `high` where known."""

    column: str
    value: float
    low: float | None = None
    high: float | None = None


class Parity(msgspec.Struct):
    """How far the ONNX file and scikit-learn differ on the held-out rows."""

    rows: int
    max_difference: float
    tolerance: float
    agree: bool


class Counts(msgspec.Struct):
    """What a threshold makes of the held-out rows: right and wrong ones, called so or not."""

    threshold: float
    hits: int
    false_alarms: int
    missed: int
    rightly_not: int

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.hits + self.false_alarms + self.missed + self.rightly_not


class Threshold(msgspec.Struct):
    """From which probability on a row is called positive, and what that was chosen for."""

    value: float
    goal: str = ""
    reached: float | None = None
    met: bool = True


class Bin(msgspec.Struct):
    """Rows of about the same stated probability: its mean, and the share that came true."""

    stated: float
    came: float
    rows: int


class Residuals(msgspec.Struct):
    """Truth minus prediction: a histogram, [predicted, residual] of some rows, and quantiles.

    `quantiles` are what 5, 25, 50, 75 and 95 of 100 residuals are at or below.
    """

    edges: list[float] = []
    counts: list[int] = []
    points: list[tuple[float, float]] = []
    quantiles: list[float] = []


class Dependence(msgspec.Struct):
    """What the model gives on average for values of a column: for each a number per label."""

    column: str
    labels: list[str] = []
    values: list[float | str | None] = []
    means: list[list[float]] = []


class Slice(msgspec.Struct):
    """A part of the held-out rows, and how much more it errs there: `gap`, from `low` to `high`."""

    column: str
    part: str
    rows: int
    gap: float = 0.0
    low: float = 0.0
    high: float = 0.0
    metrics: dict[str, float | None] = {}

    @property
    def worse(self) -> bool:
        """Whether it errs more there by more than chance."""
        return self.low > 0


class WorstRow(msgspec.Struct):
    """A held-out row that it got most wrong; `probability` is that of the true label."""

    truth: str | float
    predicted: str | float
    loss: float
    values: dict[str, float | str | None] = {}
    probability: float | None = None


class LearningPoint(msgspec.Struct):
    """The deciding measure after learning from so many rows, and what it is within."""

    rows: int
    value: float
    low: float
    high: float


class Coverage(msgspec.Struct):
    """How often sets or intervals that state a level held the truth, and their mean size."""

    level: float
    covered: float
    low: float | None = None
    high: float | None = None
    size: float | None = None
