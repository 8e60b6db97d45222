"""Charts as Vega-Lite, by Altair. This module is loaded with the first chart: Altair is heavy."""

from typing import Any

import altair as alt

from web.client.schemas import Confusion, Importance
from web.views.charts.catalog import leading
from web.views.charts.styles import ChartStyle

LONG_LABEL = 130
BAR = 26


def roc(points: list[tuple[float, float]], style: ChartStyle) -> Any:
    """Return the ROC curve over the diagonal of a guess."""
    curve = [{"x": x, "y": y} for x, y in points]
    # An area has one height at each place: the upper end of a step.
    under = [{"x": x, "y": y} for x, y in dict(sorted(points)).items()]
    x = alt.X("x:Q", title="False alarms", scale=alt.Scale(domain=[0, 1]), axis=_rate())
    y = alt.Y("y:Q", title="Cases found", scale=alt.Scale(domain=[0, 1]), axis=_rate())
    guess = (
        alt.Chart(alt.InlineData(values=[{"x": 0, "y": 0}, {"x": 1, "y": 1}]))
        .mark_line(color=style.theme.soft, strokeDash=[4, 4], strokeWidth=1)
        .encode(x=x, y=y)
    )
    area = (
        alt.Chart(alt.InlineData(values=under))
        .mark_area(color=style.theme.mark, opacity=0.12)
        .encode(x=x, y=y)
    )
    line = (
        alt.Chart(alt.InlineData(values=curve))
        .mark_line(color=style.theme.mark, strokeWidth=2.25)
        .encode(x=x, y=y, order=alt.Order("y:Q"))
    )
    layers = alt.layer(area, guess, line)
    return layers.properties(width=style.width, height=int(style.width * 0.7))


def confusion(counts: Confusion, style: ChartStyle) -> Any:
    """Return the counts as a grid of cells, shaded by their share of their row."""
    cells = [
        {"really": label, "said": said, "count": count, "share": count / (sum(row) or 1)}
        for label, row in zip(counts.labels, counts.matrix, strict=True)
        for said, count in zip(counts.labels, row, strict=True)
    ]
    base = alt.Chart(alt.InlineData(values=cells)).encode(
        x=alt.X("said:N", title="Predicted", sort=None, axis=_plain(side="top")),
        y=alt.Y("really:N", title="Really", sort=None, axis=_plain()),
    )
    shade = alt.Scale(domain=[0, 1], range=[style.theme.paper, style.theme.mark])
    tiles = base.mark_rect(cornerRadius=4, stroke=style.theme.paper, strokeWidth=2).encode(
        color=alt.Color("share:Q", scale=shade, legend=None)
    )
    dark_on_dark = "#0e1514" if style.theme.ink.startswith("#e") else "#ffffff"
    ink = alt.when(alt.datum.share > 0.5).then(alt.value(dark_on_dark))
    text = base.mark_text(fontSize=15, fontWeight=600).encode(
        text=alt.Text("count:Q", format=","), color=ink.otherwise(alt.value(style.theme.ink))
    )
    side = min(style.width * 0.7, 90 * max(2, len(counts.labels)))
    return (tiles + text).properties(width=style.width * 0.85, height=side)


def importance(values: list[Importance], style: ChartStyle) -> Any:
    """Return a bar for each of the columns that matter most."""
    bars = [{"column": one.column, "value": max(one.value, 0)} for one in leading(values)]
    labels = alt.Axis(labelLimit=LONG_LABEL, title=None, ticks=False, domain=False, labelPadding=8)
    return (
        alt.Chart(alt.InlineData(values=bars))
        .mark_bar(color=style.theme.mark, cornerRadius=3, height=12)
        .encode(
            x=alt.X(
                "value:Q", title=None, axis=alt.Axis(tickCount=style.width // 100, domain=False)
            ),
            y=alt.Y("column:N", sort=None, axis=labels),
        )
        .properties(width=style.width - 60, height=BAR * len(bars))
    )


def _rate() -> alt.Axis:
    return alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1], titlePadding=8)


def _plain(side: Any = "left") -> alt.Axis:
    orient = {"orient": side} if side == "top" else {}
    return alt.Axis(
        ticks=False, domain=False, grid=False, labelAngle=0, labelLimit=LONG_LABEL, **orient
    )
