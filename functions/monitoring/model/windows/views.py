"""Windows and their columns as callers see them."""

import datetime as dt

import msgspec

from functions.kit.contract.models.reference import ColumnReference, Numbers, Reference, Words
from functions.monitoring.model.windows import measures
from functions.monitoring.model.windows.measures import Named, Reading, is_named
from functions.monitoring.model.windows.sums import ColumnSum, Sum
from functions.monitoring.model.windows.window import Span, Window

BARS = 30
"""Of a histogram, at most."""
WORDS = 30
"""The most frequent words, then or now."""


class WindowView(msgspec.Struct):
    """What was measured of a window.

    Attributes:
        id: of the window, among those of its version.
        version: that answered.
        span: of time, or by count.
        start: its first moment.
        end: the first moment that is not in it any more.
        rows: predictions in it.
        measures: by name; `drift` is the smallest adjusted p of all columns, `drift:{column}` how
            far one is off.
    """

    id: str
    version: int
    span: Span
    start: dt.datetime
    end: dt.datetime
    rows: int
    measures: dict[str, Reading]


class WindowsView(msgspec.Struct):
    """Windows of a version, oldest first; none where nothing was predicted.

    Attributes:
        version: whose.
        windows: the newest that were asked for, as many as an answer has room for.
        next: the cursor for those before them, where there was no room for all; null: these are.
    """

    version: int | None
    windows: list[WindowView]
    next: str | None = None


class ModelWindowsView(msgspec.Struct):
    """Windows of a model's newest version that has some, oldest first; `next` as of one model."""

    model: str
    version: int | None
    windows: list[WindowView]
    next: str | None = None


class ModelsWindowsView(msgspec.Struct):
    """Windows of several models, in the order in which these were asked for."""

    models: list[ModelWindowsView]


class PointView(msgspec.Struct):
    """A measure of one window: see `Reading`."""

    start: dt.datetime
    end: dt.datetime
    rows: int
    value: float | None
    low: float | None
    high: float | None
    alarm: bool


class SeriesView(msgspec.Struct):
    """A measure over time, oldest first."""

    measure: str
    span: Span
    points: list[PointView]


class Bar(msgspec.Struct):
    """The share of rows between two numbers, then and now."""

    low: float
    high: float
    then: float
    now: float


class WordShare(msgspec.Struct):
    """The share of rows with a word, then and now."""

    value: str
    then: float
    now: float


class ColumnView(msgspec.Struct):
    """A column in a window, beside what it was like in the rows that the version learnt from.

    Attributes:
        column: by name; `prediction` for what the model gave.
        window: the id of the window.
        then_rows: rows that were learnt from.
        now_rows: predictions in the window.
        then_missing: the share of those rows without a value.
        now_missing: the same of these.
        bars: of numbers: shares of those with a value; of texts, by their length.
        words: of others.
        others: the share of rows with other words, then and now; null of numbers.
        new_words: those that were never met before, and how often.
        measures: what was measured of it.
        why: there is nothing to compare.
    """

    column: str
    window: str
    then_rows: int
    now_rows: int
    then_missing: float
    now_missing: float
    bars: list[Bar]
    words: list[WordShare]
    others: WordShare | None
    new_words: dict[str, int]
    measures: dict[str, Reading]
    why: str = ""


def window_view(window: Window, only: Named | None = None) -> WindowView:
    """Return a window as callers see it; with those measures alone, where some are named."""
    found = window.measures
    return WindowView(
        window.id,
        window.version,
        window.span,
        window.start,
        window.end,
        window.rows,
        found if only is None else {name: found[name] for name in found if is_named(name, only)},
    )


def column_view(
    name: str, window: Window, found: Sum, reference: Reference | None
) -> ColumnView | None:
    """Return a column of a window, then and now; None where the version has none of that name."""
    if reference is None:
        return _empty(
            name, window, "This version has no reference of the rows that it learnt from."
        )
    stand_in = STAND_INS.get(name)
    if stand_in is not None and all(one.name != name for one in reference.columns):
        return stand_in(_empty(name, window, ""), window)
    if name == measures.PREDICTION and all(one.name != name for one in reference.columns):
        then = _prediction(reference)
        now = found.predicted if reference.predicted is not None else found.values
    else:
        there = next((one for one in reference.columns if one.name == name), None)
        if there is None:
            return None
        then, now = there, found.columns.get(name, ColumnSum())
    return _filled(_empty(name, window, ""), then, now)


