"""Charts as Vega-Lite: the same for the picture from here and for the one that a browser draws."""

from itertools import pairwise
from typing import Any

from web.client.evaluation_schemas import (
    Bin,
    Confusion,
    Dependence,
    Importance,
    LearningPoint,
    Residuals,
)
from web.client.schemas import Evaluation
from web.views.charts.catalog import leading
from web.views.charts.styles import ChartStyle

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
LONG_LABEL = 130
BAR = 26
Spec = dict[str, Any]


def spec_of(chart: str, found: Evaluation, style: ChartStyle) -> Spec | None:
    """Return the chart called `chart`, or None where the evaluation has no such one."""
    if chart.startswith("dependence") and (place := chart[len("dependence") :]).isdecimal():
        shown = found.dependence[int(place) : int(place) + 1]
        return whole(dependence(shown[0], style), style) if shown else None
    drawn: Spec | None = None
    if chart == "roc" and found.roc:
        drawn = curve(found.roc, style, ("False alarms", "Cases found"), diagonal=True)
    elif chart == "precision_recall" and found.precision_recall:
        drawn = curve(found.precision_recall, style, ("Cases found", "Calls that are right"))
    elif chart == "confusion" and found.confusion:
        drawn = confusion(found.confusion, style)
    elif chart == "importance" and found.importance:
        drawn = importance(found.importance, style)
    elif chart == "calibration" and found.calibration:
        drawn = calibration(found.calibration, style)
    elif chart == "residuals" and found.residuals and found.residuals.counts:
        drawn = residuals(found.residuals, style)
    elif chart == "errors" and found.residuals and found.residuals.points:
        drawn = errors(found.residuals, style)
    elif chart == "learning_curve" and len(found.learning_curve) > 1:
        drawn = learning(found.learning_curve, style)
    return None if drawn is None else whole(drawn, style)


def whole(drawn: Spec, style: ChartStyle) -> Spec:
    """Return a drawing with all that a renderer wants to know."""
    size = {"width": style.width, "height": int(style.width * 0.7)}
    return {"$schema": SCHEMA, **size, **drawn, "config": style.config()}


def field(name: str, kind: str, title: str | None = None, **more: Any) -> Spec:
    """Return an encoding of a field."""
    return {"field": name, "type": kind, "title": title, **more}


def tip(name: str, title: str, form: str = "") -> Spec:
    """Return a line of a tooltip."""
    kind = "quantitative" if form else "nominal"
    return {"field": name, "type": kind, "title": title} | ({"format": form} if form else {})


def data(values: list[Spec]) -> Spec:
    """Return values as a source."""
    return {"values": values}


def curve(
    points: list[tuple[float, float]],
    style: ChartStyle,
    titles: tuple[str, str],
    *,
    diagonal: bool = False,
) -> Spec:
    """Return a curve of two shares; over the diagonal of a guess where that has one."""
    rows = data([{"x": x, "y": y, "place": n} for n, (x, y) in enumerate(points)])
    x, y = (_share(name, title) for name, title in zip("xy", titles, strict=True))
    line = {
        "data": rows,
        "mark": {"type": "line", "color": style.theme.mark, "strokeWidth": 2.25},
        "encoding": {"x": x, "y": y, "order": {"field": "place", "type": "quantitative"}},
    }
    tips = [tip("x", titles[0], ".1%"), tip("y", titles[1], ".1%")]
    hover = {
        "data": rows,
        "mark": {"type": "point", "opacity": 0, "size": 200},
        "encoding": {"x": x, "y": y, "tooltip": tips},
    }
    return {"layer": [*([_diagonal(style, x, y)] if diagonal else []), line, hover]}


def _share(name: str, title: str) -> Spec:
    axis = {"format": "%", "values": [0, 0.25, 0.5, 0.75, 1], "titlePadding": 8}
    return field(name, "quantitative", title, scale={"domain": [0, 1]}, axis=axis)


def _diagonal(style: ChartStyle, x: Spec, y: Spec) -> Spec:
    dashes = {"strokeDash": [4, 4], "strokeWidth": 1}
    return {
        "data": data([{"x": 0, "y": 0}, {"x": 1, "y": 1}]),
        "mark": {"type": "line", "color": style.theme.soft, **dashes},
        "encoding": {"x": x, "y": y},
    }


