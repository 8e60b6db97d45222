"""The points of a series that rules go by: those of windows that count, and what each says."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal, NamedTuple

Span = Literal["minute", "hour", "day", "count"]
LENGTHS: dict[Span, dt.timedelta] = {
    "minute": dt.timedelta(minutes=1),
    "hour": dt.timedelta(hours=1),
    "day": dt.timedelta(days=1),
}
"""Of windows by time; those by count end when they are full."""
CALLS, AGE = "calls", "age"
OPERATIONS = frozenset(
    ("errors", "p50", "p95", "p99", "cold_starts", "queue_depth", "quota_hits")
)
"""Measures that may alarm before their window is over: a look more makes none of them worse."""
LEAST_CALLS = 20
"""Calls of a window that is not over, before it says anything."""


class Point(NamedTuple):
    """A measure of one window.

    Attributes:
        start: of the window.
        end: of the window; it is over from then on.
        rows: that it is of.
        value: None where it cannot be told.
        low: of the band in which it is expected; None where there is none.
        high: likewise.
        alarm: it is out of what is expected, by its own statistics.
    """

    start: dt.datetime
    end: dt.datetime
    rows: int
    value: float | None
    low: float | None = None
    high: float | None = None
    alarm: bool = False


def floor(now: dt.datetime, span: Span) -> dt.datetime:
    """Return when the window began that a time lies in; of spans by time, in UTC."""
    began = dt.datetime(now.year, now.month, now.day, tzinfo=dt.UTC)
    return began + (now - began) // LENGTHS[span] * LENGTHS[span]


def without_gaps(
    points: Sequence[Point], span: Span, since: dt.datetime, now: dt.datetime, last: int
) -> list[Point]:
    """Return the points of the last windows that are over, one for each: no calls are zero calls.

    Args:
        points: those of windows that had any.
        span: of the windows; those by count have no gaps.
        since: of windows that end before it nothing is said.
        now: the time.
        last: at most so many.
    """
    if span == "count":
        return list(points)[-last:]
    known, length = {one.end: one for one in points}, LENGTHS[span]
    found, end = [], floor(now, span)
    while len(found) < last and end - length >= since:
        found.append(known.get(end) or Point(end - length, end, 0, 0.0))
        end -= length
    return found[::-1]


def usual(points: Sequence[Point], measure: str, now: dt.datetime) -> list[Point]:
    """Return the points that may say something: of windows that are over, and the early ones."""
    return [one for one in points if one.end <= now or is_early(one, measure, now)]


def is_early(point: Point, measure: str, now: dt.datetime) -> bool:
    """Tell whether a window that is not over has enough calls for what its measure says."""
    return point.end > now and measure in OPERATIONS and point.rows >= LEAST_CALLS
