"""From a column and a wish to a target: the task, the labels, the rows that count."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.signature import Task
from functions.kit.contract.records.columns import Column
from functions.kit.contract.wording import counted
from functions.training.learning.targets import quantities, tiny_classes
from functions.training.learning.targets.distinct import (
    Distinct,
    distinct,
    without_missing_words,
)
from functions.training.learning.targets.target import Target
from functions.training.model.requests.spec import TrainingSpec
from functions.training.model.requests.wishes import wrong_wish
from functions.training.model.task import (
    LONGEST_LABEL,
    MOST_CLASSES,
    UnsuitableData,
    check_kind,
    constant,
    fewest_of_class,
    fewest_rows,
    is_numeric,
)

# Of a quantity and of its range: errors are squared, and their squares added up.
LARGEST, SMALLEST = 1e100, 1e-100

WITHOUT = "without_target"
TINY = "tiny_classes"


def understand(column: Column, values: Sequence[Any], spec: TrainingSpec) -> Target:
    """Decide the task and give each row its label's place or its number.

    Args:
        column: the target's column.
        values: the target of each row, None where it is missing; or an Arrow array.
        spec: what is asked for; its task decides, else the kind and the distinct values.

    Raises:
        UnsuitableData: constant, all different, too many classes, too few rows, or not what the
            user asked for; the text says what to do.
    """
    check_kind(column, spec.task)
    target = _understood(column, values, spec)
    if wrong := wrong_wish(spec, target.task):
        raise UnsuitableData(wrong[1])
    return target


def _understood(column: Column, values: Sequence[Any], spec: TrainingSpec) -> Target:
    found, words = without_missing_words(distinct(values), spec.positive)
    if len(found.values) < 2:
        raise UnsuitableData(constant(column.name, found.labels))
    meaning = _meaning(column, found, spec)
    left_out = {WITHOUT: len(values) - len(found.kept)}
    notes = _notes(column, found, words, meaning)
    if meaning in {"quantity", "count"}:
        return _quantity(column, found, spec, left_out, notes)
    return _classes(column, found, spec, left_out, notes)


def _meaning(column: Column, found: Distinct, spec: TrainingSpec) -> quantities.Meaning:
    if spec.task is not None:
        return "quantity" if spec.task == "regression" else "classes"
    if not is_numeric(column):
        return "classes"
    return quantities.meaning(found, fewest_of_class(spec.folds, spec.holdout))


def _quantity(
    column: Column,
    found: Distinct,
    spec: TrainingSpec,
    left_out: dict[str, int],
    notes: list[str],
) -> Target:
    if spec.positive is not None:
        raise UnsuitableData(
            f"'positive' is for a target of two classes; '{column.name}' is a quantity."
        )
    _check_rows(column.name, len(found.kept), spec)
    _check_size(column.name, found.values)
    numbers = np.array(found.values, dtype=np.float64)[found.places]
    return Target("regression", [], numbers, found.kept, left_out, notes)


def _classes(
    column: Column,
    found: Distinct,
    spec: TrainingSpec,
    left_out: dict[str, int],
    notes: list[str],
) -> Target:
    _check_labels(column.name, found, spec.task)
    _check_count(column.name, found, spec)
    _check_rows(column.name, len(found.kept), spec)
    kept = tiny_classes.settle(found, spec)
    if kept.note:
        notes = [*notes, kept.note]
    if kept.rows:
        left_out = {**left_out, TINY: kept.rows}
    labels, places = _ordered(column.name, kept.found, spec.positive)
    task: Task = "binary" if len(labels) == 2 else "multiclass"
    return Target(task, labels, places, kept.found.kept, left_out, notes)


def _check_size(name: str, values: Sequence[float]) -> None:
    """Refuse numbers, given in order, whose squares float64 does not hold."""
    largest = max(values[0], values[-1], key=abs)
    if abs(largest) > LARGEST:
        raise UnsuitableData(
            f"The target '{name}' holds {largest:g}; a quantity is of {LARGEST:g} at most. "
            "Rescale the column."
        )
    apart = values[-1] - values[0]
    if apart < SMALLEST:
        raise UnsuitableData(
            f"The numbers of the target '{name}' are {apart:g} apart; they must be {SMALLEST:g} "
            "at least. Rescale the column."
        )


def _check_labels(name: str, found: Distinct, task: Task | None) -> None:
    if len(found.values) == len(found.kept):
        raise UnsuitableData(
            f"The target '{name}' differs in all {len(found.kept)} rows: it looks like a name or "
            "an id. Choose a column whose values repeat."
        )
    longest = max(found.labels, key=len)
    if len(longest) > LONGEST_LABEL:
        raise UnsuitableData(
            f"The target '{name}' holds a text of {len(longest):,} characters ('{longest[:40]}…'); "
            f"a class has at most {LONGEST_LABEL}."
        )
    if task == "binary" and len(found.values) != 2:
        raise UnsuitableData(f"The target '{name}' has {len(found.values)} classes, not two.")


def _check_count(name: str, found: Distinct, spec: TrainingSpec) -> None:
    """Refuse too many classes, unless they are few when tiny ones are gone."""
    enough = found.counts >= fewest_of_class(spec.folds, spec.holdout)
    count, covered = len(found.values), found.counts[enough].sum()
    if enough.sum() > MOST_CLASSES or (count > MOST_CLASSES and covered < len(found.kept) / 2):
        raise UnsuitableData(
            f"The target '{name}' has {count} different values; at most {MOST_CLASSES} classes "
            "can be learnt."
        )


def _check_rows(name: str, rows: int, spec: TrainingSpec) -> None:
    needed = fewest_rows(spec.folds, spec.holdout)
    if rows < needed:
        raise UnsuitableData(
            f"{counted(rows, 'row')} with a value of '{name}' {'is' if rows == 1 else 'are'} too "
            f"few: {spec.folds} folds and a held-out part need at least {needed}."
        )


def _ordered(
    name: str, found: Distinct, positive: str | None
) -> tuple[list[str], NDArray[np.int64]]:
    """Return the labels with the positive one of two last, and each row's place among them."""
    labels = found.labels
    if positive is not None:
        _check_positive(name, labels, positive)
        last = labels.index(positive)
    elif len(labels) == 2:
        # Of two as frequent ones, the last in order.
        last = int(found.counts[1] <= found.counts[0])
    else:
        return labels, found.places
    if last == 0:
        return labels[::-1], 1 - found.places
    return labels, found.places


def _check_positive(name: str, labels: list[str], positive: str) -> None:
    known = ", ".join(f"'{one}'" for one in labels[:10])
    if positive not in labels:
        raise UnsuitableData(f"The target '{name}' has no label '{positive}'; it has {known}.")
    if len(labels) != 2:
        raise UnsuitableData(
            f"'positive' is for a target of two classes; '{name}' has {len(labels)}."
        )


def _notes(
    column: Column, found: Distinct, words: list[str], meaning: quantities.Meaning
) -> list[str]:
    notes = []
    if words:
        said = ", ".join(f"'{one}'" for one in words)
        notes.append(f"Rows whose '{column.name}' is {said} were taken to have none.")
    first, last = found.labels[0], found.labels[-1]
    if meaning == "count":
        notes.append(
            f"'{column.name}' looks like a count ({first} to {last}) and is learnt as a quantity; "
            "ask for 'task: multiclass' to have classes."
        )
    if meaning == "score":
        notes.append(
            f"'{column.name}' looks like a score in order ({first} to {last}) and is learnt as "
            "classes; ask for 'task: regression' to have a quantity."
        )
    return notes
