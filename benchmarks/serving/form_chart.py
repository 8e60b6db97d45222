"""The chart of what forms cost: bytes and time, of one row and a thousand, on scales of tens."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert

COLOURS = ["#4c78a8", "#72b7b2", "#e45756", "#54a24b", "#b279a2"]
SHARES = [0, 25, 50, 75, 100]
_HEADS = {"asked": "bytes of the request", "microseconds": "microseconds in the process"}


def svg(figures: Sequence[dict[str, Any]]) -> str:
    """Return the chart of figures, each with its form, rows, numeric share and what it cost."""
    forms = [*dict.fromkeys(one["form"] for one in figures)]
    counts = [*dict.fromkeys(one["rows"] for one in figures)]
    panels = [
        alt.hconcat(*(_panel(figures, forms, rows, measure) for measure in _HEADS))
        for rows in counts
    ]
    chart = alt.vconcat(*panels).configure(background="white").configure_view(stroke=None)
    drawn: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return drawn


def _panel(
    figures: Sequence[dict[str, Any]], forms: Sequence[str], rows: int, measure: str
) -> alt.Chart:
    noun = "1 row" if rows == 1 else f"{rows:,} rows"
    shown = [one for one in figures if one["rows"] == rows]
    colour = alt.Color(
        "form:N", title=None, sort=[*forms], scale=alt.Scale(domain=[*forms], range=COLOURS)
    )
    data: Any = {"values": shown}
    panel: alt.Chart = (
        alt.Chart(alt.InlineData(**data), width=280, height=180, title=f"{noun}: {_HEADS[measure]}")
        .mark_line(point=True)
        .encode(
            x=alt.X(
                "numeric:Q", title="columns that are numbers (%)", axis=alt.Axis(values=SHARES)
            ),
            y=alt.Y(f"{measure}:Q", title=None, scale=alt.Scale(type="log")),
            color=colour,
        )
    )
    return panel
