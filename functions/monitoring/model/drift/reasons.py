"""What columns do for predictions, then and now: mean sizes of their contributions (Shapley's).

The model is the same then and now, so its reasons for the same inputs are, too: what drifts here
are inputs, as far as they matter to what is answered. That other labels are true of the same inputs
shows in none of it.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from functions.kit.lazy import Lazy
from functions.monitoring.model.drift.columns import FLOORS, ColumnDrift, Finding
from functions.monitoring.model.windows import measures
from functions.monitoring.model.windows.measures import Reading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy import special

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    special = Lazy("scipy.special")
    Array = Any

Contributions = Mapping[str, float]
"""Of one prediction: what each column that the model looks at adds to the base."""
THEN_ROWS, NOW_ROWS = 120, 60
"""Rows that are explained, at most: of what is compared with, and of a window."""
LEAST_ROWS = 20
"""Fewer are not compared."""
TOO_FEW = f"Fewer than {LEAST_ROWS} rows could be explained."
_SURELY = 2.575829
"""Standard errors of a band that holds 99 of 100."""


class Reasons(NamedTuple):
    """What was found.

    Attributes:
        drift: of all columns, among which the `about` are off.
        readings: `explains:{column}`: what each does now on average; between `low` and `high` that
            is 99 of 100 times where nothing has changed.
        rows: of the window, that were explained.
    """

    drift: ColumnDrift
    readings: dict[str, Reading]
    rows: int


def reasons(then: Sequence[Contributions], now: Sequence[Contributions]) -> Reasons | None:
    """Return how what columns do has changed; None where too few rows are explained."""
    if min(len(then), len(now)) < LEAST_ROWS:
        return None
    names = sorted({name for one in (*then, *now) for name in one})
    before, after = (_sizes(rows, names) for rows in (then, now))
    scale = float(max(before.max(initial=0.0), after.max(initial=0.0))) or 1.0
    before, after = before / scale, after / scale  # no sum that is out of range
    ps = [
        min(1.0, len(names) * kolmogorov_smirnov(before[:, at], after[:, at]))
        for at in range(len(names))
    ]
    moved = np.abs(_shares(after) - _shares(before))
    distance = float(moved.sum()) / 2
    finding = Finding(distance, min(ps, default=1.0), is_much=distance >= FLOORS["reasons"])
    surest = sorted(zip(ps, names, strict=True))[:1]
    drift = ColumnDrift(finding, "reasons", None, about=[name for _, name in surest])
    found = {
        measures.of(measures.EXPLAINS, name): _reading(before[:, at], after[:, at], ps[at], scale)
        for at, name in enumerate(names)
    }
    return Reasons(drift, found, len(now))


def kolmogorov_smirnov(then: Array, now: Array) -> float:
    """Return how likely two samples of numbers, neither empty, are as far apart by chance."""
    both = np.concatenate([then, now])
    shares = [np.searchsorted(np.sort(one), both, side="right") / len(one) for one in (then, now)]
    distance = float(np.abs(shares[0] - shares[1]).max())
    m, n = len(then), len(now)
    return float(special.kolmogorov(distance * (m / (m + n) * n) ** 0.5))


def _sizes(rows: Sequence[Contributions], names: Sequence[str]) -> Array:
    found: Array = np.abs([[one.get(name, 0.0) for name in names] for one in rows])
    return found.reshape(len(rows), len(names))


def _shares(sizes: Array) -> Array:
    """Return which share of all reasons each column is; of no reason at all none."""
    means = sizes.mean(axis=0)
    whole = float(means.sum())
    found: Array = means / whole if whole else means
    return found


def _reading(then: Array, now: Array, p: float, scale: float) -> Reading:
    was, value = float(then.mean()), float(now.mean())
    wide = _SURELY * float(then.std()) * (1 / len(then) + 1 / len(now)) ** 0.5
    low, high = (was - wide) * scale, (was + wide) * scale
    return Reading(value * scale, low, high, rows=len(now), p=p)
