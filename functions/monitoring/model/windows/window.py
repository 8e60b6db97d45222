"""Windows: spans of time, or of so many predictions, of one version of a model."""

import datetime as dt
from typing import Literal, NamedTuple, get_args

import msgspec

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.telemetry.hourly import EPOCH
from functions.monitoring.model.windows.measures import Point, Reading

Span = Literal["minute", "hour", "day", "count"]
"""`count`: whole minutes until there are COUNT predictions at least."""
SPANS: tuple[Span, ...] = get_args(Span)
LENGTHS: dict[Span, int] = {"minute": 1, "hour": 60, "day": 24 * 60}
"""Minutes."""
COUNT = 1_000
"""Predictions in a window by count, at least."""
MINUTE = 60_000_000
"""Microseconds."""


class Monitored(NamedTuple):
    """A version of a model, whose windows are.

    Attributes:
        model: where it is.
        version: of it.
    """

    model: Place
    version: int


class Window(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What was measured of a window; a pure function of log, labels and reference.

    Attributes:
        model: by name.
        version: that answered.
        span: of time, or by count.
        first: its first minute, since 1970.
        end_minute: the first one that is not in it any more.
        rows: predictions in it.
        measures: by name.
        sums: the name of what was summed of it; empty where nothing was.
    """

    model: str
    version: int
    span: Span
    first: int
    end_minute: int
    rows: int
    measures: dict[str, Reading]
    sums: str = ""

    @property
    def id(self) -> str:
        """Its name among those of its version, as in `/windows/{window}`."""
        return window_id(self.span, self.first)

    @property
    def start(self) -> dt.datetime:
        """When it begins."""
        return minute_start(self.first)

    @property
    def end(self) -> dt.datetime:
        """The first moment that is not in it any more."""
        return minute_start(self.end_minute)

    def point(self, measure: str) -> Point | None:
        """Return what was found of a measure; None where that was not measured."""
        found = self.measures.get(measure)
        if found is None:
            return None
        rows = self.rows if found.rows is None else found.rows
        return Point(self.start, self.end, rows, found.value, found.low, found.high, found.alarm)


def window_id(span: Span, first: int) -> str:
    """Return the name of the window that begins with a minute."""
    return f"{span}-{first}"


def read_id(text: str) -> tuple[Span, int] | None:
    """Return what a window's name says; None where it is none."""
    span, _, first = text.partition("-")
    for known in SPANS:
        if span == known and first.isdecimal() and len(first) <= 10:
            return known, int(first)
    return None


def minute_start(minute: int) -> dt.datetime:
    """Return when a minute since 1970 begins."""
    return EPOCH + dt.timedelta(minutes=minute)


def enclosing(span: Span, minute: int) -> tuple[int, int]:
    """Return the minutes from which, and before which, the window by time is that has a minute."""
    length = LENGTHS[span]
    first = minute - minute % length
    return first, first + length
