"""What is usual at a moment: robust bands over like moments before it (pure).

A band is the median of what was, and six times its spread to either side. The spread is the median
absolute deviation, scaled as a standard deviation is: one odd week moves neither.
"""

from collections.abc import Callable, Iterator
from math import exp, lgamma, log, log1p, sqrt
from statistics import median
from typing import NamedTuple

WINDOW = 5
"""Minutes that are looked at together."""
ENOUGH = 20
"""Windows before that say what is usual."""
_AROUND = 30  # minutes before and after the same time of another day
_WEEK, _DAY = 7 * 24 * 60, 24 * 60
_WEEKS, _DAYS, _RECENT = 4, 7, 6 * 60
_WIDTH = 6.0
_SCALE = 1.4826  # of a normal distribution's median absolute deviation to its standard deviation
_LEAST = 0.1  # of the median: what never changes is allowed to, a little


class Band(NamedTuple):
    """What is usual, and from where to where nothing is unusual."""

    low: float
    usual: float
    high: float


def band(past: list[float], floor: float = 0.0) -> Band | None:
    """Return the band of values; None where they are too few to tell.

    Args:
        past: What was, at like moments.
        floor: The least spread that makes sense for such values.
    """
    if len(past) < ENOUGH:
        return None
    usual = median(past)
    spread = _SCALE * median([abs(value - usual) for value in past])
    spread = max(spread, floor, _LEAST * abs(usual))
    return Band(usual - _WIDTH * spread, usual, usual + _WIDTH * spread)


def count_floor(past: list[float]) -> float:
    """Return the least spread of counts: by chance alone they differ by their square root."""
    return 1.0 + sqrt(median(past)) if past else 1.0


def like(end: int, value: Callable[[int], float | None]) -> list[float]:
    """Return the values of windows like the one that ends at a minute.

    The same time of the week in the last four weeks; where there are too few yet, the same time of
    the last seven days; then the last six hours.

    Args:
        end: A minute, counted from any midnight of a Monday on.
        value: Gives that of the window which ends at a minute; None where nothing was counted.
    """
    for ends in (_same(end, _WEEK, _WEEKS), _same(end, _DAY, _DAYS), _before(end)):
        found = [each for one in ends if (each := value(one)) is not None]
        if len(found) >= ENOUGH:
            return found
    return []


def _same(end: int, period: int, times: int) -> Iterator[int]:
    for back in range(1, times + 1):
        middle = end - back * period
        yield from range(middle - _AROUND, middle + _AROUND + 1, WINDOW)


def _before(end: int) -> Iterator[int]:
    yield from range(end - _RECENT, end - WINDOW + 1, WINDOW)


def chance_of(errors: int, calls: int, rate: float) -> float:
    """Return the probability of so many errors or more among so many calls (binomial)."""
    if errors <= 0 or rate >= 1.0:
        return 1.0
    if rate <= 0.0:
        return 0.0
    total, odds, rest = 0.0, log(rate), log1p(-rate)
    for count in range(errors, calls + 1):
        ways = lgamma(calls + 1) - lgamma(count + 1) - lgamma(calls - count + 1)
        term = exp(ways + count * odds + (calls - count) * rest)
        total += term
        if count > calls * rate and term <= total * 1e-12:
            break  # what is left gets ever smaller
    return min(total, 1.0)
