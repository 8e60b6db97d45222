"""Tests of two samples, and how far apart they are.

The reference is a sample itself, so each test is one of two samples. Where nothing can be told
(one is empty, all is the same), p is 1 and the distance 0.
"""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy import special

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    special = Lazy("scipy.special")
    Array = Any

FEW = 5.0
"""Expected of a cell, below which its row is put to others; of a share, counted exactly."""
_NEGLIGIBLE = 1e-17


def kolmogorov_smirnov(then: Sequence[int], now: Sequence[int]) -> tuple[float, float]:
    """Return D and p of two samples that are counted into the same bins.

    Between two edges the samples may differ by more: p is that or less of what it would be of the
    values themselves, so an alarm by it is none by chance.
    """
    m, n = sum(then), sum(now)
    if not m or not n or len(then) < 2:
        return 0.0, 1.0
    gap = np.abs(np.cumsum(np.asarray(then) / m) - np.cumsum(np.asarray(now) / n))
    distance = float(gap[:-1].max())
    return distance, float(special.kolmogorov(distance * math.sqrt(m / (m + n) * n)))


def wasserstein(edges: Sequence[float], then: Sequence[int], now: Sequence[int]) -> float:
    """Return how far the one has to be moved to be the other: the area between the two CDFs.

    Args:
        edges: of the bins, the outer two included: one more than there are counts.
        then: counts by bins.
        now: the same of the other.
    """
    m, n = sum(then), sum(now)
    if not m or not n:
        return 0.0
    widths = np.diff(np.asarray(edges, np.float64))
    gap = np.cumsum(np.asarray(then) / m) - np.cumsum(np.asarray(now) / n)
    # In a bin the gap goes in a line from what it is at one edge to what it is at the other.
    before = np.concatenate([[0.0], gap[:-1]])
    crosses = before * gap < 0
    areas = np.abs(before + gap) / 2
    both = np.abs(before) + np.abs(gap)
    squares = before**2 + gap**2
    areas[crosses] = squares[crosses] / (2 * both[crosses])
    return float((areas * widths).sum())


def psi(then: Sequence[float], now: Sequence[float]) -> float:
    """Return the population stability index of counts by the same bins.

    To each bin half a row is added: so one that is empty does not make it infinite.
    """
    if not sum(then) or not sum(now):
        return 0.0
    one, other = (np.asarray(counts, np.float64) + 0.5 for counts in (then, now))
    one, other = one / one.sum(), other / other.sum()
    return float(((other - one) * np.log(other / one)).sum())


def chi_squared(
    then: Mapping[str, int], now: Mapping[str, int], rest: tuple[int, int] = (0, 0)
) -> tuple[float, float]:
    """Return the statistic and p of two samples of words; rare ones are put together.

    Args:
        then: counts by word.
        now: the same of the other sample.
        rest: rows then and now with words that are not counted by themselves. So are those that
            were never met before: among words that a sample has, it has too much of the rare ones.
    """
    m, n = sum(then.values()) + rest[0], sum(now.values()) + rest[1]
    if not m or not n:
        return 0.0, 1.0
    pairs = [(then.get(word, 0), now.get(word, 0)) for word in {**then, **now}]
    table = _with_rare_ones_together(pairs, rest, min(m, n) / (m + n))
    if len(table) < 2:
        return 0.0, 1.0
    observed = np.asarray(table, np.float64)
    expected = observed.sum(axis=1, keepdims=True) * np.array([m, n]) / (m + n)
    statistic = float(((observed - expected) ** 2 / expected).sum())
    return statistic, float(special.chdtrc(len(table) - 1, statistic))


def _with_rare_ones_together(
    pairs: Sequence[tuple[int, int]], rest: tuple[int, int], smaller: float
) -> list[tuple[int, int]]:
    often = [one for one in pairs if sum(one) * smaller >= FEW]
    rare = [rest, *(one for one in pairs if sum(one) * smaller < FEW)]
    others = sum(one for one, _ in rare), sum(other for _, other in rare)
    if sum(others) * smaller >= FEW:
        return [*often, others]
    if often and sum(others):
        least = min(range(len(often)), key=lambda place: sum(often[place]))
        often[least] = (often[least][0] + others[0], often[least][1] + others[1])
    return often


def jensen_shannon(then: Mapping[str, int], now: Mapping[str, int]) -> float:
    """Return the distance of two samples of words: 0 for the same shares, 1 for no common word."""
    m, n = sum(then.values()), sum(now.values())
    if not m or not n:
        return 0.0
    words = [*{**then, **now}]
    one = np.array([then.get(word, 0) / m for word in words])
    other = np.array([now.get(word, 0) / n for word in words])
    middle = (one + other) / 2
    parts = special.rel_entr(one, middle) + special.rel_entr(other, middle)
    return math.sqrt(max(0.0, float(parts.sum()) / 2 / math.log(2)))


def share_p(then: int, m: int, now: int, n: int) -> float:
    """Return p of `then` of m rows against `now` of n, either way off."""
    if not m or not n:
        return 1.0
    return min(1.0, 2 * min(more_p(then, m, now, n), more_p(m - then, m, n - now, n)))


def more_p(then: int, m: int, now: int, n: int) -> float:
    """Return p of as many as `now` of n rows or more, where it was `then` of m: Fisher's exact."""
    both, total = then + now, m + n
    if not m or not n or now <= both * n / total:
        return 1.0
    term = math.exp(_log_choose(n, now) + _log_choose(m, both - now) - _log_choose(total, both))
    found = 0.0
    for count in range(now, min(both, n) + 1):
        found += term
        if term <= found * _NEGLIGIBLE:
            break
        left = both - count
        term *= (n - count) * left / ((count + 1) * (m - left + 1))
    return min(1.0, found)


def beyond_p(m: int, now: int, n: int) -> float:
    """Return p of so many or more of n rows that lie beyond the most extreme of m rows.

    That is as likely as it is for the `now` most extreme of all rows to be among the n.
    """
    if not m or not n or not now:
        return 1.0
    log = _log_choose(n, now) - _log_choose(n + m, now)
    return min(1.0, math.exp(log))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def adjusted(ps: Sequence[float]) -> list[float]:
    """Return p of several tests by Benjamini and Hochberg, in their order.

    Of those at or below q, at most the share q is expected to be false.
    """
    places = sorted(range(len(ps)), key=lambda place: ps[place], reverse=True)
    found, least = [1.0] * len(ps), 1.0
    for rank, place in enumerate(places):
        least = min(least, ps[place] * len(ps) / (len(ps) - rank))
        found[place] = least
    return found
