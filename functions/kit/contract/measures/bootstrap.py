"""How sure a measure is: what it would be on other rows like these.

Each draw takes as many rows as there are, with replacement: that is a weight for each row, how
often it was taken, so that all draws are measured at once.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from functions.kit.contract.measures.measuring import weighted
from functions.kit.contract.measures.names import EVERY
from functions.kit.contract.models.signature import Task
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any

MOST_DRAWS = 500
FEWEST_DRAWS = 100
# Weights that all draws may have together, and those that are held at one time.
MOST_WEIGHTS = 2_000_000
WEIGHTS_AT_ONCE = 500_000
MOST_ROWS = 20_000
FEW_UNITS = 2_000
LEVEL = 0.95


def intervals(
    task: Task,
    truth: Array,
    predicted: Array,
    seed: int = 0,
    threshold: float | None = None,
    units: Array | None = None,
) -> dict[str, tuple[float, float]]:
    """Return for each measure the limits that 95 of 100 draws are within; takes `draw`'s."""
    drawn = draw(task, truth, predicted, seed, threshold, units=units)
    found = {name: limits(values) for name, values in drawn.items()}
    return {name: pair for name, pair in found.items() if pair is not None}


def draw(
    task: Task,
    truth: Array,
    predicted: Array,
    seed: int = 0,
    threshold: float | None = None,
    only: frozenset[str] = EVERY,
    units: Array | None = None,
    most: int = MOST_DRAWS,
) -> dict[str, Array]:
    """Return for each measure its value in each draw; the same draws for the same seed and rows.

    Of very many rows a sample is drawn from, and how far the draws are apart is made less by the
    root of its share.

    Args:
        task: what is predicted.
        truth: as `measure` takes it.
        predicted: as `measure` takes it.
        seed: makes the draws repeatable.
        threshold: as `measure` takes it.
        only: the measures that are wanted.
        units: of the rows, copies or of a group; those of one are drawn together.
        most: draws.
    """
    if len(truth) <= MOST_ROWS:
        return _draw(task, truth, predicted, seed, threshold, only, units, most)
    part, share = _sample(len(truth), seed, units)
    some = None if units is None else units[part]
    drawn = _draw(task, truth[part], predicted[part], seed, threshold, only, some, most)
    whole = weighted(task, truth, predicted, np.ones((1, len(truth))), threshold, only)
    root = np.sqrt(share)
    # A mean with NaN in it is NaN, and so are then its draws: the measure is not defined.
    return {name: whole[name] + (values - values.mean()) * root for name, values in drawn.items()}


def _sample(rows: int, seed: int, units: Array | None) -> tuple[Array, float]:
    """Return the places of about MOST_ROWS rows, and which share they are of what is drawn.

    Of many units some are taken whole. Of few, all stay, with fewer rows each: how far units are
    apart does not hang on their rows.
    """
    random = np.random.default_rng(seed)
    if units is None:
        return random.choice(rows, MOST_ROWS, replace=False), MOST_ROWS / rows
    found, unit, sizes = np.unique(units, return_inverse=True, return_counts=True)
    if len(found) <= FEW_UNITS:
        return random.choice(rows, MOST_ROWS, replace=False), 1.0
    order = random.permutation(len(found))
    kept = order[np.cumsum(sizes[order]) <= MOST_ROWS]
    return np.flatnonzero(np.isin(unit, kept)), len(kept) / len(found)


def _draw(
    task: Task,
    truth: Array,
    predicted: Array,
    seed: int,
    threshold: float | None,
    only: frozenset[str],
    units: Array | None,
    most: int,
) -> dict[str, Array]:
    width = predicted.shape[1] if predicted.ndim == 2 and predicted.shape[1] > 2 else 1
    parts = [
        weighted(task, truth, predicted, weights, threshold, only)
        for weights in weights_of(len(truth), seed, width, units, most)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def weights_of(
    rows: int, seed: int, width: int = 1, units: Array | None = None, most: int = MOST_DRAWS
) -> Iterator[Array]:
    """Give how often each row is in each draw, [some draws, rows], part by part.

    Args:
        rows: how many there are to draw from.
        seed: makes the draws repeatable.
        width: how many columns are ranked: the more, the fewer draws.
        units: of the rows; those of one are drawn together.
        most: draws.
    """
    found, unit = (None, None) if units is None else np.unique(units, return_inverse=True)
    drawn = rows if found is None else len(found)
    random = np.random.default_rng(seed)
    draws = int(np.clip(MOST_WEIGHTS // (rows * width), FEWEST_DRAWS, most))
    at_once = max(1, WEIGHTS_AT_ONCE // rows)
    for begin in range(0, draws, at_once):
        count = min(at_once, draws - begin)
        taken = random.integers(0, drawn, size=(count, drawn))
        taken += np.arange(count)[:, None] * drawn
        counted = np.bincount(taken.ravel(), minlength=count * drawn)
        weights = counted.reshape(count, drawn).astype(np.float64)
        yield weights if unit is None else weights[:, unit]


def limits(values: Array, level: float = LEVEL) -> tuple[float, float] | None:
    """Return what the middle `level` of the values lies between; None where none is finite."""
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
