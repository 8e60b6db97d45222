"""Who is best: mean ranks over tables, and where we are worse than the best beyond noise."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
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
    if len(gaps) < 2:
        return Verdict(best, float(gaps.mean()), float("inf"))
    # The splits share rows: Nadeau and Bengio's correction (2003), for a quarter tested.
    spread = float(gaps.std(ddof=1)) * np.sqrt(1 / len(gaps) + 0.25 / 0.75)
    return Verdict(best, float(gaps.mean()), float(t.ppf(0.975, len(gaps) - 1)) * spread)
