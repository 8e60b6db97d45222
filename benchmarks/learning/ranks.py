"""Who is best: mean ranks over tables, and where we are worse than the best beyond noise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, t

OURS = "Mayfly"
Scores = Mapping[str, list[float]]
"""Who → a score for each split of one table; more is better."""


@dataclass(frozen=True)
class Verdict:
    """How we stand on one table.

    Attributes:
        best: the peer of the highest mean.
        lead: our mean minus its, over the splits.
        noise: half the paired 95 % interval of that.
    """

    best: str
    lead: float
    noise: float

    @property
    def worse(self) -> bool:
        """Whether we are worse beyond noise."""
        return self.lead < -self.noise


def mean_ranks(tables: Mapping[str, Scores]) -> dict[str, float]:
    """Return the mean over the tables of each one's rank by its mean score; 1 is best."""
    names = list(next(iter(tables.values())))
    ranks = [
        rankdata([-float(np.mean(scores[name])) for name in names]) for scores in tables.values()
    ]
    return dict(zip(names, np.mean(ranks, axis=0).tolist(), strict=True))


def verdict(scores: Scores) -> Verdict:
    """Compare us with the best peer, split by split."""
    best = max(scores.keys() - {OURS}, key=lambda name: float(np.mean(scores[name])))
    gaps = np.array(scores[OURS]) - np.array(scores[best])
    return Verdict(best, float(gaps.mean()), half_interval(gaps, tested=0.25))


def half_interval(values: Sequence[float] | NDArray[np.float64], *, tested: float) -> float:
    """Return half the interval, at 95 of 100, of a mean over splits of the same rows.

    The splits share rows: Nadeau and Bengio's correction (2003).

    Args:
        values: one for each split.
        tested: which share of the rows each split tests.
    """
    if len(values) < 2:
        return float("inf")
    spread = np.std(values, ddof=1) * np.sqrt(1 / len(values) + tested / (1 - tested))
    return float(t.ppf(0.975, len(values) - 1) * spread)
