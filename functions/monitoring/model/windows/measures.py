"""What is measured of a window: names, and what was found.

A measure is a name, or a name and what it is of, parted by a colon: `drift`, `drift:age`.
"""

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

import msgspec

DRIFT = "drift"
"""Of all columns together: the smallest adjusted p; `drift:{column}`: how far one is off."""
PSI = "psi"
MISSING = "missing"
NEW_WORDS = "new_words"
OUT_OF_RANGE = "out_of_range"
MISTYPED = "mistyped"
"""`{name}:{column}`: the share of rows that are so."""
QUALITY = "quality"
ESTIMATED = "estimated"
"""`{name}:{metric}`."""
COVERAGE = "coverage"
PROBABILITY = "probability"
"""Of what the model gave, how sure it was."""
CALLS = "calls"
ERRORS, REFUSED, QUOTA_HITS, COLD_STARTS = "errors", "refused", "quota_hits", "cold_starts"
"""How often that was."""
ERROR_RATE = "error_rate"
"""The share of all calls that failed."""
P50, P95, P99 = "p50", "p95", "p99"
"""Milliseconds that a call took at most, of so many in a hundred."""

PREDICTION = "prediction"
"""Stands in a column's place for what the model gave."""
EXPLANATIONS = "explanations"
"""Stands in a column's place for what the columns did for it."""
TOGETHER = "together"
"""Stands in a column's place for how columns go together."""
EXPLAINS = "explains"
"""`{name}:{column}`: how much a column did for predictions, on average."""
SEASON = "season"
"""How many windows of the same hour of the week a window was compared with."""
OF_COLUMNS = (DRIFT, MISSING, NEW_WORDS, OUT_OF_RANGE, MISTYPED, PSI, EXPLAINS)
"""Kinds that each column has one of: a window of a wide table has thousands, and few are needed."""
Named = Collection[str]
"""Measures by name; one that ends with a colon stands for all of its kind."""


def of(name: str, what: str) -> str:
    """Return the measure `name` of a column, a metric, or the like."""
    return f"{name}:{what}"


def parts(measure: str) -> tuple[str, str]:
    """Return a measure's name, and what it is of; empty for the whole model."""
    name, _, what = measure.partition(":")
    return name, what


def is_of_column(measure: str) -> bool:
    """Tell whether a window has as many of a measure's kind as columns."""
    name, what = parts(measure)
    return bool(what) and name in OF_COLUMNS


def of_column(column: str) -> list[str]:
    """Return the measures that a column may have."""
    return [of(name, column) for name in OF_COLUMNS]


def is_named(measure: str, named: Named) -> bool:
    """Tell whether a measure is among those that are named."""
    return measure in named or of(parts(measure)[0], "") in named


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was found of one measure.

    Attributes:
        value: it; null where it cannot be told.
        low: the least that it may well be, or the lower end of its band.
        high: the most.
        alarm: whether it is off, and that not by chance.
        rows: how many rows it rests on, where these are not all of the window.
        why: there is no value, or what the alarm is about.
        p: the adjusted p of what was tested.
        statistic: which one `value` is.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    alarm: bool = False
    rows: int | None = None
    why: str = ""
    p: float | None = None
    statistic: str = ""


class Point(NamedTuple):
    """A measure of one window.

    Attributes:
        start: of the window.
        end: the first moment that is not in it any more.
        rows: that the value rests on.
        value: None where it cannot be told.
        low: the lower end of its band; None for none.
        high: the upper end.
        alarm: whether it is off, and that not by chance.
    """

    start: dt.datetime
    end: dt.datetime
    rows: int
    value: float | None
    low: float | None
    high: float | None
    alarm: bool
