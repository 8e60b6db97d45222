"""A model that answers, at a glance: its last day in a few figures and a row of bars."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from web.client.account_schemas import Line
from web.client.monitoring_schemas import Reading, Window
from web.views.formatting import counted
from web.views.moments import moment_of
from web.views.monitoring.words import listed, moment_words

HOURS = 24
HEIGHT = 24  # of the tallest bar, in units of the picture
MEASURES = ("calls", "p95", "drift")
"""What of windows is needed here."""


class Bar(NamedTuple):
    """An hour's calls: so many hours from the left, so high, and what it says."""

    x: int
    height: float
    said: str


class Serving(NamedTuple):
    """A model over its last day.

    Attributes:
        predictions: that it made.
        p95: milliseconds for 95 of 100 calls, in the newest hour with some; None: not measured.
        drift: what is off; empty for nothing, None where it cannot be told.
        bars: by hour.
        said: the bars in words.
    """

    predictions: int
    p95: float | None
    drift: str | None
    bars: Sequence[Bar]
    said: str


def serving(windows: Sequence[Window], now: dt.datetime | None = None) -> Serving | None:
    """Return how a model did over a day, by its windows of an hour; None where nobody asked it."""
    hour = (now or dt.datetime.now(dt.UTC)).replace(minute=0, second=0, microsecond=0)
    first = hour - dt.timedelta(hours=HOURS - 1)
    shown = [one for one in windows if first <= moment_of(one.start) <= hour]
    predictions = sum(one.rows for one in shown)
    if not predictions:
        return None
    most = max(one.rows for one in shown)
    bars = [_bar(one, first, most) for one in shown if one.rows]
    said = f"{counted(predictions, 'prediction')} in a day, {most:,} in the busiest hour"
    return Serving(predictions, _newest(shown, "p95"), _drift(shown), bars, said)


def _bar(window: Window, first: dt.datetime, most: int) -> Bar:
    hours = (moment_of(window.start) - first) // dt.timedelta(hours=1)
    height = round(max(HEIGHT * window.rows / most, 1.0), 1)
    return Bar(hours, height, f"{moment_words(window.start)}: {counted(window.rows, 'prediction')}")


def _newest(windows: Sequence[Window], measure: str) -> float | None:
    found = _reading(windows, measure)
    return None if found is None else found.value


def _drift(windows: Sequence[Window]) -> str | None:
    found = _reading(windows, "drift")
    if found is None:
        return None
    return (listed(found.why.split(", "), 3) or "something") if found.alarm else ""


def _reading(windows: Sequence[Window], measure: str) -> Reading | None:
    for one in reversed(windows):
        found = one.measures.get(measure)
        if found is not None and found.value is not None:
            return found
    return None


class Failed(NamedTuple):
    """Calls of a model in a day that failed, and that were refused."""

    model: str
    failed: int
    refused: int


def failed_calls(failed: Iterable[Line], refused: Iterable[Line]) -> list[Failed]:
    """Return how many calls failed or were refused by model, the most failures first."""
    found: dict[str, list[int]] = {}
    for place, lines in enumerate((failed, refused)):
        for one in lines:
            if one.model:
                found.setdefault(one.model, [0, 0])[place] += 1
    told = [Failed(name, *counts) for name, counts in found.items()]
    return sorted(told, key=lambda one: (-one.failed, -one.refused, one.model))


def by_name(windows: Mapping[str, Sequence[Window]]) -> dict[str, Serving | None]:
    """Return each model at a glance."""
    return {name: serving(found) for name, found in windows.items()}
