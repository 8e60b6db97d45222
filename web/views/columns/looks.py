"""A table's columns at a glance: how their values spread, what is missing, what to look at."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from web.client.table_schemas import Column, ColumnProfile, Profile
from web.views.columns.relations import Relation, relation
from web.views.formatting import NOTHING, number, percent

HEIGHT = 24  # of the tallest bar, in units of the picture
MOST_BARS = 20
MOST_WORDS = 4
TIMES = frozenset({"datetime", "date"})


@dataclass(frozen=True)
class Bar:
    """One bar: from its left edge, so high, and what it says."""

    x: int
    height: float
    said: str


@dataclass(frozen=True)
class Word:
    """A value, how many rows have it, and which share of the rows that is."""

    text: str
    count: int
    share: float


@dataclass(frozen=True)
class Look:
    """One column as a page shows it; without a profile only what the schema says.

    Attributes:
        column: of the schema.
        missing, unique: rows without a value, different values, in words.
        bars: of numbers, times and days.
        span: from the least to the greatest value.
        words: of all others, the most frequent.
        warnings: what is to be looked at, in sentences.
        relation: how it goes with the target; None where there is none, and of the target itself.
    """

    column: Column
    missing: str = NOTHING
    unique: str = NOTHING
    bars: Sequence[Bar] = ()
    span: str = ""
    words: Sequence[Word] = ()
    warnings: Sequence[str] = ()
    relation: Relation | None = None

    @property
    def width(self) -> int:
        """How wide the picture is, in bars."""
        return max(len(self.bars), 1)


def looks(columns: Sequence[Column], profile: Profile | None) -> list[Look]:
    """Return each column as a page shows it."""
    if profile is None:
        return [Look(column) for column in columns]
    known = {one.name: one for one in profile.columns}
    return [_look(column, known.get(column.name), profile) for column in columns]


def by_relation(found: Sequence[Look]) -> list[Look]:
    """Return columns by how much they tell of the target, the most first; others stay last."""
    return sorted(found, key=lambda one: -1.0 if one.relation is None else -one.relation.share - 2)


def of_rows(profile: Profile | None) -> list[str]:
    """Return what is to be looked at in the table as a whole."""
    return [] if profile is None else [one.detail for one in profile.warnings if not one.columns]


def _look(column: Column, found: ColumnProfile | None, profile: Profile) -> Look:
    if found is None:
        return Look(column)
    share = found.missing / profile.rows if profile.rows else 0.0
    return Look(
        column,
        missing=f"{found.missing:,} ({percent(share)})" if found.missing else "none",
        unique=f"{found.unique:,}",
        bars=_bars(found),
        span=_span(found),
        words=[
            Word(one.value, one.count, one.count / max(profile.rows, 1))
            for one in found.top[:MOST_WORDS]
        ],
        warnings=[one.detail for one in profile.warnings if column.name in one.columns],
        relation=relation(found.target) if column.name != profile.target else None,
    )


def _bars(found: ColumnProfile) -> list[Bar]:
    if found.histogram is None:
        return []
    edges, counts = _coarse(found.histogram.edges, found.histogram.counts)
    most = max(counts, default=0) or 1
    return [
        Bar(
            x,
            max(HEIGHT * count / most, 1.0) if count else 0.0,
            f"{_edge(found, edges[x])} to {_edge(found, edges[x + 1])}: {count:,}",
        )
        for x, count in enumerate(counts)
    ]


def _coarse(edges: list[float], counts: list[int]) -> tuple[list[float], list[int]]:
    """Put neighbours together until there are few enough bars."""
    step = -(-len(counts) // MOST_BARS) or 1
    groups = range(0, len(counts), step)
    return (
        [*(edges[start] for start in groups), edges[-1]],
        [sum(counts[start : start + step]) for start in groups],
    )


def _span(found: ColumnProfile) -> str:
    if not found.quantiles:
        return ""
    low, high = found.quantiles[0], found.quantiles[-1]
    return f"{_edge(found, low)} to {_edge(found, high)}"


def _edge(found: ColumnProfile, value: float) -> str:
    """Write an edge; those of times are in seconds since 1970."""
    if found.kind not in TIMES:
        return number(value)
    try:
        moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=value)
    except OverflowError:
        return number(value)
    return moment.strftime("%Y-%m-%d")
