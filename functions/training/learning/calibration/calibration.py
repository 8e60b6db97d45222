"""Calibration of all labels' probabilities: one curve a label, and what they sum to made 1."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from functions.training.learning.calibration.isotonic import Isotonic, fit_isotonic
from functions.training.learning.calibration.sigmoid import Sigmoid, fit_sigmoid
from functions.training.learning.candidates.estimators.links import (
    both_sides,
    column,
    normalised,
)
from functions.training.learning.graph.graph import Graph

Method = Literal["sigmoid", "isotonic"]
# A probability of 0 or 1 has no odds.
LEAST = 1e-6


@dataclass(frozen=True)
class OverOdds:
    """Platt's sigmoid over the log odds of a probability."""

    sigmoid: Sigmoid

    def apply(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each."""
        return self.sigmoid.apply(_odds(scores))

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add it over a double `tensor`."""
        least, most = (graph.constant(np.array(one)) for one in (LEAST, 1 - LEAST))
        kept = graph.add("Min", [graph.add("Max", [tensor, least]), most])
        other = graph.add("Sub", [graph.constant(np.array(1.0)), kept])
        odds = graph.add("Log", [graph.add("Div", [kept, other])])
        return self.sigmoid.add_to(graph, odds)


def _odds(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    odds: NDArray[np.float64] = logit(np.clip(scores, LEAST, 1 - LEAST))
    return odds


Curve = OverOdds | Isotonic


@dataclass(frozen=True)
class Calibration:
    """Curves that turn probabilities into better ones.

    Attributes:
        curves: one for each label; of two labels, one for the second.
    """

    method: Method
    curves: list[Curve]

    def apply(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return probabilities [rows, labels]."""
        if len(self.curves) == 1:
            positive = self.curves[0].apply(probabilities[:, 1])
            return np.stack([1 - positive, positive], axis=1)
        each = [one.apply(probabilities[:, place]) for place, one in enumerate(self.curves)]
        found = np.stack(each, axis=1)
        shares: NDArray[np.float64] = found / found.sum(axis=1, keepdims=True)
        return shares

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add the curves over double probabilities [rows, labels]."""
        if len(self.curves) == 1:
            return both_sides(graph, self.curves[0].add_to(graph, column(graph, tensor, 1)))
        each = [
            one.add_to(graph, column(graph, tensor, place)) for place, one in enumerate(self.curves)
        ]
        return normalised(graph, graph.add("Concat", each, axis=1))


def fit_calibration(
    method: Method,
    probabilities: NDArray[np.float64],
    target: NDArray[np.int64],
    weights: NDArray[np.float64] | None = None,
) -> Calibration:
    """Fit a curve for each label on out-of-fold probabilities [rows, labels]."""
    fit = fit_isotonic if method == "isotonic" else _fit_over_odds
    labels = range(probabilities.shape[1]) if probabilities.shape[1] > 2 else [1]
    curves: list[Curve] = [
        fit(probabilities[:, label], (target == label).astype(np.int64), weights)
        for label in labels
    ]
    return Calibration(method, curves)


def _fit_over_odds(
    scores: NDArray[np.float64],
    target: NDArray[np.int64],
    weights: NDArray[np.float64] | None,
) -> OverOdds:
    return OverOdds(fit_sigmoid(_odds(scores), target, weights))
