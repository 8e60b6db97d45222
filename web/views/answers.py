"""How an answer and the form that asks for it read: important fields first, reasons as bars."""

from collections.abc import Sequence
from typing import NamedTuple

from web.client.answer_schemas import Explanation
from web.client.schemas import Evaluation
from web.client.table_schemas import Column
from web.views.formatting import cell

FIRST_FIELDS = 8
SHOWN_REASONS = 8
HALF = 100  # of the width of a bar's drawing, to either side of its middle


class Reason(NamedTuple):
    """A column's part in an answer: a bar from `start`, `width` wide, of -100 to 100."""

    column: str
    value: str
    contribution: float
    start: float
    width: float


def by_importance(
    columns: Sequence[Column], evaluation: Evaluation | None
) -> tuple[list[Column], list[Column]]:
    """Return the columns that matter most, and the rest; as they come where nobody knows."""
    known = {one.column: one.value for one in (evaluation.importance or [])} if evaluation else {}
    # Stable: columns that are not known to differ stay in the order of the table.
    ordered = sorted(columns, key=lambda one: -known.get(one.name, 0.0))
    # One field alone is not worth a fold.
    cut = len(ordered) if len(ordered) <= FIRST_FIELDS + 1 else FIRST_FIELDS
    return ordered[:cut], ordered[cut:]


def reasons(explanation: Explanation | None) -> list[Reason]:
    """Return what added most to an answer, as bars beside each other."""
    if explanation is None:
        return []
    shown = [one for one in explanation.columns if one.contribution][:SHOWN_REASONS]
    most = max((abs(one.contribution) for one in shown), default=1.0)
    return [
        Reason(
            one.column,
            "missing" if one.value is None else cell(one.value),
            one.contribution,
            min(0.0, one.contribution / most * HALF),
            abs(one.contribution) / most * HALF,
        )
        for one in shown
    ]
