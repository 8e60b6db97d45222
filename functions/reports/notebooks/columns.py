"""A dataset's columns as rows of tables and as charts: of its profile, which is of all rows."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from functions.reports.notebooks.charts import bar_chart, histogram_chart
from functions.reports.notebooks.marks import FULL_WIDTH, MOST_CELL, plain
from functions.reports.notebooks.words import (
    NOTHING,
    counted,
    listed,
    moment,
    number,
    rounded,
    share,
    words,
)

Found = Mapping[str, Any]
"""A column of the profile, as JSON (`functions/kit/contract/records/profile.py`)."""
MOST_SHOWN = 40
"""Columns that have a figure of their own."""
MOST_BARS = 12
_TIMES = ("datetime", "date")
_MEDIAN, _LOW, _HIGH = 4, 0, 8  # among the profile's quantiles
_STRONG = 0.9


class Picture(NamedTuple):
    """A chart, and what is said beneath it."""

    chart: Any
    caption: str


def overview(columns: Sequence[Found], rows: int, hidden: Sequence[str]) -> list[list[str]]:
    """Return a row for each column: name, kind, missing, different values, what they are like."""
    return [
        [
            plain(one["name"], MOST_CELL),
            one["kind"],
            share(one["missing"], rows),
            number(one["unique"]),
            "not shown: sensitive" if one["name"] in hidden else _typical(one, rows),
        ]
        for one in columns
    ]


def _typical(one: Found, rows: int) -> str:
    quantiles = one.get("quantiles")
    if quantiles and one["kind"] in _TIMES:
        return f"{moment(quantiles[_LOW])} to {moment(quantiles[_HIGH])}"
    if quantiles:
        ends = f"{number(quantiles[_LOW])} to {number(quantiles[_HIGH])}"
        return f"{ends}, median {number(quantiles[_MEDIAN])}"
    top = one.get("top") or []
    if not top:
        return NOTHING
    first = f"“{plain(top[0]['value'], 24)}”"
    return f"{first} {share(top[0]['count'], rows - one['missing'])}"


def missing(columns: Sequence[Found], rows: int) -> Picture | None:
    """Return the shares of missing values, the largest first; None where nothing is missing."""
    gaps = sorted(
        ((one["name"], one["missing"] / rows) for one in columns if one["missing"]),
        key=lambda pair: -pair[1],
    )
    if not gaps:
        return None
    chart = bar_chart(gaps[:MOST_SHOWN], "share of rows", width=FULL_WIDTH, shares=True)
    more = len(gaps) - MOST_SHOWN
    beyond = f"; {counted(more, 'more column')} lack fewer" if more > 0 else ""
    return Picture(chart, f"Missing values, by column: those that lack any{beyond}.")


def picture(one: Found, rows: int) -> Picture | None:
    """Return how a column's values are spread; None where it has none."""
    present = rows - one["missing"]
    name = plain(one["name"], MOST_CELL)
    found = one.get("histogram")
    if found and sum(found["counts"]):
        time = one["kind"] in _TIMES
        edges = found["edges"] if time else rounded(found["edges"])
        chart = histogram_chart(edges, found["counts"], one["name"], time=time)
        quantiles = one.get("quantiles") or [None] * (_HIGH + 1)
        tell = moment if time else number
        middle = f"median {tell(quantiles[_MEDIAN])}"
        mean = "" if one.get("mean") is None else f", mean {number(one['mean'])}"
        return Picture(chart, f"“{name}”: {counted(present, 'value')}; {middle}{mean}.")
    top = one.get("top") or []
    if not top:
        return None
    chart = bar_chart([(word["value"], word["count"]) for word in top[:MOST_BARS]], "rows")
    unique = counted(one["unique"], "different value")
    which = f", the {MOST_BARS} most frequent" if one["unique"] > MOST_BARS else ""
    return Picture(chart, f"“{name}”: {counted(present, 'row')} with {unique}{which}.")


def strongest(found: Sequence[Found]) -> list[str]:
    """Return a sentence for each pair of columns that is nearly one."""
    return [
        f"{listed(one['columns'])} go together almost wholly (r = {one['value']:.2f}): one of them "
        "may say all that both do."
        for one in found
        if abs(one["value"]) >= _STRONG
    ]


def related(columns: Sequence[Found], target: str) -> list[list[str]]:
    """Return how each column goes with the target, the strongest first, by each measure."""
    known = [one for one in columns if one.get("target") and one["name"] != target]
    ordered = sorted(known, key=lambda one: -_strength(one))
    names = measures(columns)
    return [
        [plain(one["name"], MOST_CELL), *(number(one["target"].get(name), 3) for name in names)]
        for one in ordered[:MOST_SHOWN]
    ]


def measures(columns: Sequence[Found]) -> list[str]:
    """Return the names of the measures that any column has."""
    return list(dict.fromkeys(name for one in columns for name in one.get("target", {})))


def in_words(names: Sequence[str]) -> list[str]:
    """Return measures' names as people read them."""
    return [words(name.replace("eta2", "eta²")) for name in names]


def _strength(one: Found) -> float:
    found = one["target"]
    return max(
        (abs(value - 0.5) * 2 if name == "auc" else abs(value) for name, value in found.items()),
        default=0.0,
    )
