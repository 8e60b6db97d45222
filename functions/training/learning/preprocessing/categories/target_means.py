"""Target encoding: a level is told by the mean of the target over its rows.

A level of few rows is drawn towards the mean of all. How far, the data say: as far as the rows of
one level differ more from each other than the levels do (empirical Bayes). The training rows
themselves are told the mean over the rows of other folds, or a model would read its own target.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.preprocessing.part import Wish
from functions.training.learning.rows import Rows

FOLDS = 5
# Of classes, so many (the frequent ones) have a column.
MOST_TARGETS = 12
LEAST_PULL, MOST_PULL = 1.0, 1000.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Means:
    """The target's means.

    Attributes:
        of_places: of each level, [places, targets].
        of_rows: of the training rows, each without its own fold, [rows, targets].
        labels: whose shares the columns are: places of labels; [0] of a regression.
    """

    of_places: Floats
    of_rows: Floats
    labels: list[int]


def fit(codes: NDArray[np.int32], places: int, rows: Rows, wish: Wish) -> Means:
    """Return the means of the target over each of `places` levels; `codes` are the rows' levels."""
    labels = _labels(rows, wish)
    folds = np.random.default_rng(wish.seed).integers(0, FOLDS, len(codes)).astype(np.int32)
    weights = np.ones(len(codes)) if rows.weights is None else rows.weights
    whole, own = [], []
    for label in labels:
        target = (rows.target == label).astype(np.float64) if wish.labels else rows.target
        sums = _Sums(codes, places, folds, weights, target)
        whole.append(sums.means(None))
        own.append(sums.of_rows(codes, folds))
    return Means(np.stack(whole, axis=1), np.stack(own, axis=1), labels)


def _labels(rows: Rows, wish: Wish) -> list[int]:
    if wish.labels <= 2:
        return [wish.labels - 1] if wish.labels else [0]
    counts = np.bincount(rows.target, minlength=wish.labels)
    return sorted(np.argsort(-counts, kind="stable")[:MOST_TARGETS].tolist())


class _Sums:
    """Sums of one target over the rows of each fold and level."""

    def __init__(
        self,
        codes: NDArray[np.int32],
        places: int,
        folds: NDArray[np.int32],
        weights: Floats,
        target: Floats,
    ) -> None:
        cells = folds.astype(np.int64) * places + codes

        def summed(values: Floats) -> Floats:
            found = np.bincount(cells, weights=values, minlength=FOLDS * places)
            return found.reshape(FOLDS, places).astype(np.float64)

        # Of what is left over from a middle, so that a large offset costs no digits.
        self._middle = float(np.average(target, weights=weights))
        off = target - self._middle
        self._count, self._sum = summed(weights), summed(weights * off)
        self._pull = _pull(self._count.sum(axis=0), self._sum.sum(axis=0), float(weights @ off**2))

    def means(self, without: int | None) -> Floats:
        """Return the mean of each level over all folds, or all but one: [places]."""
        count, total = self._count.sum(axis=0), self._sum.sum(axis=0)
        if without is not None:
            count, total = count - self._count[without], total - self._sum[without]
        of_all = total.sum() / max(count.sum(), 1e-12)
        found: Floats = (total + self._pull * of_all) / (count + self._pull) + self._middle
        return found

    def of_rows(self, codes: NDArray[np.int32], folds: NDArray[np.int32]) -> Floats:
        """Return the mean that each row is told: [rows]."""
        by_fold = np.stack([self.means(fold) for fold in range(FOLDS)])
        found: Floats = by_fold[folds, codes]
        return found


def _pull(count: Floats, total: Floats, squares: float) -> float:
    """Return as how many rows the mean of all counts: variance within levels by that between."""
    used = count > 0
    count, total = count[used], total[used]
    rows, levels = float(count.sum()), len(count)
    explained = float((total**2 / count).sum())
    within = max(squares - explained, 0.0) / max(rows - levels, 1.0)
    spread = rows - float((count**2).sum()) / rows
    between = (explained - (levels - 1) * within) / max(spread, 1e-12)
    if between <= 0:
        return MOST_PULL
    return float(np.clip(within / between, LEAST_PULL, MOST_PULL))
