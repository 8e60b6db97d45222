"""The points of a series that rules go by: those of windows that count."""

import datetime as dt
from collections.abc import Sequence

from functions.monitoring.model.windows.measures import (
    ERROR_RATE,
    ERRORS,
    P50,
    P95,
    P99,
    QUOTA_HITS,
    Point,
)
from functions.monitoring.model.windows.window import LENGTHS, Span

AGE = "age"
"""Days since the newest version was made: of the registry, not of windows."""
OPERATIONS = frozenset((P50, P95, P99, ERRORS, ERROR_RATE, QUOTA_HITS))
"""Measures that may alarm before their window is over: later calls make slow ones no faster."""
LEAST_CALLS = 20
"""Calls of a window that is not over, before it says anything."""


def floor(now: dt.datetime, span: Span) -> dt.datetime:
    """Return when the window began that a time lies in; of spans by time, in UTC."""
    began = dt.datetime(now.year, now.month, now.day, tzinfo=dt.UTC)
    return began + (now - began) // length(span) * length(span)


def length(span: Span) -> dt.timedelta:
    """Return how long a window by time is."""
    return dt.timedelta(minutes=LENGTHS[span])


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
    known, long = {one.end: one for one in points}, length(span)
    found: list[Point] = []
    end = floor(now, span)
    while len(found) < last and end - long >= since:
        empty = Point(end - long, end, 0, 0.0, None, None, alarm=False)
        found.append(known.get(end) or empty)
        end -= long
    return found[::-1]


def usual(points: Sequence[Point], measure: str, now: dt.datetime) -> list[Point]:
    """Return the points that may say something: of windows that are over, and the early ones."""
    return [one for one in points if one.end <= now or is_early(one, measure, now)]


def is_early(point: Point, measure: str, now: dt.datetime) -> bool:
    """Tell whether a window that is not over has enough calls for what its measure says."""
    return point.end > now and measure in OPERATIONS and point.rows >= LEAST_CALLS
