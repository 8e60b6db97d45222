"""The threshold between two classes, chosen for a stated goal on out-of-fold predictions."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from functions.training.model.requests.spec import Goal


class Threshold(msgspec.Struct):
    """From which probability of the positive label on a row is called so, and why.

    Attributes:
        value: the least probability.
        goal: what it was chosen for, in words.
        reached: what that gave on the rows it was chosen on: F1, recall, precision, or the mean
            cost of a row.
        met: whether the least precision or recall that was asked for could be had.
    """

    value: float
    goal: str
    reached: float
    met: bool = True


@dataclass(frozen=True)
class Cuts:
    """Every way to part the rows by their probability, from none called positive to all.

    Attributes:
        values: the thresholds, falling.
        hits: how many rows are rightly called positive at each.
        alarms: how many wrongly.
        positives: how many there are; `negatives` likewise.
    """

    values: NDArray[np.float64]
    hits: NDArray[Any]
    alarms: NDArray[Any]
    positives: int
    negatives: int

    @property
    def precision(self) -> NDArray[Any]:
        """Of what is called positive, the share that is; 1 where nothing is called so."""
        called = self.hits + self.alarms
        return np.where(called > 0, self.hits / np.maximum(called, 1), 1.0)

    @property
    def recall(self) -> NDArray[Any]:
        """Of what is positive, the share that is called so."""
        found: NDArray[Any] = self.hits / max(self.positives, 1)
        return found

    @property
    def f1(self) -> NDArray[Any]:
        """The harmonic mean of precision and recall."""
        found: NDArray[Any] = 2 * self.hits / (self.hits + self.alarms + self.positives)
        return found


def cuts(truth: NDArray[Any], positive: NDArray[Any]) -> Cuts:
    """Return the cuts of rows with probabilities `positive`; each lies between two of them."""
    order = np.argsort(-positive, kind="stable")
    ranked, is_positive = positive[order].astype(np.float64), truth[order] == 1
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], [True]))
    hits, alarms = np.cumsum(is_positive)[last], np.cumsum(~is_positive)[last]
    below = np.append(ranked[last][1:], 0.0)
    between = (ranked[last] + below) / 2
    # Above all that there are, where nothing is called positive.
    top = (ranked[0] + max(1.0, ranked[0])) / 2 + 1e-6
    return Cuts(
        np.append(top, between),
        np.append(0, hits),
        np.append(0, alarms),
        int(is_positive.sum()),
        int((~is_positive).sum()),
    )


def choose_threshold(goal: Goal, truth: NDArray[Any], probabilities: NDArray[Any]) -> Threshold:
    """Return the threshold that is best for `goal`.

    Args:
        goal: with its `at`, or `costs`.
        truth: 1 for positive rows, else 0, [rows].
        probabilities: [rows, 2], of models that were not fitted on the rows; NaN where unknown.
    """
    known = np.isfinite(probabilities[:, 1])
    found = cuts(truth[known], probabilities[known, 1])
    if goal.best == "cost":
        return _cheapest(found, goal.costs or (1.0, 1.0))
    if goal.best == "f1":
        return _best(found, found.f1, "the highest F1")
    at = 0.5 if goal.at is None else goal.at
    if goal.best == "recall_at_precision":
        words = f"the highest recall at a precision of at least {at:g}"
        called = found.hits + found.alarms > 0
        return _bound(found, found.recall, np.where(called, found.precision, 0.0), at, words)
    words = f"the highest precision at a recall of at least {at:g}"
    return _bound(found, found.precision, found.recall, at, words)


def _best(found: Cuts, values: NDArray[Any], words: str) -> Threshold:
    place = int(np.argmax(values))
    return Threshold(float(found.values[place]), words, float(values[place]))


def _bound(
    found: Cuts, wanted: NDArray[Any], bound: NDArray[Any], at: float, words: str
) -> Threshold:
    """Return the best of `wanted` where `bound` is `at` least, or where it comes nearest."""
    allowed = bound >= at
    if allowed.any():
        return _best(found, np.where(allowed, wanted, -1.0), words)
    nearest = _best(found, bound, words)
    place = int(np.argmax(bound))
    return Threshold(nearest.value, words, float(wanted[place]), met=False)


def _cheapest(found: Cuts, costs: tuple[float, float]) -> Threshold:
    missed, alarm = costs
    rows = found.positives + found.negatives
    cost = (missed * (found.positives - found.hits) + alarm * found.alarms) / rows
    place = int(np.argmin(cost))
    words = f"the lowest cost, {missed:g} for a missed positive and {alarm:g} for a false alarm"
    return Threshold(float(found.values[place]), words, float(cost[place]))
