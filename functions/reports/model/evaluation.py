"""What a registered version says of itself, as far as a report shows it.

Whoever may register versions writes what they like there: a part of another shape is left out.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

Metrics = dict[str, float]


class Confusion(msgspec.Struct):
    """Counts of held-out rows: `matrix[actual][predicted]`."""

    labels: list[str]
    matrix: list[list[int]]


class Bin(msgspec.Struct):
    """A stated probability, and the share that came true."""

    stated: float
    came: float


class Lift(msgspec.Struct):
    """The share of all rows, and of the positive ones among them."""

    share: float
    found: float


class Counts(msgspec.Struct):
    """What a threshold gives."""

    threshold: float
    hits: int
    false_alarms: int
    missed: int


class Residuals(msgspec.Struct):
    """How far off predictions are: a histogram, and [predicted, off by] of some rows."""

    edges: list[float]
    counts: list[int]
    points: list[tuple[float, float]] = []


class Importance(msgspec.Struct):
    """How much a column counts."""

    column: str
    value: float
    low: float | None = None
    high: float | None = None


class Dependence(msgspec.Struct):
    """What is predicted on average by a column's values."""

    column: str
    labels: list[str]
    values: list[float | str | None]
    means: list[list[float]]


class Slice(msgspec.Struct):
    """How it does on a part of the data."""

    column: str
    part: str
    rows: int
    metrics: Metrics
    gap: float
    low: float
    high: float


class LearningPoint(msgspec.Struct):
    """What a fit on fewer rows gave."""

    rows: int
    value: float


class Coverage(msgspec.Struct):
    """How often sets or intervals of a stated level held the truth."""

    level: float
    covered: float
    low: float
    high: float
    size: float


class Threshold(msgspec.Struct):
    """From which probability on a row is called positive."""

    value: float
    goal: str
    reached: float
    met: bool = True


class Parity(msgspec.Struct):
    """How well the file agrees with what was fitted."""

    rows: int
    max_difference: float
    tolerance: float


PARTS: Mapping[str, Any] = {
    "metrics": Metrics,
    "baseline": Metrics,
    "baselines": dict[str, Metrics],
    "intervals": dict[str, tuple[float, float]],
    "measure": str,
    "rows": dict[str, int],
    "verdict": str,
    "notes": list[str],
    "balance": dict[str, float],
    "threshold": Threshold,
    "confusion": Confusion,
    "thresholds": list[Counts],
    "roc": list[tuple[float, float]],
    "precision_recall": list[tuple[float, float]],
    "calibration": list[Bin],
    "lift": list[Lift],
    "residuals": Residuals,
    "importance": list[Importance],
    "dependence": list[Dependence],
    "slices": list[Slice],
    "learning_curve": list[LearningPoint],
    "certainty": list[Coverage],
    "parity": Parity,
    "fitted_on_all": bool,
}
"""The parts that a report shows, and their types: single rows are none of them."""


def shown(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of an evaluation can be shown."""
    found: dict[str, Any] = {}
    for name, kind in PARTS.items():
        if name not in evaluation:
            continue
        try:
            found[name] = msgspec.convert(evaluation[name], kind, strict=False)
        except msgspec.ValidationError:
            continue  # somebody's own: see above
    return found
