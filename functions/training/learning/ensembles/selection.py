"""Which models are combined with what weights: greedy selection on out-of-fold predictions.

One model after the other is added, also the same again, whichever helps the mean most (Caruana et
al., 2004). What is chosen so flatters itself on the rows it was chosen on: the choice is made
several times, each without some rows, and combined; and those rows tell whether it is better than
the single best at all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.signature import Task
from functions.training.learning.evaluation.metrics import score_of

STEPS = 20
FIRST_MEMBERS = 5
# Candidates that are considered, and that an ensemble has at most: each is fitted and served.
CONSIDERED = 12
MOST_MEMBERS = 5
LEAST_WEIGHT = 0.06
PARTS = 5
# The fewer the rows, the more a partition's luck decides: it is drawn so many times.
REPEATS = ((600, 4), (3_000, 2))
# More rows than that tell nothing more about so few weights.
MOST_ROWS = 30_000

Weights = dict[int, float]


@dataclass(frozen=True)
class _Known:
    """Out-of-fold predictions of some rows."""

    task: Task
    truth: NDArray[np.generic]
    predictions: dict[int, NDArray[np.float64]]
    weights: NDArray[np.float64] | None
    measure: str | None

    def take(self, places: NDArray[np.int64]) -> "_Known":
        weights = None if self.weights is None else self.weights[places]
        kept = {index: one[places] for index, one in self.predictions.items()}
        return _Known(self.task, self.truth[places], kept, weights, self.measure)

    def score(self, predicted: NDArray[np.float64]) -> float:
        return score_of(self.task, self.truth, predicted, self.weights, self.measure)

    def score_of_mean(self, members: Weights) -> float:
        return self.score(mean(self.predictions, members))

    def best(self) -> int:
        return max(self.predictions, key=lambda one: (self.score(self.predictions[one]), -one))


def mean(predictions: Mapping[int, NDArray[np.float64]], members: Weights) -> NDArray[np.float64]:
    """Return the weighted mean of the members' predictions."""
    parts = [weight * predictions[one] for one, weight in members.items()]
    found: NDArray[np.float64] = np.sum(parts, axis=0)
    return found


def select(
    predictions: Mapping[int, NDArray[np.float64]],
    truth: NDArray[np.generic],
    task: Task,
    *,
    measure: str | None = None,
    weights: NDArray[np.float64] | None = None,
    seed: int = 0,
    most: int = MOST_MEMBERS,
) -> Weights:
    """Return the weights of the ensemble's members by candidate; they sum to 1, the largest first.

    Args:
        predictions: candidate → its out-of-fold predictions [rows, labels], or [rows]; rows that
            are NaN have none.
        truth: places of labels, or numbers, [rows].
        task: what is predicted.
        measure: what decides; by default the task's.
        weights: what each row counts.
        seed: of the parts that rows are drawn into.
        most: members to have at most.
    """
    known = _considered(predictions, truth, task, measure, weights, seed)
    if len(known.predictions) == 1 or most == 1:
        return {known.best(): 1.0}
    drawn, gains = [], []
    for fitting, testing in _partitions(known, seed):
        members = _greedy(known.take(fitting))
        unseen = known.take(testing)
        gains.append(unseen.score_of_mean(members) - unseen.score_of_mean(_single(known, fitting)))
        drawn.append(members)
    known_gains = [one for one in gains if np.isfinite(one)]  # a part may lack a rare class
    if not known_gains or np.mean(known_gains) <= 0:
        return {known.best(): 1.0}
    return _few(_mean(drawn), most)


def select_over(
    ways: Sequence[Mapping[int, NDArray[np.float64]]],
    chosen: Callable[[Mapping[int, NDArray[np.float64]]], Weights],
    most: int = MOST_MEMBERS,
) -> Weights:
    """Return the mean of what is chosen on each way to deal rows out to folds.

    Args:
        ways: for each, candidate → its out-of-fold predictions.
        chosen: gives the weights of one, as `select` does.
        most: members to have at most.
    """
    return _few(_mean([chosen(way) for way in ways]), most)


def _mean(drawn: Sequence[Weights]) -> Weights:
    members = dict.fromkeys(index for one in drawn for index in one)
    return {one: float(np.mean([each.get(one, 0.0) for each in drawn])) for one in members}


def _single(known: _Known, places: NDArray[np.int64]) -> Weights:
    return {known.take(places).best(): 1.0}


def _considered(
    predictions: Mapping[int, NDArray[np.float64]],
    truth: NDArray[np.generic],
    task: Task,
    measure: str | None,
    weights: NDArray[np.float64] | None,
    seed: int,
) -> _Known:
    """Keep the rows that all have a prediction for, and the best candidates."""
    stacked = [one.reshape(len(truth), -1) for one in predictions.values()]
    places = np.flatnonzero(~np.isnan(np.concatenate(stacked, axis=1)).any(axis=1))
    if len(places) > MOST_ROWS:
        places = np.sort(np.random.default_rng(seed).choice(places, MOST_ROWS, replace=False))
    known = _Known(task, truth, dict(predictions), weights, measure).take(places)
    ranked = sorted(known.predictions, key=lambda one: -known.score(known.predictions[one]))
    kept = {one: known.predictions[one] for one in ranked[:CONSIDERED]}
    return _Known(task, known.truth, kept, known.weights, measure)


def _partitions(known: _Known, seed: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return pairs of (places to choose on, places to test on); classes keep their shares."""
    rows = len(known.truth)
    repeats = next((times for most, times in REPEATS if rows <= most), 1)
    order = known.truth if known.task != "regression" else np.zeros(rows)
    found = []
    for repeat in range(repeats):
        random = np.random.default_rng((seed, repeat))
        # Sorted by class and, within, at random, every fifth row is in the same part.
        placed = np.lexsort((random.random(rows), order))
        part = np.empty(rows, dtype=np.int64)
        part[placed] = np.arange(rows) % PARTS
        found += [
            (np.flatnonzero(part != one), np.flatnonzero(part == one)) for one in range(PARTS)
        ]
    return found


def _greedy(known: _Known) -> Weights:
    """Begin with the best ones, add what helps most, and keep the best mean on the way.

    From nothing, few rows would let luck choose the first members (measured on small tables).
    """
    alone = {one: known.score(each) for one, each in known.predictions.items()}
    counts = dict.fromkeys(sorted(alone, key=lambda one: (-alone[one], one))[:FIRST_MEMBERS], 1)
    total = np.sum([known.predictions[one] for one in counts], axis=0)
    best, best_counts = known.score(total / len(counts)), counts
    for step in range(len(counts) + 1, STEPS + 1):
        scores = {
            one: known.score((total + each) / step) for one, each in known.predictions.items()
        }
        chosen = max(scores, key=lambda one: (scores[one], -one))
        total = total + known.predictions[chosen]
        counts = {**counts, chosen: counts.get(chosen, 0) + 1}
        if scores[chosen] > best:
            best, best_counts = scores[chosen], counts
    times = sum(best_counts.values())
    return {one: count / times for one, count in best_counts.items()}


def _few(members: Weights, most: int) -> Weights:
    """Keep the heaviest members, with weights that sum to 1."""
    ranked = sorted(members.items(), key=lambda item: (-item[1], item[0]))[:most]
    kept = [(one, weight) for one, weight in ranked if weight >= LEAST_WEIGHT] or ranked[:1]
    total = sum(weight for _, weight in kept)
    return {one: weight / total for one, weight in kept}
