"""The target of a regression, brought to a mean of 0 and a spread of 1 in float64.

Estimators and their files compute in float32 in places; a target with a large offset would lose
its differences there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.graph.graph import Graph
from functions.training.learning.graph.parity import PLAIN, Scale

# Of the logarithm's skewness to the target's own: what a log must win to be used.
LEAST_GAIN = 0.5
MOST_SKEWED = 2.0


@dataclass
class TargetScaling:
    """Shift and scale; after a logarithm, where all values are positive and most lie near zero.

    Attributes:
        may_log: whether a logarithm may be taken; what is then fitted is no mean any more, so that
            it is one choice among others.
        shift: of the target, or of its logarithm.
        spread: its standard deviation.
        is_log: whether the logarithm is learnt.
        scale: of the target itself.
    """

    may_log: bool = False
    shift: float = 0.0
    spread: float = 1.0
    is_log: bool = False
    scale: Scale = PLAIN

    def fit(self, target: NDArray[np.float64]) -> NDArray[np.float64]:
        """Learn from the target of the training rows, and return it scaled: [rows], float64."""
        values = target.astype(np.float64)
        self.is_log = self.may_log and _gains_by_log(values)
        self.scale = Scale(float(np.mean(values)), float(np.std(values)) or 1.0)
        values = np.log(values) if self.is_log else values
        self.shift = float(np.mean(values))
        self.spread = float(np.std(values)) or 1.0
        return (values - self.shift) / self.spread

    def invert(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return what scaled values are in the target's own unit."""
        found: NDArray[np.float64] = values.astype(np.float64) * self.spread + self.shift
        return np.exp(found) if self.is_log else found

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add what `invert` does; return the tensor, float64."""
        found = graph.add("Cast", [tensor], to=11)
        found = graph.add("Mul", [found, graph.constant(np.array(self.spread))])
        found = graph.add("Add", [found, graph.constant(np.array(self.shift))])
        return graph.add("Exp", [found]) if self.is_log else found


def _gains_by_log(values: NDArray[np.float64]) -> bool:
    if values.min() <= 0 or _skewness(values) <= MOST_SKEWED:
        return False
    return abs(_skewness(np.log(values))) < LEAST_GAIN * _skewness(values)


def _skewness(values: NDArray[np.float64]) -> float:
    off = values - values.mean()
    spread = float(np.sqrt(np.mean(off**2)))
    return float(np.mean((off / spread) ** 3)) if spread > 0 else 0.0
