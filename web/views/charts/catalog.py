"""Which charts an evaluation has, each with what it says in words and numbers."""

from collections.abc import Iterator

from web.client.evaluation_schemas import Bin, Confusion, Dependence, Importance, LearningPoint
from web.client.schemas import Evaluation
from web.views.charts import numbers
from web.views.charts.chart import Chart
from web.views.metrics import Measure

SHOWN_COLUMNS = 12
CURVE_ROWS = 11


def charts_of(evaluation: Evaluation | None) -> list[Chart]:
    """Return the charts that `evaluation` has numbers for."""
    return [] if evaluation is None else list(_charts(evaluation))


def _charts(found: Evaluation) -> Iterator[Chart]:
    if found.confusion:
        yield _confusion(found.confusion)
    if found.importance:
        yield _importance(found.importance, found.measure)
    if found.roc:
        yield _roc(found.roc, found.metrics.get("roc_auc"))
    if found.precision_recall:
        yield _precision_recall(found.precision_recall)
    if found.calibration:
        yield _calibration(found.calibration)
    if found.residuals and found.residuals.counts:
        yield numbers.histogram(found.residuals)
    if found.residuals and found.residuals.points:
        yield numbers.scatter(found.residuals)
    for place, one in enumerate(found.dependence):
        yield _dependence(place, one)
    if len(found.learning_curve) > 1:
        yield _learning(found.learning_curve, found.measure)


def leading(importance: list[Importance]) -> list[Importance]:
    """Return the columns that matter most, first the one that matters most of all."""
    return sorted(importance, key=lambda one: one.value, reverse=True)[:SHOWN_COLUMNS]


def _few(points: list[tuple[float, float]]) -> list[list[str]]:
    """Return some of a curve's points as cells, its end among them, each once."""
    step = max(1, len(points) // CURVE_ROWS)
    few = [*points[::step], points[-1]]
    return [[f"{x:.3f}", f"{y:.3f}"] for x, y in dict.fromkeys(map(tuple, few))]


def _roc(points: list[tuple[float, float]], area: float | None) -> Chart:
    found = max((y for x, y in points if x <= 0.1), default=0.0)
    measured = "" if area is None else f" The area under it is {area:.3f}."
    return Chart(
        name="roc",
        kind="ROC curve",
        title=f"It finds {found:.0%} of the cases with false alarms for 1 in 10 others",
        meaning="Each point is one threshold: how many real cases it finds against how many false "
        "alarms that costs. The further it bends to the upper left, the better; the dashed "
        f"line is guessing.{measured}",
        alt=f"Line from the lower left to the upper right, above the diagonal.{measured}",
        head=["False alarms", "Cases found"],
        rows=_few(points),
    )


def _precision_recall(points: list[tuple[float, float]]) -> Chart:
    right = max((precision for recall, precision in points if recall >= 0.5), default=0.0)
    return Chart(
        name="precision_recall",
        kind="Precision and recall",
        title=f"When it finds half of the cases, {right:.0%} of what it calls so is so",
        meaning="Each point is one threshold: the share of the cases that it finds against the "
        "share of its calls that are right.",
        alt=f"Line from the upper left to the lower right; at half of the cases {right:.0%}.",
        head=["Cases found", "Calls that are right"],
        rows=_few(points),
    )


def _calibration(bins: list[Bin]) -> Chart:
    rows = sum(one.rows for one in bins) or 1
    gap = sum(abs(one.stated - one.came) * one.rows for one in bins) / rows
    return Chart(
        name="calibration",
        kind="Calibration",
        title=f"What it says is likely comes true within {gap * 100:.0f} of 100 on average",
        meaning="Rows of about the same stated probability: what it said, and how many came true. "
        "On the dashed line both are the same; a larger dot stands for more rows.",
        alt=f"Dots along the diagonal, {gap * 100:.0f} of 100 off on average.",
        head=["Stated", "Came true", "Rows"],
        rows=[[f"{one.stated:.3f}", f"{one.came:.3f}", f"{one.rows:,}"] for one in bins],
    )


def _confusion(confusion: Confusion) -> Chart:
    size = range(len(confusion.labels))
    right = sum(confusion.matrix[i][i] for i in size)
    total = sum(map(sum, confusion.matrix))
    wrong = [(confusion.matrix[i][j], i, j) for i in size for j in size if i != j]
    most, really, said = max(wrong, default=(0, 0, 0))
    often = (
        f" It errs most where {confusion.labels[really]} is called "
        f"{confusion.labels[said]}: {most:,} rows."
        if most
        else ""
    )
    return Chart(
        name="confusion",
        kind="Right and wrong",
        title=f"{right:,} of {total:,} held-out rows are right",
        meaning="Held-out rows by what they are and what the model says. The diagonal is right."
        + often,
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
    used = [one for one in importance if one.value > (0 if one.low is None else max(0, -one.low))]
    title = f"It looks most at {' and '.join(one.column for one in top[:2])}"
    if len(used) < len(importance):
        title += f", and hardly at {len(importance) - len(used)} of {len(importance)} columns"
    return Chart(
        name="importance",
        kind="What it looks at",
        title=title,
        meaning=f"{worse} when one column is shuffled; the thin line is what that is within for "
        "95 of 100 draws. Near zero means that it hardly uses the column.",
        alt="Bars: " + ", ".join(one.column for one in top[:3]) + " matter most.",
        head=["Column", "Importance", "From", "To"],
        rows=[
            [one.column, f"{one.value:.4f}", numbers.short(one.low), numbers.short(one.high)]
            for one in top
        ],
    )


def _dependence(place: int, found: Dependence) -> Chart:
    of = f" of {found.labels[0]}" if len(found.labels) == 1 else ""
    pairs = [(mean[0], value) for mean, value in zip(found.means, found.values, strict=True)]
    low, high = min(pairs, key=lambda one: one[0]), max(pairs, key=lambda one: one[0])
    return Chart(
        name=f"dependence{place}",
        kind=f"What {found.column} does",
        title=f"{found.column}: highest at {numbers.said(high[1])}, lowest at "
        f"{numbers.said(low[1])}",
        meaning=f"What it answers on average{of} when {found.column} has this value in all rows, "
        "and all else stays as it is.",
        alt=f"From {low[0]:.3g} at {numbers.said(low[1])} to {high[0]:.3g} at "
        f"{numbers.said(high[1])}.",
        head=[found.column, *(found.labels or ["Answer"])],
        rows=[
            [numbers.said(value), *(f"{one:.4g}" for one in means)]
            for value, means in zip(found.values, found.means, strict=True)
        ],
    )


def _learning(points: list[LearningPoint], measure: str) -> Chart:
    last, before = points[-1], points[-2]
    apart = last.low > before.value or last.high < before.value
    label = Measure(measure, None).label if measure else "The measure"
    return Chart(
        name="learning_curve",
        kind="More rows",
        title="More rows would still help"
        if apart
        else "Its last rows taught it little: more of the same may not help",
        meaning=f"{label} on the held-out rows after learning from fewer of the others, with what "
        "it is within for 95 of 100 draws.",
        alt=f"From {points[0].value:.3g} with {points[0].rows:,} rows to {last.value:.3g} with "
        f"{last.rows:,}.",
        head=["Rows", label, "From", "To"],
        rows=[
            [f"{one.rows:,}", *(f"{v:.4g}" for v in (one.value, one.low, one.high))]
            for one in points
        ],
    )