def calibration(bins: list[Bin], style: ChartStyle) -> Spec:
    """Return what was stated against what came, dots as large as the rows are many."""
    x, y = _share("x", "Stated"), _share("y", "Came true")
    rows = data([{"x": one.stated, "y": one.came, "rows": one.rows} for one in bins])
    size = field("rows", "quantitative", legend=None, scale={"range": [40, 420]})
    tips = [tip("x", "Stated", ".1%"), tip("y", "Came true", ".1%"), tip("rows", "Rows", ",")]
    dots = {
        "data": rows,
        "mark": {"type": "circle", "color": style.theme.mark, "opacity": 0.85},
        "encoding": {"x": x, "y": y, "size": size, "tooltip": tips},
    }
    return {"layer": [_diagonal(style, x, y), dots]}


def confusion(counts: Confusion, style: ChartStyle) -> Spec:
    """Return the counts as a grid of cells, shaded by their share of their row."""
    cells = [
        {"really": label, "said": said, "count": count, "share": count / (sum(row) or 1)}
        for label, row in zip(counts.labels, counts.matrix, strict=True)
        for said, count in zip(counts.labels, row, strict=True)
    ]
    plain = {"ticks": False, "domain": False, "grid": False, "labelLimit": LONG_LABEL}
    few = len(counts.labels) <= 6
    top = plain | {"orient": "top", "labelAngle": 0 if few else -60}
    shade = {"domain": [0, 1], "range": [style.theme.paper, style.theme.mark]}
    tips = [tip("really", "Really"), tip("said", "Predicted")]
    tips += [tip("count", "Rows", ","), tip("share", "Of that label", ".1%")]
    ink = {"condition": {"test": "datum.share > 0.5", "value": style.theme.on_mark}}
    tile = {"type": "rect", "cornerRadius": 4, "stroke": style.theme.paper, "strokeWidth": 2}
    text = {"type": "text", "fontSize": 15 if few else 10, "fontWeight": 600}
    return {
        "data": data(cells),
        "height": min(style.width * 0.7, 90 * max(2, len(counts.labels))),
        "encoding": {
            "x": field("said", "nominal", "Predicted", sort=None, axis=top),
            "y": field("really", "nominal", "Really", sort=None, axis=plain),
            "tooltip": tips,
        },
        "layer": [
            {
                "mark": tile,
                "encoding": {"color": field("share", "quantitative", scale=shade, legend=None)},
            },
            {
                "mark": text,
                "encoding": {
                    "text": field("count", "quantitative", format=","),
                    "color": ink | {"value": style.theme.ink},
                },
            },
        ],
    }


