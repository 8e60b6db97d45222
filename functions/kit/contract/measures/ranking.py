"""Measures of the order that probabilities put rows in, for many weightings at once."""

from typing import TYPE_CHECKING, Any

from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any


def ranking_measures(truth: Array, shares: Array, weights: Array) -> dict[str, Array]:
    """Return ROC AUC and average precision, one number for each weighting.

    Of more than two labels, the mean of each against all others, of those that rows have; NaN
    where there is nothing to tell apart.

    Args:
        truth: places of the labels, [rows].
        shares: probabilities, [rows, labels].
        weights: how much each row counts, [weightings, rows].
    """
    places = [1] if shares.shape[1] == 2 else range(shares.shape[1])
    found = [_areas(truth == place, shares[:, place], weights) for place in places]
    there = np.array([~np.isnan(areas[0]) for areas in found])
    areas = np.where(there[:, None, :], np.array(found), 0.0).sum(axis=0)
    count = np.where(there.any(axis=0), there.sum(axis=0), np.nan)
    return {"roc_auc": areas[0] / count, "average_precision": areas[1] / count}


def _areas(positive: Array, score: Array, weights: Array) -> tuple[Array, Array]:
    """Return the area beneath the ROC curve, and the average precision."""
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))
    weighted = weights[:, order]
    hits = _groups(weighted * positive[order], starts)
    misses = _groups(weighted, starts) - hits
    above, false_above = hits.cumsum(axis=1), misses.cumsum(axis=1)
    all_hits, all_misses = above[:, -1], false_above[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        # Of pairs: those of a hit above a miss, and half of the ties.
        area = 1 - (hits * (false_above - misses / 2)).sum(axis=1) / (all_hits * all_misses)
        precision = np.where(above > 0, above / (above + false_above), 0.0)
        average = (hits * precision).sum(axis=1) / all_hits
    known = (all_hits > 0) & (all_misses > 0)
    return np.where(known, area, np.nan), np.where(known, average, np.nan)


def _groups(values: Array, starts: Array) -> Array:
    """Add up the columns of each group of tied rows."""
    if len(starts) == values.shape[1]:
        return values
    added: Array = np.add.reduceat(values, starts, axis=1)
    return added
