"""Measures of predicted numbers, for many weightings of the rows at once."""

from typing import TYPE_CHECKING, Any

from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any


def quantity_measures(truth: Array, predicted: Array, weights: Array) -> dict[str, Array]:
    """Return each measure, one number for each weighting; NaN where it is not defined.

    R² is not where the truth is always the same, nor MAPE where a truth is 0. `pinball_10` is the
    loss where too much costs nine times as much as too little, `pinball_90` the reverse.

    Args:
        truth: numbers, [rows].
        predicted: likewise.
        weights: how much each row counts, [weightings, rows].
    """
    error = truth.astype(np.float64) - predicted
    centred = truth - truth.mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.abs(error) / np.abs(truth)
    if not np.isfinite(relative).all():
        relative = np.full(len(truth), np.nan)
    columns = [error**2, np.abs(error), centred, centred**2, relative]
    columns += [_pinball(error, share) for share in (0.1, 0.9)]
    means = weights @ np.stack(columns, axis=1) / weights.sum(axis=1, keepdims=True)
    square, absolute, mean, mean_square, share, low, high = means.T
    return {
        "rmse": np.sqrt(square),
        "mae": absolute,
        "r2": _explained(square, mean_square - mean**2),
        "mape": share,
        "pinball_10": low,
        "pinball_90": high,
    }


def _pinball(error: Array, share: float) -> Array:
    found: Array = np.maximum(share * error, (share - 1) * error)
    return found


def _explained(square: Array, variance: Array) -> Array:
    found: Array = np.full(square.shape, np.nan)
    np.divide(square, variance, out=found, where=variance > 0)
    return 1 - found