def importance(values: list[Importance], style: ChartStyle) -> Spec:
    """Return a bar for each of the columns that matter most, with what it is within."""
    bars = [
        {"column": one.column, "value": max(one.value, 0), "low": one.low, "high": one.high}
        for one in leading(values)
    ]
    labels = {"labelLimit": LONG_LABEL, "ticks": False, "domain": False, "labelPadding": 8}
    axis = {"tickCount": style.width // 100, "domain": False}
    tips = [tip("column", "Column"), tip("value", "Importance", ".4f")]
    tips += [tip("low", "From", ".4f"), tip("high", "To", ".4f")]
    within = {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": {"type": "rule", "color": style.theme.ink, "strokeWidth": 1.5},
        "encoding": {"x": field("low", "quantitative"), "x2": {"field": "high"}},
    }
    bar = {"type": "bar", "color": style.theme.mark, "cornerRadius": 3, "height": 12}
    y = field("column", "nominal", sort=None, axis=labels)
    return {
        "data": data(bars),
        "height": BAR * len(bars),
        "encoding": {"y": y, "tooltip": tips},
        "layer": [
            {"mark": bar, "encoding": {"x": field("value", "quantitative", axis=axis)}},
            within,
        ],
    }


def residuals(found: Residuals, style: ChartStyle) -> Spec:
    """Return the histogram of truth minus prediction."""
    bars = [
        {"low": low, "high": high, "rows": count}
        for (low, high), count in zip(pairwise(found.edges), found.counts, strict=True)
    ]
    tips = [tip("low", "From", ".4~g"), tip("high", "To", ".4~g"), tip("rows", "Rows", ",")]
    return {
        "data": data(bars),
        "mark": {"type": "bar", "color": style.theme.mark, "binSpacing": 1},
        "encoding": {
            "x": field("low", "quantitative", "Truth minus prediction", bin={"binned": True}),
            "x2": {"field": "high"},
            "y": field("rows", "quantitative", "Rows"),
            "tooltip": tips,
        },
    }


def errors(found: Residuals, style: ChartStyle) -> Spec:
    """Return errors over predictions, a dot a row, with a line at zero."""
    dots = data([{"x": x, "y": y} for x, y in found.points])
    tips = [tip("x", "Predicted", ".4~g"), tip("y", "Truth minus predicted", ".4~g")]
    scale = {"zero": False}
    rule = {"type": "rule", "color": style.theme.soft, "strokeDash": [4, 4]}
    return {
        "layer": [
            {"data": data([{"y": 0}]), "mark": rule, "encoding": {"y": field("y", "quantitative")}},
            {
                "data": dots,
                "mark": {"type": "circle", "color": style.theme.mark, "opacity": 0.5, "size": 36},
                "encoding": {
                    "x": field("x", "quantitative", "Predicted", scale=scale),
                    "y": field("y", "quantitative", "Truth minus predicted"),
                    "tooltip": tips,
                },
            },
        ],
    }


def dependence(found: Dependence, style: ChartStyle) -> Spec:
    """Return the mean answer for values of a column: a line over numbers, dots over words."""
    labels = found.labels or ["Answer"]
    words = any(isinstance(value, str) for value in found.values)
    rows = [
        {"value": "missing" if value is None else value, "label": label, "mean": mean}
        for value, means in zip(found.values, found.means, strict=True)
        if words or value is not None
        for label, mean in zip(labels, means, strict=True)
    ]
    kind = "nominal" if words else "quantitative"
    axis = {"labelLimit": LONG_LABEL} | ({"labelAngle": -35} if words else {})
    tips = [tip("value", found.column, "" if words else ".4~g"), tip("label", "Label")]
    x = field("value", kind, found.column, sort=None, axis=axis)
    if not words:
        x["scale"] = {"zero": False}
    line = {"type": "line", "point": True if len(labels) > 1 else {"color": style.theme.mark}}
    mark: Spec = {"type": "circle", "size": 110} if words else line
    many = len(labels) > 1
    colour = field("label", "nominal", scale={"range": style.palette()}, legend={"orient": "top"})
    return {
        "data": data(rows),
        "mark": mark if many else mark | {"color": style.theme.mark},
        "encoding": {
            "x": x,
            "y": field("mean", "quantitative", "Answer on average", scale={"zero": False}),
            "tooltip": [*tips, tip("mean", "Answer on average", ".4~g")],
            **({"color": colour, "shape": field("label", "nominal", legend=None)} if many else {}),
        },
    }


def learning(points: list[LearningPoint], style: ChartStyle) -> Spec:
    """Return a measure over the rows that were learnt from, in its interval."""
    rows = data([{"rows": p.rows, "value": p.value, "low": p.low, "high": p.high} for p in points])
    scale = {"zero": False}
    x = field("rows", "quantitative", "Rows learnt from")
    tips = [tip("rows", "Rows", ","), tip("value", "Value", ".4~g")]
    tips += [tip("low", "From", ".4~g"), tip("high", "To", ".4~g")]
    band = {"type": "area", "color": style.theme.mark, "opacity": 0.16}
    y = field("value", "quantitative", "Measure", scale=scale)
    line = {
        "type": "line",
        "color": style.theme.mark,
        "point": {"size": 60, "color": style.theme.mark},
    }
    return {
        "data": rows,
        "layer": [
            {
                "mark": band,
                "encoding": {
                    "x": x,
                    "y": field("low", "quantitative", scale=scale),
                    "y2": {"field": "high"},
                },
            },
            {"mark": line, "encoding": {"x": x, "y": y, "tooltip": tips}},
        ],
    }


def course(points: list[tuple[int, float]], label: str, style: ChartStyle) -> Spec:
    """Return a measure over versions as a line."""
    tips = [tip("version", "Version", "d"), tip("value", label, ".4f")]
    whole_numbers = {"format": "d", "tickMinStep": 1}
    return {
        "height": 170,
        "data": data([{"version": version, "value": value} for version, value in points]),
        "mark": {
            "type": "line",
            "color": style.theme.mark,
            "point": {"size": 70, "color": style.theme.mark},
        },
        "encoding": {
            "x": field(
                "version", "quantitative", "Version", axis=whole_numbers, scale={"zero": False}
            ),
            "y": field(
                "value", "quantitative", label, scale={"zero": False}, axis={"format": ".4~g"}
            ),
            "tooltip": tips,
        },
    }
