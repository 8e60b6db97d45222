"""How a measure went over the versions of a model."""

from collections.abc import Sequence
from typing import NamedTuple

from web.client.schemas import Version
from web.views.metrics import ERRORS, Measure, in_order


class Course(NamedTuple):
    """A measure of versions, the oldest first; `finding` is what it says in words."""

    measure: str
    label: str
    points: list[tuple[int, float]]
    finding: str


def course_of(versions: Sequence[Version]) -> Course | None:
    """Return the course of the measure that says most; None where fewer than two have it."""
    held_out = {one.version: one.metrics.get("holdout") or {} for one in versions}
    known = in_order(name for metrics in held_out.values() for name in metrics)
    for name in known:
        points = sorted(
            (version, value)
            for version, metrics in held_out.items()
            if (value := metrics.get(name)) is not None
        )
        if len(points) > 1:
            label = Measure(name, None).label
            return Course(name, label, points, _finding(name, label, points))
    return None


def _finding(name: str, label: str, points: list[tuple[int, float]]) -> str:
    """Say which version is the best, and how the newest one stands to it."""
    less = name in ERRORS - {"mcc"}
    best = (min if less else max)(points, key=lambda one: one[1])
    newest = points[-1]
    if best[1] == newest[1]:
        return f"{label}: none is better than the newest, version {newest[0]}"
    return f"{label}: version {best[0]} is the best, version {newest[0]} the newest"
