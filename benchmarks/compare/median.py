"""The median of a sample, with an interval that needs no assumption about its distribution."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95
LEAST = 6  # of fewer values even the two extremes hold the median too rarely


@dataclass(frozen=True)
class Interval:
    """A median, and between what bounds the true one lies with at least CONFIDENCE."""

    median: float
    low: float
    high: float


def interval(sample: Sequence[float]) -> Interval:
    """Return the exact order-statistic interval (Conover, Practical Nonparametric Statistics).

    The true median is exceeded by each value with probability one half. So fewer than k of n
    values lie below it with the probability of fewer than k heads in n tosses: the k-th value
    from below and the k-th from above hold it but for twice that.

    Raises:
        ValueError: fewer than LEAST values, which allow no such interval.
    """
    ordered, depth = sorted(sample), _depth(len(sample))
    if depth == 0:
        raise ValueError(f"{len(sample)} values allow no interval; give at least {LEAST}")
    return Interval(statistics.median(ordered), ordered[depth - 1], ordered[-depth])


def _depth(count: int) -> int:
    """Return the largest k that leaves out at most (1 - CONFIDENCE) / 2 on each side."""
    beyond, depth = 0.0, 0
    for heads in range(count + 1):
        beyond += math.comb(count, heads) / 2**count
        if beyond > (1 - CONFIDENCE) / 2:
            break
        depth = heads + 1
    return depth
