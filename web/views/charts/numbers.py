"""What charts say of predicted numbers, and how their tables write a value."""

from itertools import pairwise

from web.client.evaluation_schemas import Residuals
from web.views.charts.chart import Chart

SHOWN_POINTS = 50


def histogram(found: Residuals) -> Chart:
    """Return the chart of how far it is off."""
    return Chart(
        name="residuals",
        kind="How far it is off",
        title=_spread(found),
        meaning="Truth minus prediction of the held-out rows: to the right of zero it said too "
        "little, to the left too much. The outermost bars hold all that is further out.",
        alt=f"Bars around zero. {_spread(found)}.",
        head=["From", "To", "Rows"],
        rows=[
            [short(low), short(high), f"{count:,}"]
            for (low, high), count in zip(pairwise(found.edges), found.counts, strict=True)
        ],
    )


def scatter(found: Residuals) -> Chart:
    """Return the chart of errors over predictions."""
    rows = found.points[:SHOWN_POINTS]
    return Chart(
        name="errors",
        kind="Where it is off",
        title=_where(found),
        meaning=f"{len(found.points):,} held-out rows: what it said, and truth less that. A funnel "
        "means that it is surer of some answers than of others; a bend, that it misses a pattern.",
        alt="Dots around zero over what was predicted.",
        head=["Predicted", "Truth minus predicted"],
        rows=[[short(x), short(y)] for x, y in rows],
    )


def _spread(found: Residuals) -> str:
    if len(found.quantiles) != 5:
        return "How far it is off"
    low, high = found.quantiles[0], found.quantiles[-1]
    return f"9 of 10 answers are off by {short(low)} to {short(high)}"


def _where(found: Residuals) -> str:
    """Compare the mean error of small answers with that of large ones."""
    ordered = sorted(found.points)
    half = len(ordered) // 2
    if not half:
        return "Its errors over what it says"
    small, large = (
        sum(abs(y) for _, y in part) / len(part) for part in (ordered[:half], ordered[half:])
    )
    if large > 1.5 * small:
        return "It errs more where it says more"
    return "It errs more where it says less" if small > 1.5 * large else "It errs alike throughout"


def short(value: float | None) -> str:
    """Write a number in four digits; a dash where there is none."""
    return "–" if value is None else f"{value:.4g}"  # noqa: RUF001 - a dash reads as "no value"


def said(value: float | str | None) -> str:
    """Write a column's value."""
    if value is None:
        return "missing"
    return value if isinstance(value, str) else short(value)
