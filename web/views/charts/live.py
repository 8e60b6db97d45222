"""Charts of what is live, as Vega-Lite: measures over time in their bands, columns then and now."""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

from web.client.monitoring_schemas import ColumnThenNow
from web.views.charts.specs import BAR, LONG_LABEL, Spec, data, field, tip
from web.views.charts.styles import ChartStyle
from web.views.monitoring.charts import GUESSED, NOW, THEN, Point

HEIGHT = 190
TIMES = {
    **dict.fromkeys(("seconds", "minutes", "hours"), "%H:%M"),
    **dict.fromkeys(("date", "day", "week"), "%-d %b"),
    "month": "%b",
    "year": "%Y",
}
"""How the axis of time is written, by its steps; 24 hours a day."""
DASHES = ([1, 0], [5, 4], [2, 3])


def traffic(points: Sequence[Point], style: ChartStyle) -> Spec:
    """Return a bar for the calls of each window, over what is usual."""
    y = field("value", "quantitative", "Calls", axis={"format": "~s", "tickMinStep": 1})
    bar = {"type": "bar", "color": style.theme.mark, "opacity": 0.85, "width": {"band": 0.8}}
    width = max(2.0, min(18.0, style.width / max(len(points), 1) * 0.7))
    return {
        "height": HEIGHT,
        "data": data(_rows(points)),
        "layer": [
            _band(points, style.theme.soft, 0.22),
            {
                "mark": bar | {"width": width},
                "encoding": {"x": _x(points), "y": y, "tooltip": _tips("Calls", ",.0f")},
            },
            _alarms(points, style),
        ],
    }


def latency(points: Sequence[Point], style: ChartStyle) -> Spec:
    """Return lines of how long calls took."""
    return _lines(points, style, "Milliseconds", ".4~g", banded=False)


def quality(points: Sequence[Point], style: ChartStyle, label: str) -> Spec:
    """Return a measure by labels and as estimated, each in its band."""
    return _lines(points, style, label, ".4f", banded=True)


def _lines(
    points: Sequence[Point], style: ChartStyle, title: str, form: str, *, banded: bool
) -> Spec:
    names = list(dict.fromkeys(one.series for one in points))
    # An estimate looks the same whether or not labels stand beside it.
    colours = dict(zip(names, style.palette(), strict=False))
    if names == [GUESSED]:
        colours = {GUESSED: style.palette()[1]}
    dashes = [DASHES[1] if one == GUESSED else DASHES[n % 3] for n, one in enumerate(names)]
    shades = {"domain": names, "range": [colours[one] for one in names]}
    legend = {"orient": "top", "symbolType": "stroke", "symbolOpacity": 1}
    colour = field("series", "nominal", scale=shades, legend=legend)
    dash = field("series", "nominal", scale={"domain": names, "range": dashes}, legend=legend)
    y = field("value", "quantitative", title, scale={"zero": not banded}, axis={"format": ",~r"})
    line = {
        "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 34}},
        "encoding": {
            "x": _x(points),
            "y": y,
            "color": colour,
            "strokeDash": dash,
            "tooltip": [tip("series", "Which"), *_tips(title, form)],
        },
    }
    band = {
        "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
        "mark": {"type": "area", "opacity": 0.16},
        "encoding": {
            "x": _x(points),
            "y": field("low", "quantitative", title, scale={"zero": False}),
            "y2": {"field": "high"},
            "color": colour,
        },
    }
    return {
        "height": HEIGHT,
        "data": data(_rows(points)),
        "layer": [*([band] if banded else []), line, _alarms(points, style)],
    }


def distribution(found: ColumnThenNow, style: ChartStyle) -> Spec | None:
    """Return a column then and now, one over the other; None where there is nothing to draw."""
    if found.bars:
        return _numbers(found, style)
    return _words(found, style) if found.words else None


