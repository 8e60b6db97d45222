"""What kind of task a target makes, and its labels."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from functions.kit.contract.columns import Column
from functions.kit.contract.signature import Task
from functions.kit.contract.wording import counted

# A whole-numbered target with more values than this is a quantity, not a class.
MOST_NUMBERED_CLASSES = 10
MOST_CLASSES = 100
# Characters. Longer texts are prose, and would fill the documents that list them.
LONGEST_LABEL = 200


class UnsuitableData(Exception):  # noqa: N818 - it says that the data do not fit, not that code failed
    """The data cannot be trained on; the text tells the user why and what to do."""


@dataclass(frozen=True)
class Target:
    """A target understood.

    Attributes:
        labels: the classes as text, in the order of the probabilities; of two, the last is the
            positive one. Empty for a regression.
        values: for each row the place of its label, or for a regression the number itself.
    """

    task: Task
    labels: list[str]
    values: list[float]


def label(value: Any) -> str:
    """Return a target value as the label that predictions show: True → "true", 1.0 → "1"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def check_kind(column: Column) -> None:
    """Refuse a target whose kind can never be learnt; needs no data.

    Raises:
        UnsuitableData: it is a datetime, or its schema allows one value alone.
    """
    if column.kind == "datetime":
        raise UnsuitableData(
            f"The target '{column.name}' is a datetime; choose a column of numbers or classes."
        )
    if column.levels is not None and len(column.levels) == 1:
        raise UnsuitableData(_constant(column.name, column.levels))


def understand(
    column: Column, values: Sequence[Any], task: Task | None = None, positive: str | None = None
) -> Target:
    """Decide the task and give each row its label's place or its number.

    Args:
        column: the target's column.
        values: the target of each row, none missing.
        task: what the user asked for, or None to decide by the kind and the distinct values:
            numbers are a regression, save two of them, or whole ones of at most ten values.
        positive: the label to call positive of two; the last in order otherwise.

    Raises:
        UnsuitableData: constant, all different, too many classes, or not what the user asked for.
    """
    check_kind(column)
    counts = Counter(values)
    if len(counts) < 2:
        raise UnsuitableData(_constant(column.name, [label(value) for value in counts]))
    if _is_regression(column, counts, task):
        if positive is not None:
            raise UnsuitableData(
                f"'positive' is for a target of two classes; '{column.name}' is a quantity."
            )
        return Target("regression", [], [float(value) for value in values])
    labels = _labels(column.name, counts, len(values))
    _check_asked(column.name, labels, task)
    if positive is not None:
        labels = _with_positive_last(column.name, labels, positive)
    places = {name: float(place) for place, name in enumerate(labels)}
    kind: Task = "binary" if len(labels) == 2 else "multiclass"
    return Target(kind, labels, [places[label(value)] for value in values])


def _is_regression(column: Column, counts: Counter[Any], task: Task | None) -> bool:
    numeric = column.kind in {"number", "integer"}
    if task == "regression" and not numeric:
        raise UnsuitableData(f"The target '{column.name}' is of kind {column.kind}, not a number.")
    if task is not None or not numeric:
        return task == "regression"
    if len(counts) == 2:
        return False
    return column.kind == "number" or len(counts) > MOST_NUMBERED_CLASSES


def _labels(name: str, counts: Counter[Any], rows: int) -> list[str]:
    if len(counts) == rows:
        raise UnsuitableData(
            f"The target '{name}' differs in all {rows} rows: it looks like a name or an id. "
            "Choose a column whose values repeat."
        )
    if len(counts) > MOST_CLASSES:
        raise UnsuitableData(
            f"The target '{name}' has {len(counts)} different values; at most {MOST_CLASSES} "
            "classes can be learnt."
        )
    labels = [label(value) for value in _sorted(counts)]
    longest = max(labels, key=len)
    if len(longest) > LONGEST_LABEL:
        raise UnsuitableData(
            f"The target '{name}' holds a text of {len(longest):,} characters ('{longest[:40]}…'); "
            f"a class has at most {LONGEST_LABEL}."
        )
    return labels


def _sorted(values: Iterable[Any]) -> list[Any]:
    """Sort numbers as numbers and texts as texts."""
    return sorted(values, key=lambda value: (isinstance(value, str), value))


def _check_asked(name: str, labels: list[str], task: Task | None) -> None:
    if task == "binary" and len(labels) != 2:
        raise UnsuitableData(f"The target '{name}' has {len(labels)} classes, not two.")


def _with_positive_last(name: str, labels: list[str], positive: str) -> list[str]:
    known = ", ".join(f"'{one}'" for one in labels[:10])
    if positive not in labels:
        raise UnsuitableData(f"The target '{name}' has no label '{positive}'; it has {known}.")
    if len(labels) != 2:
        raise UnsuitableData(
            f"'positive' is for a target of two classes; '{name}' has {len(labels)}."
        )
    return [*(one for one in labels if one != positive), positive]


def check_counts(name: str, target: Target, *, folds: int, holdout: float) -> None:
    """Refuse a target with too few rows for the folds and the held-out part.

    Every fold, and the held-out part, must hold each class at least once.

    Raises:
        UnsuitableData: says how many rows there are and how many are needed.
    """
    rows = len(target.values)
    needed = fewest_rows(folds, holdout)
    if rows < needed:
        raise UnsuitableData(
            f"{counted(rows, 'row')} with a value of '{name}' {'is' if rows == 1 else 'are'} too "
            f"few: {folds} folds and a held-out part need at least {needed}."
        )
    of_class = math.ceil(folds / (1 - holdout)) + 1
    for place, count in sorted(Counter(target.values).items(), key=lambda item: item[1]):
        if target.labels and count < of_class:
            raise UnsuitableData(
                f"The class '{target.labels[int(place)]}' of '{name}' has only "
                f"{counted(count, 'row')}: {folds} folds and a held-out part need at least "
                f"{of_class} of each class. Remove those rows, or ask for fewer folds."
            )


def fewest_rows(folds: int, holdout: float) -> int:
    """Return how many rows a job needs at least: four in each fold, two held out."""
    return max(math.ceil(4 * folds / (1 - holdout)), math.ceil(2 / holdout))


def _constant(name: str, values: list[str]) -> str:
    """Say what is wrong with a target of these distinct values: one, or none."""
    what = f"is '{values[0]}' in every row" if values else "has no value in any row"
    return (
        f"The target '{name}' {what}; there is nothing to learn. "
        "Choose a column with at least two values."
    )
