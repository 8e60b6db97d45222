"""What was measured of a version while it served, window by window."""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.reports.notebooks.charts import line_chart
from functions.reports.notebooks.columns import Picture
from functions.reports.notebooks.marks import FULL_WIDTH, HALF_WIDTH, MOST_CELL, plain
from functions.reports.notebooks.words import counted, moment, number, words

Window = Mapping[str, Any]
"""One window, as JSON: start, end (Unix seconds), rows, and measures by name."""
MOST_MEASURES = 12
_TOLD = {
    "drift": "drift of all columns together (smallest adjusted p)",
    "drift:prediction": "drift of what is predicted",
    "drift:explanations": "drift of explanations",
    "coverage": "share of truths within sets or intervals",
    "calls": "calls",
    "errors": "errors",
    "p50": "median duration in milliseconds",
    "p95": "duration of 95 in 100 calls in milliseconds",
    "p99": "duration of 99 in 100 calls in milliseconds",
}
_TRUE, _GUESSED = "quality:", "estimated:"


def traffic(windows: Sequence[Window]) -> Picture:
    """Return how many predictions there were."""
    drawn = [("predictions", one["start"], float(one["rows"])) for one in windows]
    told = f"{moment(windows[0]['start'])} to {moment(windows[-1]['end'])}"
    chart = line_chart(drawn, "", "predictions", width=FULL_WIDTH, time=True, marks=True)
    return Picture(chart, f"Predictions by window, {told}.")


def quality(windows: Sequence[Window]) -> list[Picture]:
    """Return each measure of quality: with labels, and as estimated without."""
    pictures = []
    for metric in _after(windows, (_TRUE, _GUESSED)):
        drawn = [
            (name, one["start"], value)
            for name, before in (("with labels", _TRUE), ("estimated", _GUESSED))
            for one in windows
            if (value := _value(one, before + metric)) is not None
        ]
        if drawn:
            name = words(metric)
            chart = line_chart(drawn, "", name, width=FULL_WIDTH, time=True, marks=True)
            pictures.append(Picture(chart, f"{name}: with labels, and estimated without."))
    return pictures[:MOST_MEASURES]


def others(windows: Sequence[Window]) -> list[Picture]:
    """Return the measures of the whole model that are no quality."""
    pictures = []
    for measure, told in _TOLD.items():
        drawn = [
            (told, one["start"], value)
            for one in windows
            if (value := _value(one, measure)) is not None
        ]
        if drawn:
            chart = line_chart(drawn, "", "", width=HALF_WIDTH, time=True, marks=True)
            pictures.append(Picture(chart, f"{told[:1].upper()}{told[1:]}, by window."))
    return pictures


def alarms(windows: Sequence[Window]) -> list[list[str]]:
    """Return a row for each measure that was off: name, how often, when last, its value then."""
    found: dict[str, list[Window]] = {}
    for one in windows:
        for measure, reading in one["measures"].items():
            if reading.get("alarm"):
                found.setdefault(measure, []).append(one)
    ordered = sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [
        [
            plain(measure, MOST_CELL),
            counted(len(where), "window"),
            moment(where[-1]["start"]),
            number(_value(where[-1], measure)),
        ]
        for measure, where in ordered[:40]
    ]


def _after(windows: Sequence[Window], starts: tuple[str, ...]) -> list[str]:
    found = (
        name.removeprefix(start)
        for one in windows
        for name in one["measures"]
        for start in starts
        if name.startswith(start)
    )
    return list(dict.fromkeys(found))


def _value(one: Window, measure: str) -> float | None:
    found = one["measures"].get(measure, {}).get("value")
    return None if found is None else float(found)
