"""Charts as Vega-Lite, by Altair. This module is loaded with the first chart: Altair is heavy."""

from typing import Any

import altair as alt

from web.client.schemas import Confusion, Importance
from web.views.charts.catalog import leading
from web.views.charts.styles import Look

LONG_LABEL = 130
BAR = 26


def roc(points: list[tuple[float, float]], look: Look) -> Any:
    """Return the ROC curve over the diagonal of a guess."""
    curve = [{"x": x, "y": y} for x, y in points]
    # An area has one height at each place: the upper end of a step.
    under = [{"x": x, "y": y} for x, y in dict(sorted(points)).items()]
    x = alt.X("x:Q", title="False alarms", scale=alt.Scale(domain=[0, 1]), axis=_rate())
    y = alt.Y("y:Q", title="Cases found", scale=alt.Scale(domain=[0, 1]), axis=_rate())
    guess = (
        alt.Chart(alt.InlineData(values=[{"x": 0, "y": 0}, {"x": 1, "y": 1}]))
        .mark_line(color=look.theme.soft, strokeDash=[4, 4], strokeWidth=1)
        .encode(x=x, y=y)
    )
    area = (
        alt.Chart(alt.InlineData(values=under))
        .mark_area(color=look.theme.mark, opacity=0.12)
        .encode(x=x, y=y)
    )
    line = (
        alt.Chart(alt.InlineData(values=curve))
        .mark_line(color=look.theme.mark, strokeWidth=2.25)
        .encode(x=x, y=y, order=alt.Order("y:Q"))
    )
    layers = alt.layer(area, guess, line)
    return layers.properties(width=look.width, height=int(look.width * 0.7))


def confusion(counts: Confusion, look: Look) -> Any:
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
    shade = alt.Scale(domain=[0, 1], range=[look.theme.paper, look.theme.mark])
    tiles = base.mark_rect(cornerRadius=4, stroke=look.theme.paper, strokeWidth=2).encode(
        color=alt.Color("share:Q", scale=shade, legend=None)
    )
    dark_on_dark = "#0e1514" if look.theme.ink.startswith("#e") else "#ffffff"
    ink = alt.when(alt.datum.share > 0.5).then(alt.value(dark_on_dark))
    text = base.mark_text(fontSize=15, fontWeight=600).encode(
        text=alt.Text("count:Q", format=","), color=ink.otherwise(alt.value(look.theme.ink))
    )
    side = min(look.width * 0.7, 90 * max(2, len(counts.labels)))
    return (tiles + text).properties(width=look.width * 0.85, height=side)


def importance(values: list[Importance], look: Look) -> Any:
    """Return a bar for each of the columns that matter most."""
    bars = [{"column": one.column, "value": max(one.value, 0)} for one in leading(values)]
    labels = alt.Axis(labelLimit=LONG_LABEL, title=None, ticks=False, domain=False, labelPadding=8)
    return (
        alt.Chart(alt.InlineData(values=bars))
        .mark_bar(color=look.theme.mark, cornerRadius=3, height=12)
        .encode(
            x=alt.X(
                "value:Q", title=None, axis=alt.Axis(tickCount=look.width // 100, domain=False)
            ),
            y=alt.Y("column:N", sort=None, axis=labels),
        )
        .properties(width=look.width - 60, height=BAR * len(bars))
    )


def _rate() -> alt.Axis:
    return alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1], titlePadding=8)


def _plain(side: Any = "left") -> alt.Axis:
    orient = {"orient": side} if side == "top" else {}
    return alt.Axis(
        ticks=False, domain=False, grid=False, labelAngle=0, labelLimit=LONG_LABEL, **orient
    )
