"""What a list shows of a job's evaluation: one number."""

from typing import Any

import msgspec

from functions.kit.contract.measures.names import DIRECTIONS
from functions.kit.contract.models.signature import Task


class Result(msgspec.Struct, frozen=True):
    """What the model is worth on held-out rows, in the measure that decided.

    Attributes:
        measure: its name.
        value: None where it is not defined on these rows.
        score: the value, turned so that more is better.
        interval: what the value is within for 95 of 100 draws of such rows.
    """

    measure: str
    value: float | None
    score: float | None
    interval: tuple[float, float] | None = None


def of(task: Task | None, evaluation: dict[str, Any]) -> Result | None:
    """Return the measure that decided; None where the evaluation names none of the task."""
    name = evaluation.get("measure", "")
    if task is None or name not in DIRECTIONS[task]:
        return None
    value = evaluation.get("metrics", {}).get(name)
    score = None if value is None else value * DIRECTIONS[task][name]
    found = evaluation.get("intervals", {}).get(name)
    return Result(name, value, score, (found[0], found[1]) if found else None)
