"""Conformal prediction from out-of-fold predictions (cross-conformal).

Each training row was predicted by a model that had not seen it. How wrong those predictions were
says how wrong the next will be: the score that a share of them stays below, corrected for how few
they are, is the limit for that share of truths.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.certainty import normalized
from functions.kit.contract.models.signature import Certainty, Task

LEVELS = (0.8, 0.9, 0.95)
# Fewer rows cannot say what 95 of 100 are below.
FEWEST_ROWS = 20
# A class with less than this of an even share is rare: then each class has limits of its own.
RARE = 0.5


def certainty(
    task: Task,
    truth: NDArray[Any],
    out_of_fold: NDArray[Any],
    spread: NDArray[np.float64] | None = None,
) -> Certainty | None:
    """Return what makes an answer a set or an interval; None where too few rows tell.

    Args:
        task: what is predicted.
        truth: places of the labels, or numbers, [rows].
        out_of_fold: probabilities [rows, labels] or numbers [rows], each by a model that was not
            fitted on the row; NaN where a row was in no fold that was tested on.
        spread: of a regression, how far off each row was likely to be, [rows], by what did not
            learn from it; NaN where nobody knows. None: intervals are as wide everywhere.
    """
    if spread is not None:
        out_of_fold = np.where(np.isnan(spread), np.nan, out_of_fold)
    known = np.isfinite(out_of_fold.reshape(len(truth), -1)).all(axis=1)
    truth, predicted = truth[known], out_of_fold[known]
    if len(truth) < FEWEST_ROWS:
        return None
    if task == "regression":
        gaps = np.abs(truth - predicted.reshape(-1))
        gaps = gaps if spread is None else gaps / spread[known]
        widths = [limit(gaps, level) for level in LEVELS]
        return Certainty(list(LEVELS), widths=widths, scaled=spread is not None)
    shares = normalized(predicted)
    scores = 1 - shares[np.arange(len(truth)), truth]
    by_class = _by_class(truth, shares.shape[1])
    return Certainty(
        list(LEVELS), scores=[_limits(scores, truth, by_class, level) for level in LEVELS]
    )


def limit(scores: NDArray[Any], level: float) -> float:
    """Return what `level` of the scores, and as many of the next, stay at or below.

    One more than there are is counted, for the row to come. With too few rows it is the largest.
    """
    rank = math.ceil((len(scores) + 1) * level)
    return float(np.sort(scores)[min(rank, len(scores)) - 1])


def _by_class(truth: NDArray[Any], labels: int) -> NDArray[np.bool_]:
    """Return which labels have limits of their own: all with rows enough, if one is rare."""
    counts = np.bincount(truth, minlength=labels)
    if counts.min() >= RARE * len(truth) / labels:
        return np.zeros(labels, dtype=bool)
    found: NDArray[np.bool_] = counts >= FEWEST_ROWS
    return found


def _limits(
    scores: NDArray[Any], truth: NDArray[Any], by_class: NDArray[np.bool_], level: float
) -> list[float]:
    pooled = limit(scores, level)
    return [
        limit(scores[truth == label], level) if own else pooled
        for label, own in enumerate(by_class)
    ]
