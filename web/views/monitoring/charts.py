"""Charts of windows: each as points, with its finding in words and its numbers as a table."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from web.client.monitoring_schemas import ColumnThenNow, Window
from web.views.charts.chart import Chart
from web.views.formatting import NOTHING, brief, number, percent, score, whole
from web.views.metrics import Measure
from web.views.monitoring.standing import ESTIMATED, QUALITY
from web.views.monitoring.words import column_label, moment_words

LATENCIES = {"p50": "half of the calls", "p95": "95 of 100", "p99": "99 of 100"}
TRUE, GUESSED = "by labels", "estimated"
THEN, NOW = "learnt from", "live"
SHOWN_ROWS = 60


class Point(NamedTuple):
    """A measure of one window, in the series of a name."""

    series: str
    start: str
    when: str
    value: float
    low: float | None
    high: float | None
    alarm: bool
    rows: int


def points_of(windows: Sequence[Window], measures: dict[str, str]) -> list[Point]:
    """Return the points of some measures, whose series have the names given."""
    return [
        Point(
            series,
            one.start,
            moment_words(one.start, one.span),
            found.value,
            found.low,
            found.high,
            found.alarm,
            one.rows if found.rows is None else found.rows,
        )
        for measure, series in measures.items()
        for one in windows
        if (found := one.measures.get(measure)) is not None and found.value is not None
    ]


def traffic_points(windows: Sequence[Window]) -> list[Point]:
    """Return the calls of each window."""
    return points_of(windows, {"calls": "calls"})


def latency_points(windows: Sequence[Window]) -> list[Point]:
    """Return how long calls took, in milliseconds."""
    return points_of(windows, LATENCIES)


def quality_points(windows: Sequence[Window], metric: str) -> list[Point]:
    """Return a measure of quality, true and estimated."""
    return points_of(windows, {QUALITY + metric: TRUE, ESTIMATED + metric: GUESSED})


def charts_of(windows: Sequence[Window], metric: str | None) -> Iterator[Chart]:
    """Yield the charts that there are numbers for."""
    if points := traffic_points(windows):
        yield _traffic(points)
    if points := latency_points(windows):
        yield _latency(points, windows)
    if metric is not None and (points := quality_points(windows, metric)):
        yield _quality(points, windows, metric)


def _traffic(points: list[Point]) -> Chart:
    strange = sum(one.alarm for one in points)
    total = round(sum(one.value for one in points))
    title = f"{total:,} calls" if total != 1 else "1 call"
    return Chart(
        name="traffic",
        kind="Traffic",
        title=f"{title}, none out of the ordinary"
        if not strange
        else f"{title}, unusual {_in(strange)}",
        meaning="Calls that began in each window; the band is what is usual at that hour of "
        "the week.",
        alt=f"Bars of calls over time. {title}.",
        head=["From, UTC", "Calls", "Usual"],
        rows=[[one.when, number(one.value), _band(one)] for one in reversed(points)][:SHOWN_ROWS],
    )


def _latency(points: list[Point], windows: Sequence[Window]) -> Chart:
    slow = [one for one in points if one.series == LATENCIES["p95"]]
    title = (
        f"95 of 100 calls are answered within {brief(slow[-1].value / 1000)}"
        if slow
        else "How long calls take"
    )
    return Chart(
        name="latency",
        kind="How long calls take",
        title=title,
        meaning="Milliseconds from a call's beginning to its answer, inside of the function.",
        alt=f"Lines over time. {title}.",
        head=["From, UTC", "Half, ms", "95 of 100, ms", "99 of 100, ms"],
        rows=[
            [moment_words(one.start, one.span), *(number(_value(one, name)) for name in LATENCIES)]
            for one in reversed(windows)
        ][:SHOWN_ROWS],
    )


def _quality(points: list[Point], windows: Sequence[Window], metric: str) -> Chart:
    label = Measure(metric, None).label
    last = {one.series: one for one in points}
    said = [f"{score(last[name].value)} {name}" for name in (TRUE, GUESSED) if name in last]
    return Chart(
        name="quality",
        kind="Is it still right?",
        title=f"{label}: {', '.join(said)}",
        meaning="The full line is what labels say, the dashed one what is estimated without them; "
        "each in the band that it is within for 95 of 100 draws.",
        alt=f"Lines over time: {', '.join(said)}.",
        head=["From, UTC", "By labels", "Within", "Labels", "Estimated", "Within"],
        rows=[_quality_row(one, metric) for one in reversed(windows)][:SHOWN_ROWS],
    )


def _quality_row(window: Window, metric: str) -> list[str]:
    true = window.measures.get(QUALITY + metric)
    guess = window.measures.get(ESTIMATED + metric)
    cells = [moment_words(window.start, window.span)]
    cells += [score(true.value), _within(true.low, true.high)] if true else [NOTHING, NOTHING]
    cells += [whole(true.rows if true else 0)]
    return cells + (
        [score(guess.value), _within(guess.low, guess.high)] if guess else [NOTHING] * 2
    )


def distribution(found: ColumnThenNow) -> Chart | None:
    """Return the chart of a column then and now; None where there is nothing to draw."""
    label = column_label(found.column)
    if found.bars:
        rows = [
            [number(one.low), number(one.high), percent(one.then), percent(one.now)]
            for one in found.bars
        ]
        head = ["From", "To", "Learnt from", "Live"]
    elif found.words:
        shown = [*found.words, *([found.others] if found.others else [])]
        rows = [[one.value or "others", percent(one.then), percent(one.now)] for one in shown]
        head = ["Value", "Learnt from", "Live"]
    else:
        return None
    title = _moved(found, label)
    return Chart(
        name="column",
        kind="Then and now",
        title=title,
        meaning=f"Shares of the {found.then_rows:,} rows that it learnt from, and of "
        f"{found.now_rows:,} live ones.",
        alt=f"Two distributions, one over the other. {title}.",
        head=head,
        rows=rows,
    )


def _moved(found: ColumnThenNow, label: str) -> str:
    """Say where the two differ most."""
    if found.bars:
        most = max(found.bars, key=lambda one: abs(one.now - one.then))
        place = f"from {number(most.low)} to {number(most.high)}"
        return f"{label} {place}: {percent(most.then)} then, {percent(most.now)} now"
    shown = [*found.words, *([found.others] if found.others else [])]
    word = max(shown, key=lambda one: abs(one.now - one.then))
    what = "another" if word is found.others else word.value or "empty"
    return f"{label} is {what}: {percent(word.then)} then, {percent(word.now)} now"


def _in(count: int) -> str:
    return "in one window" if count == 1 else f"in {count} windows"


def _band(point: Point) -> str:
    return NOTHING if point.high is None else f"{number(point.low or 0.0)} to {number(point.high)}"


def _within(low: float | None, high: float | None) -> str:
    return NOTHING if low is None or high is None else f"{score(low)} to {score(high)}"


def _value(window: Window, measure: str) -> float | None:
    found = window.measures.get(measure)
    return None if found is None else found.value