def _numbers(found: ColumnThenNow, style: ChartStyle) -> Spec:
    bars = [
        {
            "low": one.low,
            "high": one.high,
            "share": share,
            "dense": share / (one.high - one.low),
            "series": series,
        }
        for one in found.bars
        if one.high > one.low
        for series, share in ((THEN, one.then), (NOW, one.now))
    ]
    tips = [tip("series", "Rows"), tip("low", "From", ".4~g"), tip("high", "To", ".4~g")]
    mark = {"type": "bar", "opacity": 0.55, "binSpacing": 0, "strokeWidth": 1.2}
    bare = {"labels": False, "ticks": False, "tickCount": 4}
    shades = _shades(style)
    return {
        "data": data(bars),
        "mark": mark,
        "encoding": {
            "x": field("low", "quantitative", found.column, bin={"binned": True}),
            "x2": {"field": "high"},
            "y": field("dense", "quantitative", "How many, by area", stack=None, axis=bare),
            "color": field("series", "nominal", scale=shades, legend={"orient": "top"}),
            "stroke": field("series", "nominal", scale=shades, legend=None),
            "tooltip": [*tips, tip("share", "Share", ".1%")],
        },
    }


def _words(found: ColumnThenNow, style: ChartStyle) -> Spec:
    shown = [*found.words[:12], *([found.others] if found.others else [])]
    bars = [
        {"word": one.value or "others", "share": share, "series": series}
        for one in shown
        for series, share in ((THEN, one.then), (NOW, one.now))
    ]
    labels = {"labelLimit": LONG_LABEL, "ticks": False, "domain": False, "labelPadding": 8}
    tips = [tip("word", "Value"), tip("series", "Rows"), tip("share", "Share", ".1%")]
    shares = {"format": "%", "tickCount": style.width // 90}
    return {
        "data": data(bars),
        "height": BAR * 1.3 * len(shown),
        "mark": {"type": "bar", "cornerRadius": 2},
        "encoding": {
            "y": field("word", "nominal", sort=None, axis=labels),
            "yOffset": field("series", "nominal", sort=[THEN, NOW]),
            "x": field("share", "quantitative", "Share of rows", axis=shares),
            "color": field("series", "nominal", scale=_shades(style), legend={"orient": "top"}),
            "tooltip": tips,
        },
    }


def _shades(style: ChartStyle) -> Spec:
    return {"domain": [THEN, NOW], "range": [style.theme.soft, style.palette()[1]]}


def _rows(points: Sequence[Point]) -> list[Spec]:
    return [one._asdict() for one in points]


def _x(points: Sequence[Point]) -> Spec:
    """Return the axis of time; between two windows it has no ticks: they would be named alike."""
    axis = {"labelOverlap": "greedy", "labelSeparation": 8, "grid": False, "tickCount": 5}
    axis["format"] = TIMES
    starts = sorted({dt.datetime.fromisoformat(one.start) for one in points})
    if len(starts) > 1:
        least = min(after - before for before, after in pairwise(starts))
        axis["tickMinStep"] = least / dt.timedelta(milliseconds=1)
    return field("start", "temporal", None, scale={"type": "utc"}, axis=axis)


def _tips(title: str, form: str) -> list[Spec]:
    value = [tip("when", "From"), tip("value", title, form), tip("rows", "Rows", ",")]
    return [*value, tip("low", "At least", form), tip("high", "At most", form)]


def _band(points: Sequence[Point], colour: str, opacity: float) -> Spec:
    return {
        "transform": [{"filter": "isValid(datum.high)"}],
        "mark": {"type": "area", "color": colour, "opacity": opacity},
        "encoding": {
            "x": _x(points),
            "y": field("low", "quantitative", "Calls"),
            "y2": {"field": "high"},
        },
    }


def _alarms(points: Sequence[Point], style: ChartStyle) -> Spec:
    """Return a mark at what is off: a shape, as colours alone are not for all eyes."""
    mark = {"type": "point", "shape": "triangle-up", "size": 110, "filled": True}
    return {
        "transform": [{"filter": "datum.alarm"}],
        "mark": mark | {"color": style.palette()[1], "yOffset": -10},
        "encoding": {"x": _x(points), "y": field("value", "quantitative")},
    }
