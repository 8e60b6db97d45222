"""Charts by Altair, of values alone.

No name of a caller's is ever a field of the data, an expression or a pattern: names are values and
titles, which Vega-Lite draws as they are.
"""

from collections.abc import Sequence
from typing import Any

import altair as alt

from functions.reports.notebooks.marks import FULL_WIDTH, HALF_WIDTH, MOST_CELL, plain

_HEIGHT = 190
_BAR, _ROOM = 19, 52
_LABEL = 150  # pixels of the names beside bars
_BLUE, _ORANGE, _GREY, _INK = "#2b6c8f", "#d9793a", "#a9b1b8", "#2b3138"
_COLOURS = [_BLUE, _ORANGE, "#5b9c6b", "#8a6bb1", "#b8527a", "#7f8a93"]
_DIVERGING = ["#b4552a", "#f7f5f2", "#2b6c8f"]
_SHORT = "abs(datum.value) >= 10000 ? format(datum.value, '~s') : format(datum.value, '~g')"
_FAMILY = "Libertinus Serif, Georgia, Times New Roman, serif"


def bar_chart(
    pairs: Sequence[tuple[str, float]], value: str, *, width: int = HALF_WIDTH, shares: bool = False
) -> Any:
    """Return a bar for each name, in the order that they come in."""
    data = [{"name": plain(name, MOST_CELL), "value": found} for name, found in pairs]
    axis = alt.Axis(format="%", tickCount=5) if shares else _ticks()
    chart = alt.Chart(_data(data)).mark_bar(color=_BLUE, height={"band": 0.72})
    return _styled(
        chart.encode(
            x=alt.X("value:Q", title=plain(value), axis=axis),
            y=alt.Y("name:N", sort=None, title=None, axis=_names()),
        ),
        width,
        max(80, _BAR * len(_distinct(data)) + _ROOM),
    )


def histogram_chart(
    edges: Sequence[float], counts: Sequence[int], title: str, *, time: bool = False
) -> Any:
    """Return bars from edge to edge; edges of times are Unix seconds."""
    scale = 1000 if time else 1  # Vega's times are in milliseconds
    data = [
        {"from": low * scale, "to": high * scale, "rows": count}
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    ]
    kind = "T" if time else "Q"
    x = alt.X(
        f"from:{kind}",
        title=plain(title, MOST_CELL),
        scale=alt.Scale(zero=False, nice=False),
        axis=_ticks(time=time),
    )
    chart = alt.Chart(_data(data)).mark_bar(color=_BLUE, stroke="white", strokeWidth=0.5)
    return _styled(
        chart.encode(x=x, x2="to", y=alt.Y("rows:Q", title="rows", axis=_ticks()), y2=alt.datum(0)),
        HALF_WIDTH,
        _HEIGHT,
    )


def heat_chart(
    cells: Sequence[tuple[str, str, float]], name: str, *, width: int = FULL_WIDTH
) -> Any:
    """Return a square of cells from -1 to 1: each (row, column, value)."""
    data = [
        {"row": plain(row, MOST_CELL), "column": plain(column, MOST_CELL), "value": value}
        for row, column, value in cells
    ]
    count = len({one["row"] for one in data})
    base = alt.Chart(_data(data)).encode(
        x=alt.X("column:N", sort=None, title=None, axis=_names(labelAngle=-40, labelLimit=110)),
        y=alt.Y("row:N", sort=None, title=None, axis=_names()),
    )
    scale = alt.Scale(domain=[-1, 0, 1], range=_DIVERGING, interpolate="rgb")
    legend = alt.Legend(title=plain(name), gradientLength=110, orient="right")
    tiles = base.mark_rect(stroke="white").encode(
        color=alt.Color("value:Q", scale=scale, legend=legend)
    )
    ink = alt.condition("abs(datum.value) > 0.55", alt.value("white"), alt.value(_INK))
    figures = base.mark_text(fontSize=9).encode(text=alt.Text("value:Q", format=".2f"), color=ink)
    chart = alt.layer(tiles, figures) if count <= 12 else tiles
    return _styled(chart, width, min(560, 30 * count + 130))


