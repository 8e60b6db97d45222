"""What the function `prediction` answers: how sure it is, why, and what is unusual."""

from typing import Any

import msgspec


class Interval(msgspec.Struct):
    """What holds the true value as often as the answer's level says."""

    low: float
    high: float


class Warned(msgspec.Struct):
    """A value that is unlike what the model learnt from; limits are those of a number."""

    column: str
    kind: str
    value: Any = None
    minimum: float | None = None
    maximum: float | None = None


class Contribution(msgspec.Struct):
    """What a column's value adds to the answer, in its unit or in probability."""

    column: str
    value: Any = None
    contribution: float = 0.0


class Explanation(msgspec.Struct):
    """What leads from an average row (`base`) to the answer; the columns that add most first."""

    base: float
    columns: list[Contribution]
    label: str | None = None
    exact: bool = True


class Prediction(msgspec.Struct):
    """One answer: a label with its probabilities, or a value; `set` has the labels that may be."""

    label: str | None = None
    probabilities: dict[str, float] = {}
    value: float | None = None
    set: list[str] | None = None
    interval: Interval | None = None
    warnings: list[Warned] = []
    explanation: Explanation | None = None


class Predictions(msgspec.Struct):
    """The answers to one call, and the version that gave them.

    `level` is how often sets and intervals hold the truth.
    """

    id: str
    model: str
    version: int
    predictions: list[Prediction]
    level: float | None = None
