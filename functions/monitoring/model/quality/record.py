"""How near estimates have been to the truth, over windows whose labels came."""

from collections.abc import Sequence

import msgspec

from functions.monitoring.model.quality.concept import CONCEPT
from functions.monitoring.model.quality.summary import OFF
from functions.monitoring.model.windows.measures import ESTIMATED, QUALITY, of, parts
from functions.monitoring.model.windows.window import Span, Window


class MetricRecord(msgspec.Struct):
    """One metric's.

    Attributes:
        windows: that have labels and an estimate.
        off: how far the estimate was off, on average, for the rows that have labels.
        bias: the truth less the estimate, on average.
        within: the share of windows whose truth lay in the interval of the estimate; null where
            none had labels of all its rows.
    """

    windows: int
    off: float
    bias: float
    within: float | None


class Record(msgspec.Struct):
    """A version's.

    Attributes:
        version: whose; null where nothing was predicted.
        span: of the windows.
        windows: how many were looked at.
        disagreed: of how many the labels disagreed with the estimate.
        metrics: by name.
    """

    version: int | None
    span: Span
    windows: int
    disagreed: int
    metrics: dict[str, MetricRecord]


def record_of(version: int | None, span: Span, windows: Sequence[Window]) -> Record:
    """Return the record over some windows."""
    names = dict.fromkeys(
        what for one in windows for name, what in map(parts, one.measures) if name == OFF
    )
    concepts = [one.measures[CONCEPT] for one in windows if CONCEPT in one.measures]
    disagreed = sum(one.alarm for one in concepts)
    metrics = {name: _metric(name, windows) for name in names}
    return Record(version, span, len(windows), disagreed, metrics)


def _metric(name: str, windows: Sequence[Window]) -> MetricRecord:
    off = [
        one.measures[of(OFF, name)].value or 0.0 for one in windows if of(OFF, name) in one.measures
    ]
    inside = [found for found in (_within(name, one) for one in windows) if found is not None]
    return MetricRecord(
        len(off),
        sum(map(abs, off)) / len(off),
        sum(off) / len(off),
        sum(inside) / len(inside) if inside else None,
    )


def _within(name: str, window: Window) -> bool | None:
    """Tell whether a window's truth is in its estimate's interval; None unless all have labels."""
    true, estimated = (window.measures.get(of(kind, name)) for kind in (QUALITY, ESTIMATED))
    if true is None or estimated is None or true.rows != estimated.rows or true.value is None:
        return None
    if estimated.low is None or estimated.high is None:
        return None
    return estimated.low <= true.value <= estimated.high