def _explained(view: ColumnView, window: Window) -> ColumnView:
    """Return which share of the reasons each column is, then and now."""
    found = {
        what: one
        for key, one in window.measures.items()
        for name, what in [measures.parts(key)]
        if name == measures.EXPLAINS and one.low is not None and one.high is not None
    }
    then = {name: ((one.low or 0.0) + (one.high or 0.0)) / 2 for name, one in found.items()}
    now = {name: one.value or 0.0 for name, one in found.items()}
    whole = sum(then.values()) or 1.0, sum(now.values()) or 1.0
    shares = [WordShare(name, then[name] / whole[0], now[name] / whole[1]) for name in found]
    view.words = sorted(shares, key=lambda one: max(one.then, one.now), reverse=True)[:WORDS]
    return _said(view, measures.EXPLANATIONS)


def _together(view: ColumnView, _: Window) -> ColumnView:
    return _said(view, measures.TOGETHER)


def _said(view: ColumnView, name: str) -> ColumnView:
    """Say what a reading says where there is nothing to see."""
    own = view.measures.get(measures.of(measures.DRIFT, name))
    view.now_rows = (own.rows if own is not None else None) or 0
    view.why = "" if view.words else _nothing(own)
    return view


def _nothing(own: Reading | None) -> str:
    if own is None:
        return "This was not looked at in this window."
    if own.value is None:
        return own.why
    return f"What has changed most surely: how {own.why.replace(', ', ' and ')} go together."


STAND_INS = {measures.EXPLANATIONS: _explained, measures.TOGETHER: _together}


def _prediction(reference: Reference) -> ColumnReference:
    """Return what was said of held-out rows, as if it were a column."""
    words, numbers = reference.predicted, reference.values
    rows = (
        sum(words.counts.values()) if words is not None else sum(numbers.counts if numbers else [])
    )
    kept = None if words is not None else numbers
    return ColumnReference(measures.PREDICTION, "category", rows, 0, kept, words)


def _empty(name: str, window: Window, why: str) -> ColumnView:
    own = {key: one for key, one in window.measures.items() if measures.parts(key)[1] == name}
    return ColumnView(name, window.id, 0, window.rows, 0.0, 0.0, [], [], None, {}, own, why)


def _filled(view: ColumnView, then: ColumnReference, now: ColumnSum) -> ColumnView:
    view.then_rows = then.rows
    view.then_missing = _share(then.missing, then.rows)
    view.now_missing = _share(now.missing, now.rows)
    view.new_words = now.new_words
    if then.words is not None:
        view.words, view.others = _words(then.words, now)
    elif then.numbers is not None and (now.bins or not now.rows):
        view.bars = _bars(then.numbers, now)
    elif then.missing < then.rows:
        view.why = "The values of this column are not compared: sensitive, long, or moments."
    return view


def _words(then: Words, now: ColumnSum) -> tuple[list[WordShare], WordShare]:
    m, n = sum(then.counts.values()) + then.rest, now.texts
    both = {word: (then.counts.get(word, 0), now.words.get(word, 0)) for word in then.counts}
    shares = [WordShare(word, _share(a, m), _share(b, n)) for word, (a, b) in both.items()]
    shares.sort(key=lambda one: max(one.then, one.now), reverse=True)
    kept = shares[:WORDS]
    before, after = (1.0 - sum(some) for some in _pairs(kept))
    others = WordShare("", max(0.0, before) if m else 0.0, max(0.0, after) if n else 0.0)
    return kept, others


def _pairs(kept: list[WordShare]) -> tuple[list[float], list[float]]:
    return [one.then for one in kept], [one.now for one in kept]


def _bars(then: Numbers, now: ColumnSum) -> list[Bar]:
    """Return shares by some of the bins; those at the ends reach as far as the numbers do."""
    low = then.low if now.low is None else min(then.low, now.low)
    high = then.high if now.high is None else max(then.high, now.high)
    step = -(-len(then.counts) // BARS)
    edges = [low, *then.edges, high]
    bins = now.bins or [0] * len(then.counts)
    m, n = sum(then.counts), sum(bins)
    return [
        Bar(
            edges[first],
            edges[min(first + step, len(edges) - 1)],
            _share(sum(then.counts[first : first + step]), m),
            _share(sum(bins[first : first + step]), n),
        )
        for first in range(0, len(then.counts), step)
    ]


def _share(count: int, rows: int) -> float:
    return count / rows if rows else 0.0
