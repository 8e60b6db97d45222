"""Numbers of which a few lie far out, brought to a normal distribution by their ranks.

Between the quantiles it is a straight line, so that the graph can say it in a sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.graph.graph import Graph

INTERVALS = 16
MOST_SKEWED = 2.0
FARTHEST_PLAIN = 10.0  # standard deviations

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Straight lines: in each interval from `begins` on, `widths` wide, it rises by `rises`."""

    first: float
    begins: Floats
    widths: Floats
    rises: Floats


def fit(present: Floats, unit: float = 1.0) -> Curve | None:
    """Return the curve of numbers (none missing); None where their own scale does as well.

    Args:
        present: the numbers.
        unit: times which they are of a size of about one, so that their squares are numbers.
    """
    small = present * unit
    spread = float(small.std())
    if spread == 0:
        return None
    scaled = (small - small.mean()) / spread
    skewness = abs(float(np.mean(scaled**3)))
    if skewness < MOST_SKEWED and float(np.abs(scaled).max()) < FARTHEST_PLAIN:
        return None
    shares = np.linspace(0, 1, INTERVALS + 1)
    knots, kept = np.unique(np.quantile(present, shares), return_index=True)
    if len(knots) < 3:
        return None
    normal = NormalDist()
    # The ends are as far out as the middle of what lies beyond their neighbours.
    heights = np.array([normal.inv_cdf(min(max(s, 0.01), 0.99)) for s in shares[kept]])
    gaps = INTERVALS - (len(knots) - 1)
    return Curve(
        float(heights[0]),
        np.append(knots[:-1], np.full(gaps, knots[-1])),
        np.append(np.diff(knots), np.ones(gaps)),
        np.append(np.diff(heights), np.zeros(gaps)),
    )


def add_to(graph: Graph, tensor: str, curves: Sequence[Curve]) -> str:
    """Add the curves of the columns of a tensor [rows, columns], float64; return the same."""

    def stacked(values: Sequence[Floats]) -> str:
        return graph.constant(np.stack(values)[np.newaxis])

    last = graph.constant(np.array([2]))
    each = graph.add("Unsqueeze", [tensor, last])
    share = graph.add("Sub", [each, stacked([one.begins for one in curves])])
    share = graph.add("Div", [share, stacked([one.widths for one in curves])])
    share = graph.add("Clip", [share, graph.constant(np.array(0.0)), graph.constant(np.array(1.0))])
    risen = graph.add("Mul", [share, stacked([one.rises for one in curves])])
    total = graph.add("ReduceSum", [risen, last], keepdims=0)
    return graph.add("Add", [total, graph.constant(np.array([[one.first for one in curves]]))])
