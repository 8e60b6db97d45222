"""Measures of two versions side by side, each with what it is within."""

from typing import NamedTuple

from web.client.schemas import Evaluation, Version
from web.views.metrics import ERRORS, Measure, measures


class Row(NamedTuple):
    """A measure of two versions; `better` is 0 or 1; None where nobody can say."""

    label: str
    sides: tuple[Measure | None, Measure | None]
    better: int | None


def beside(first: Version, second: Version) -> list[Row]:
    """Return the measures that either has, in the order in which a reader wants them."""
    a, b = (
        {one.name: one for one in measures(v.evaluation or Evaluation(), v.metrics.get("holdout"))}
        for v in (first, second)
    )
    return [
        Row(
            Measure(name, None).label, (a.get(name), b.get(name)), _better(a.get(name), b.get(name))
        )
        for name in dict.fromkeys([*a, *b])
    ]


def _better(a: Measure | None, b: Measure | None) -> int | None:
    if a is None or b is None or a.value is None or b.value is None or a.value == b.value:
        return None
    less = a.name in ERRORS - {"mcc"}
    return int((b.value < a.value) if less else (b.value > a.value))