def grid_chart(
    cells: Sequence[tuple[str, str, float, float]],
    across: str,
    down: str,
    *,
    width: int = HALF_WIDTH,
) -> Any:
    """Return counts in a grid: each (row, column, count, shade from 0 to 1)."""
    data = [
        {"row": plain(row, 30), "column": plain(column, 30), "count": count, "shade": shade}
        for row, column, count, shade in cells
    ]
    size = len({one["row"] for one in data})
    base = alt.Chart(_data(data)).encode(
        x=alt.X(
            "column:N",
            sort=None,
            title=across,
            axis=_names(labelAngle=0 if size < 4 else -40, labelLimit=90),
        ),
        y=alt.Y("row:N", sort=None, title=down, axis=_names(labelLimit=90)),
    )
    shade = alt.Scale(domain=[0, 1], range=["#f2f5f7", _BLUE])
    tiles = base.mark_rect(stroke="white").encode(
        color=alt.Color("shade:Q", scale=shade, legend=None)
    )
    ink = alt.condition("datum.shade > 0.55", alt.value("white"), alt.value(_INK))
    text = base.mark_text().encode(text=alt.Text("count:Q", format=","), color=ink)
    chart = alt.layer(tiles, text) if size <= 12 else tiles
    return _styled(chart, width, max(_HEIGHT, min(480, 26 * size + 90)))


def line_chart(
    points: Sequence[tuple[str, float, float]],
    x: str,
    y: str,
    *,
    width: int = HALF_WIDTH,
    dashed: Sequence[tuple[float, float]] = (),
    shares: bool = False,
    marks: bool = False,
    time: bool = False,
) -> Any:
    """Return a line for each name: points are (name, x, y).

    Args:
        points: in the order in which they are joined.
        x: what lies across.
        y: what goes up.
        width: FULL_WIDTH or HALF_WIDTH.
        dashed: a grey line to hold them against.
        shares: both axes go from 0 to 1.
        marks: points are drawn, too.
        time: x is Unix seconds.
    """
    scale = 1000 if time else 1
    data = [
        {"name": plain(name, MOST_CELL), "x": at * scale, "y": value, "order": place}
        for place, (name, at, value) in enumerate(points)
    ]
    kind = "T" if time else "Q"
    domain: Any = alt.Scale(domain=[0, 1]) if shares else alt.Scale(zero=False)
    across = alt.X(f"x:{kind}", title=plain(x), scale=domain, axis=_ticks(time=time))
    up = alt.Y("y:Q", title=plain(y), scale=domain, axis=_ticks())
    names = list(dict.fromkeys(str(one["name"]) for one in data))
    colour: Any = alt.value(_BLUE)
    if len(names) > 1:
        legend = alt.Legend(title=None, orient="bottom", columns=2, labelLimit=120)
        palette = alt.Scale(
            domain=names, range=_COLOURS[: len(names)] if len(names) < 7 else _COLOURS
        )
        colour = alt.Color("name:N", scale=palette, legend=legend)
    drawn = (
        alt.Chart(_data(data))
        .mark_line(strokeWidth=1.8, point={"size": 26} if marks else False)
        .encode(x=across, y=up, color=colour, order="order:Q")
    )
    beside = [{"x": at * scale, "y": value} for at, value in dashed]
    rule = (
        alt.Chart(_data(beside))
        .mark_line(color=_GREY, strokeDash=[4, 3], strokeWidth=1.2)
        .encode(x=across, y=up, order="x:Q")
    )
    return _styled(alt.layer(rule, drawn) if dashed else drawn, width, _HEIGHT + 30)


def point_chart(
    pairs: Sequence[tuple[float, float]], x: str, y: str, *, level: float | None = None
) -> Any:
    """Return a dot for each (x, y); `level` is a line across."""
    data = [{"x": at, "y": value} for at, value in pairs]
    dots = (
        alt.Chart(_data(data))
        .mark_circle(size=18, opacity=0.55, color=_BLUE)
        .encode(
            x=alt.X("x:Q", title=plain(x), scale=alt.Scale(zero=False), axis=_ticks()),
            y=alt.Y("y:Q", title=plain(y), scale=alt.Scale(zero=False), axis=_ticks()),
        )
    )
    if level is None:
        return _styled(dots, HALF_WIDTH, _HEIGHT + 30)
    rule = alt.Chart(_data([{"y": level}])).mark_rule(color=_GREY, strokeDash=[4, 3])
    return _styled(alt.layer(dots, rule.encode(y="y:Q")), HALF_WIDTH, _HEIGHT + 30)


