"""How far predicted numbers are from the truth."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.measures.rounding import brief, briefs

BARS = 30
MOST_POINTS = 300


class Residuals(msgspec.Struct):
    """Truth minus prediction of the held-out rows.

    Attributes:
        edges: of the histogram's bars, one more than there are; the outermost 1 of 100 rows on
            each side are in the first and last bar.
        counts: rows in each bar.
        points: [predicted, residual] of up to 300 rows.
        quantiles: what 5, 25, 50, 75 and 95 of 100 residuals are at or below.
    """

    edges: list[float]
    counts: list[int]
    points: list[list[float]]
    quantiles: list[float]


def residuals(truth: NDArray[Any], predicted: NDArray[Any], seed: int = 0) -> Residuals:
    """Return the residuals of predicted numbers, [rows] each."""
    left = truth - predicted.reshape(-1)
    low, high = np.quantile(left, [0.01, 0.99])
    if high <= low:
        low, high = left.min() - 0.5, left.max() + 0.5
    counts, edges = np.histogram(np.clip(left, low, high), bins=BARS, range=(low, high))
    rows = np.random.default_rng(seed).permutation(len(left))[:MOST_POINTS]
    flat = predicted.reshape(-1)
    return Residuals(
        briefs(edges),
        counts.tolist(),
        [[brief(flat[row]), brief(left[row])] for row in np.sort(rows)],
        briefs(np.quantile(left, [0.05, 0.25, 0.5, 0.75, 0.95])),
    )
