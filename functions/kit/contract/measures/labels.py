"""Measures of the labels that a model chooses, each for many weightings of the rows at once."""

from typing import TYPE_CHECKING, Any

from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any


def choose(shares: Array, threshold: float | None = None) -> Array:
    """Return the place of the label that each row of `shares` [rows, labels] is called.

    Args:
        shares: probabilities.
        threshold: of two labels, the least probability of the last that is called so; by default
            the likeliest label is taken.
    """
    chosen: Array = shares.argmax(axis=1)
    if threshold is not None and shares.shape[1] == 2:
        # In float64, as prediction does: float32 would round the threshold.
        chosen = (shares[:, 1].astype(np.float64) >= threshold).astype(np.int64)
    return chosen


def label_measures(truth: Array, chosen: Array, labels: int, weights: Array) -> dict[str, Array]:
    """Return each measure of the labels, one number for each weighting.

    Of two labels precision, recall and F1 are the last one's; of more, the mean of each one's.

    Args:
        truth: places of the labels, [rows].
        chosen: likewise.
        labels: how many there are.
        weights: how much each row counts, [weightings, rows].
    """
    each = np.arange(labels)
    is_truth, is_chosen = truth[:, None] == each, chosen[:, None] == each
    right = weights @ (is_truth & is_chosen).astype(np.float64)
    actual, called = weights @ is_truth.astype(np.float64), weights @ is_chosen.astype(np.float64)
    precision, recall = _share(right, called, 0.0), _share(right, actual, np.nan)
    f1 = _share(2 * right, actual + called, 0.0)
    # A label that no row has is not part of a mean.
    there = actual > 0
    return {
        "accuracy": right.sum(axis=1) / weights.sum(axis=1),
        "balanced_accuracy": _mean(recall, there),
        "precision": _of_labels(precision, there),
        "recall": _of_labels(recall, there),
        "f1": _of_labels(f1, there),
        "mcc": _mcc(right.sum(axis=1), actual, called),
    }


def _of_labels(values: Array, there: Array) -> Array:
    if values.shape[1] == 2:
        last: Array = values[:, 1]
        return last
    return _mean(values, there)


def _mean(values: Array, there: Array) -> Array:
    """Return the mean of `values` [weightings, labels] over the labels that are there."""
    found: Array = np.where(there, values, 0.0).sum(axis=1) / there.sum(axis=1)
    return found


def _share(part: Array, whole: Array, otherwise: float) -> Array:
    found: Array = np.full(part.shape, otherwise)
    np.divide(part, whole, out=found, where=whole > 0)
    return found


def _mcc(right: Array, actual: Array, called: Array) -> Array:
    """Return Matthews' correlation coefficient; 0 where one side is always the same."""
    rows = actual.sum(axis=1)
    covered = right * rows - (actual * called).sum(axis=1)
    spread = (rows**2 - (actual**2).sum(axis=1)) * (rows**2 - (called**2).sum(axis=1))
    return _share(covered, np.sqrt(np.maximum(spread, 0.0)), 0.0)
