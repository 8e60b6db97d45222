"""What is measured of calls, and whether that is off its usual band."""

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from functions.monitoring.model.windows import measures
from functions.monitoring.model.windows.measures import Reading
from functions.monitoring.model.windows.sums import Sum

WEEK = 7 * 24 * 60
"""Minutes."""
WEEKS = 6
"""Of the same hour, that tell what is usual."""
RECENT = 24
"""Windows that do where there are not so many weeks."""
LEAST = 5
"""Values, below which nothing is usual."""
WIDTH = 5.0
"""Robust standard deviations of a band, on either side."""
_RATE = 0.01
"""By which the share of calls that fail varies."""
_SIGMA = 1.4826
"""Of a normal distribution, over its median absolute deviation."""
_SHARES = ((measures.P50, 0.5), (measures.P95, 0.95), (measures.P99, 0.99))
_COUNTS = (measures.ERRORS, measures.REFUSED, measures.QUOTA_HITS, measures.COLD_STARTS)
HIGH_ONLY = frozenset((*(name for name, _ in _SHARES), *_COUNTS, measures.ERROR_RATE))
"""Of which what is lower than usual is none to be told of."""


class Band(NamedTuple):
    """What is usual."""

    low: float
    high: float


def operation_readings(now: Sum) -> dict[str, Reading]:
    """Return calls, how long they took, and how many failed, by measure."""
    found = {measures.CALLS: Reading(float(now.calls), rows=now.calls)}
    for name, share in _SHARES:
        value = now.milliseconds(share)
        why = "" if now.calls else "No call began in this window."
        found[name] = Reading(value, rows=now.calls, why=why)
    return found | _failures(now)


def _failures(now: Sum) -> dict[str, Reading]:
    counts = now.counts
    asked = now.calls + counts.errors + counts.refused + counts.quota_hits
    each = (counts.errors, counts.refused, counts.quota_hits, counts.cold_starts)
    found = {
        name: Reading(float(count), rows=asked) for name, count in zip(_COUNTS, each, strict=True)
    }
    rate = counts.errors / asked if asked else None
    why = "" if asked else "Nobody called in this window."
    return found | {measures.ERROR_RATE: Reading(rate, rows=asked, why=why)}


def like_before(first: int, span_minutes: int) -> list[int]:
    """Return the first minutes of the windows of the same time of the week, latest first."""
    return [first - weeks * WEEK for weeks in range(1, WEEKS + 1) if span_minutes <= WEEK]


def band(name: str, like: Sequence[float], recent: Sequence[float]) -> Band | None:
    """Return what is usual: of the same hour of the week; of late, where those are too few.

    The median, and so many robust deviations about it; no narrower than counts vary by chance
    (calls, errors), or than a quarter of it (times, whose buckets are a tenth wide).
    """
    values = like if len(like) >= LEAST else recent
    if len(values) < LEAST:
        return None
    middle = statistics.median(values)
    spread = _SIGMA * statistics.median(abs(one - middle) for one in values)
    width = WIDTH * max(spread, _chance(name, middle))
    return Band(max(0.0, middle - width), middle + width)


def _chance(name: str, middle: float) -> float:
    """Return how much a measure varies by chance where it is usually so much."""
    if name == measures.CALLS:
        return math.sqrt(middle)
    if name in _COUNTS:
        return math.sqrt(max(middle, 1.0))
    return _RATE if name == measures.ERROR_RATE else middle / 20


def in_band(name: str, found: Reading, usual: Band | None, *, is_over: bool) -> Reading:
    """Return a reading with its band, and whether it is off.

    Args:
        name: of the measure.
        found: what was measured.
        usual: the band; None for none.
        is_over: whether the window is: calls of one that is not are still to come.
    """
    if usual is None or found.value is None:
        return found
    is_low = found.value < usual.low and name not in HIGH_ONLY and is_over
    alarm = is_low or found.value > usual.high
    return replace(found, low=usual.low, high=usual.high, alarm=alarm)