def range_chart(
    rows: Sequence[tuple[str, float, float | None, float | None]],
    value: str,
    *,
    width: int = FULL_WIDTH,
    best: str = "",
) -> Any:
    """Return a dot for each name, and how far it may be off: rows are (name, value, low, high).

    `best` is the name of the one that stands out.
    """
    best = plain(best, MOST_CELL)
    data = [
        {
            "name": plain(name, MOST_CELL),
            "value": middle,
            "low": middle if low is None else low,
            "high": middle if high is None else high,
        }
        for name, middle, low, high in rows
    ]
    base = alt.Chart(_data(data)).encode(y=alt.Y("name:N", sort=None, title=None, axis=_names()))
    axis = alt.X("low:Q", title=plain(value), scale=alt.Scale(zero=False), axis=_ticks())
    bars = base.mark_rule(color=_GREY, strokeWidth=2).encode(x=axis, x2="high:Q")
    marked = alt.FieldEqualPredicate(field="name", equal=best)
    colour = alt.condition(marked, alt.value(_ORANGE), alt.value(_BLUE))
    dots = base.mark_circle(size=52, opacity=1).encode(x="value:Q", color=colour)
    return _styled(alt.layer(bars, dots), width, max(80, _BAR * len(_distinct(data)) + _ROOM))


def group_chart(
    rows: Sequence[tuple[str, str, float]], value: str, group: str, *, width: int = HALF_WIDTH
) -> Any:
    """Return bars that are parted into groups which add up to 1: rows are (name, group, share)."""
    data = [
        {
            "name": plain(name, MOST_CELL),
            "group": plain(part, MOST_CELL),
            "share": of_all,
            "order": place,
        }
        for place, (name, part, of_all) in enumerate(rows)
    ]
    parts = list(dict.fromkeys(str(one["group"]) for one in data))
    palette = alt.Scale(domain=parts, range=_COLOURS[: max(1, len(parts))])
    legend = alt.Legend(title=plain(group, 40), orient="bottom", columns=3, labelLimit=80)
    chart = (
        alt.Chart(_data(data))
        .mark_bar(height={"band": 0.72})
        .encode(
            x=alt.X("share:Q", title=plain(value), axis=alt.Axis(format="%", tickCount=5)),
            y=alt.Y("name:N", sort=None, title=None, axis=_names()),
            color=alt.Color("group:N", scale=palette, legend=legend),
            order="order:Q",
        )
    )
    return _styled(chart, width, max(120, _BAR * len(_distinct(data)) + _ROOM + 44))


def _distinct(data: Sequence[dict[str, Any]]) -> set[Any]:
    return {one["name"] for one in data}


def _data(values: Sequence[dict[str, Any]]) -> Any:
    return alt.InlineData(values=list(values))


def _names(**more: Any) -> Any:
    return alt.Axis(
        **{"labelLimit": _LABEL, "ticks": False, "domain": False, "grid": False, **more}
    )


def _ticks(*, time: bool = False) -> Any:
    known: dict[str, Any] = {"tickCount": 5, "labelOverlap": "greedy"}
    return alt.Axis(**known) if time else alt.Axis(**known, labelExpr=_SHORT)


def _styled(chart: Any, width: int, height: int) -> Any:
    """Return a chart that is so wide in all, with its axes and legends."""
    return (
        chart.properties(
            width=width,
            height=height,
            background="white",
            autosize=alt.AutoSizeParams(type="fit", contains="padding"),
        )
        .configure(font=_FAMILY, padding=2)
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=10.5,
            titleFontSize=11,
            titleFontWeight="normal",
            labelColor=_INK,
            titleColor=_INK,
            gridColor="#e6e9ec",
            domainColor=_GREY,
            tickColor=_GREY,
        )
        .configure_axisX(titleLimit=round(width * 0.62))
        .configure_axisY(titleLimit=max(120, height - 40))
        .configure_legend(labelFontSize=10.5, titleFontSize=10.5, titleFontWeight="normal")
    )
