"""What can be known of a target without its data, and how many rows a training needs. Light."""

import math
from typing import Any

from functions.kit.contract.models.signature import Task
from functions.kit.contract.records.columns import Column

# A whole-numbered target with more values than this is a quantity, not a class.
MOST_NUMBERED_CLASSES = 10
MOST_CLASSES = 100
# Characters. Longer texts are prose, and would fill the documents that list them.
LONGEST_LABEL = 200


class UnsuitableData(Exception):  # noqa: N818 - it says that the data do not fit, not that code failed
    """The data cannot be trained on; the text tells the user why and what to do."""


def label(value: Any) -> str:
    """Return a target value as the label that predictions show: True → "true", 1.0 → "1"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def check_kind(column: Column, task: Task | None = None) -> None:
    """Refuse a target whose kind can never be learnt, or not for `task`; needs no data.

    Raises:
        UnsuitableData: it is a time, it is no number and a regression is asked for, or its schema
            allows one value alone.
    """
    if column.kind in {"datetime", "date"}:
        raise UnsuitableData(
            f"The target '{column.name}' is a {column.kind}; choose a column of numbers or classes."
        )
    if task == "regression" and not is_numeric(column):
        raise UnsuitableData(
            f"The target '{column.name}' is of kind {column.kind}, not a number: a regression "
            "cannot learn it. Leave 'task' out, or choose a column of numbers."
        )
    if column.levels is not None and len(column.levels) == 1:
        raise UnsuitableData(constant(column.name, column.levels))


def is_numeric(column: Column) -> bool:
    """Tell whether the column's values are quantities."""
    return column.kind in {"number", "integer"}


def fewest_rows(folds: int, holdout: float) -> int:
    """Return how many rows a job needs at least: four in each fold, two held out."""
    return max(math.ceil(4 * folds / (1 - holdout)), math.ceil(2 / holdout))


def fewest_of_class(folds: int, holdout: float) -> int:
    """Return how many rows a class needs to be in every fold and in the held-out part."""
    return math.ceil(folds / (1 - holdout)) + 1


def constant(name: str, values: list[str]) -> str:
    """Say what is wrong with a target of these distinct values: one, or none."""
    what = f"is '{values[0]}' in every row" if values else "has no value in any row"
    return (
        f"The target '{name}' {what}; there is nothing to learn. "
        "Choose a column with at least two values."
    )
