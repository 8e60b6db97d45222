"""Which charts an evaluation has, each with what it says in words and numbers."""

from dataclasses import dataclass, field

from web.client.schemas import Confusion, Evaluation, Importance
from web.views.metrics import Measure

SHOWN_COLUMNS = 12
ROC_ROWS = 11


@dataclass(frozen=True)
class Chart:
    """A chart beside its picture: title, explanation, and its numbers as a table."""

    name: str
    title: str
    meaning: str
    alt: str
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


def charts_of(evaluation: Evaluation | None) -> list[Chart]:
    """Return the charts that `evaluation` has numbers for."""
    if evaluation is None:
        return []
    charts: list[Chart] = []
    if evaluation.confusion:
        charts.append(_confusion(evaluation.confusion))
    if evaluation.roc:
        charts.append(_roc(evaluation.roc, evaluation.metrics.get("roc_auc")))
    if evaluation.importance:
        charts.append(_importance(evaluation.importance, evaluation.measure))
    return charts


def leading(importance: list[Importance]) -> list[Importance]:
    """Return the columns that matter most, first the one that matters most of all."""
    return sorted(importance, key=lambda one: one.value, reverse=True)[:SHOWN_COLUMNS]


def _roc(points: list[tuple[float, float]], area: float | None) -> Chart:
    step = max(1, len(points) // ROC_ROWS)
    few = [*points[::step], points[-1]]
    measured = "" if area is None else f" The area under it is {area:.3f}."
    return Chart(
        name="roc",
        title="ROC curve",
        meaning="Each point is one threshold: how many real cases it finds against how many false "
        "alarms that costs. The further it bends to the upper left, the better; the dashed "
        "line is guessing.",
        alt=f"Line from the lower left to the upper right, above the diagonal.{measured}",
        head=["False alarms", "Cases found"],
        rows=[[f"{x:.3f}", f"{y:.3f}"] for x, y in dict.fromkeys(map(tuple, few))],
    )


def _confusion(confusion: Confusion) -> Chart:
    right = sum(confusion.matrix[i][i] for i in range(len(confusion.labels)))
    total = sum(map(sum, confusion.matrix))
    return Chart(
        name="confusion",
        title="Right and wrong",
        meaning="Held-out rows by what they are and what the model says. The diagonal is right.",
        alt=f"Table of counts: {right} of {total} held-out rows are right.",
        head=["Really", *(f"Predicted {label}" for label in confusion.labels)],
        rows=[
            [label, *map(str, counts)]
            for label, counts in zip(confusion.labels, confusion.matrix, strict=True)
        ],
    )


def _importance(importance: list[Importance], measure: str) -> Chart:
    worse = f"How much worse its {Measure(measure, None).label} gets" if measure else "The loss"
    top = leading(importance)
    return Chart(
        name="importance",
        title="What it looks at",
        meaning=f"{worse} when one column is shuffled. "
        "Near zero means that it hardly uses the column.",
        alt="Bars: " + ", ".join(one.column for one in top[:3]) + " matter most.",
        head=["Column", "Importance"],
        rows=[[one.column, f"{one.value:.4f}"] for one in top],
    )
