"""The picture of the page: replicas, dollars and waiting by load, on scales of tens."""

from typing import Any

import altair as alt
import vl_convert

from benchmarks.capacity.page import Answers

_PANELS = {"replicas": "replicas", "dollars": "dollars a month", "p99": "p99 (ms)"}
_COLOURS = ["#4c78a8", "#72b7b2", "#e45756", "#54a24b", "#b279a2", "#f58518"]

_TENS = alt.Scale(type="log")


def _ticks(*, grid: bool) -> alt.Axis:
    return alt.Axis(values=[10.0**power for power in range(-2, 8)], format="~s", grid=grid)


def svg(answers: Answers) -> str:
    """Return the picture."""
    values = [
        {
            "platform": answers.title(asked.platform),
            "rate": asked.load,
            "replicas": _rounded(max(asked.outcome.replicas, 0.01)),
            "dollars": _rounded(asked.outcome.dollars),
            "p99": _rounded(asked.outcome.p99 * 1000),
        }
        for asked in answers.steady
        if asked.outcome
    ]
    titles = [*dict.fromkeys(str(one["platform"]) for one in values)]
    panels = [_panel(values, titles, name, title) for name, title in _PANELS.items()]
    chart = alt.hconcat(*panels).configure(background="white").configure_view(stroke=None)
    chart = chart.configure_legend(orient="bottom", columns=2, labelLimit=400)
    drawn: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return drawn


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")


def _panel(values: list[dict[str, Any]], titles: list[str], name: str, title: str) -> alt.Chart:
    scale = alt.Scale(domain=titles, range=_COLOURS[: len(titles)])
    data: Any = {"values": values}
    panel: alt.Chart = (
        alt.Chart(alt.InlineData(**data), width=250, height=220, title=title)
        .mark_line(point=True)
        .encode(
            x=alt.X("rate:Q", title="requests a second", scale=_TENS, axis=_ticks(grid=False)),
            y=alt.Y(f"{name}:Q", title=None, scale=_TENS, axis=_ticks(grid=True)),
            color=alt.Color("platform:N", title=None, sort=titles, scale=scale),
        )
    )
    return panel
