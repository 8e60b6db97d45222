"""Isotonic calibration: a rising curve through what came true."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from functions.training.learning.graph.graph import Graph

# Between two knots, so that a difference in the seventh digit stays one in the fifth at most.
LEAST_GAP = 0.02


@dataclass(frozen=True)
class Isotonic:
    """Straight lines between knots, level beyond the last.

    Attributes:
        knots: probabilities before, rising by LEAST_GAP at least.
        values: probabilities after.
    """

    knots: NDArray[np.float64]
    values: NDArray[np.float64]

    def apply(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each."""
        return np.interp(scores, self.knots, self.values)

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add it over a double `tensor` [rows, 1]: each line adds what it rises up to there."""
        first = graph.constant(self.values[:1])
        if len(self.knots) == 1:
            zero = graph.add("Mul", [tensor, graph.constant(np.array(0.0))])
            return graph.add("Add", [zero, first])
        lengths = np.diff(self.knots)
        past = graph.add("Relu", [graph.add("Sub", [tensor, graph.constant(self.knots[:-1])])])
        within = graph.add("Min", [past, graph.constant(lengths)])
        slopes = np.diff(self.values) / lengths
        risen = graph.add("MatMul", [within, graph.constant(slopes[:, None])])
        return graph.add("Add", [risen, first])


def fit_isotonic(
    scores: NDArray[np.float64],
    target: NDArray[np.int64],
    weights: NDArray[np.float64] | None = None,
) -> Isotonic:
    """Fit; a knot is the middle of the rows of one level, so that the order of rows stays.

    Args:
        scores: probabilities of rows that what gave them had not seen, [rows].
        target: 1 where the row is positive, [rows].
        weights: what each row counts.
    """
    counts = np.ones(len(target)) if weights is None else weights
    levels = IsotonicRegression(out_of_bounds="clip").fit_transform(
        scores, target, sample_weight=counts
    )
    # Level and neighbourhood: a level's rows are one knot, and so are knots that lie too near.
    _, place = np.unique(levels, return_inverse=True)
    weight, middle, value = _merged(
        *(
            np.bincount(place, counts * each).astype(np.float64)
            for each in (np.ones(len(target)), scores, target)
        )
    )
    # Nothing is certain: what was never seen still happens once in so many rows and two.
    values = np.maximum.accumulate((value * weight + 0.5) / (weight + 1))
    return Isotonic(middle, values)


def _merged(
    weights: NDArray[np.float64], scores: NDArray[np.float64], positives: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return weight, mean score and share of positives of each knot."""
    knots: list[list[float]] = []
    for one in zip(weights, scores, positives, strict=True):
        if knots and one[1] / one[0] - knots[-1][1] / knots[-1][0] < LEAST_GAP:
            knots[-1] = [held + more for held, more in zip(knots[-1], one, strict=True)]
        else:
            knots.append(list(one))
    weight, score, positive = np.array(knots).T
    return weight, score / weight, positive / weight
