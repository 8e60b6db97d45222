"""Platt's calibration: a sigmoid over a score."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from functions.training.learning.graph.graph import Graph


@dataclass(frozen=True)
class Sigmoid:
    """`1 / (1 + exp(-(slope · score + shift)))`."""

    slope: float
    shift: float

    def apply(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each score."""
        found: NDArray[np.float64] = expit(self.slope * scores + self.shift)
        return found

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add it over a double `tensor`."""
        scaled = graph.add("Mul", [tensor, graph.constant(np.array(self.slope))])
        moved = graph.add("Add", [scaled, graph.constant(np.array(self.shift))])
        return graph.add("Sigmoid", [moved])


def fit_sigmoid(
    scores: NDArray[np.float64],
    target: NDArray[np.int64],
    weights: NDArray[np.float64] | None = None,
) -> Sigmoid:
    """Fit by maximum likelihood; targets are drawn in from 0 and 1 as in Platt (1999).

    Args:
        scores: of rows that what gave them had not seen, [rows].
        target: 1 where the row is positive, [rows].
        weights: what each row counts.
    """
    counts = np.ones(len(target)) if weights is None else weights
    positive = float(counts[target == 1].sum())
    negative = float(counts[target == 0].sum())
    wanted = np.where(target == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))
    share = counts / counts.sum()

    def loss(ab: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = ab[0] * scores + ab[1]
        gap = share * (expit(odds) - wanted)
        value = float(np.sum(share * (np.logaddexp(0, odds) - wanted * odds)))
        return value, np.array([np.sum(gap * scores), np.sum(gap)])

    began = np.array([1.0, np.log((positive + 1) / (negative + 1))])
    slope, shift = minimize(loss, began, jac=True, method="BFGS").x
    # A score that means the opposite of what it says is noise.
    return Sigmoid(float(max(slope, 0.0)), float(shift))
