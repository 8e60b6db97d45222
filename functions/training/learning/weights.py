"""How much each row counts: by a column whose role that is, and by its class."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.table import Table
from functions.training.model.requests.spec import TrainingSpec
from functions.training.model.task import UnsuitableData


def of(
    table: Table, spec: TrainingSpec, target: NDArray[Any], labels: Sequence[str]
) -> NDArray[np.float64] | None:
    """Return how much each row counts, 1 on average; None where all count alike.

    Raises:
        UnsuitableData: a weight is missing or negative, or a class that is named is not there.
    """
    named = [one.name for one in table.columns if spec.roles.get(one.name, one.role) == "weight"]
    if len(named) > 1:
        raise UnsuitableData(f"One column alone can hold the weights, not {' and '.join(named)}.")
    found = np.ones(len(target))
    if named:
        found = found * _of_column(table, named[0])
    if spec.class_weight is not None:
        found = found * _of_classes(spec, target, labels)
    return found / found.mean() if named or spec.class_weight is not None else None


def _of_column(table: Table, name: str) -> NDArray[np.float64]:
    values = table.array(name)
    if values.dtype != np.float64:
        raise UnsuitableData(f"The weights in '{name}' are no numbers.")
    wrong = np.flatnonzero(~(values >= 0))
    if len(wrong):
        raise UnsuitableData(
            f"The weight '{name}' of row {wrong[0] + 1} (of those with a target) is missing or "
            "negative; every row needs one of 0 or more."
        )
    if not values.any():
        raise UnsuitableData(f"The weights in '{name}' are all 0; some row must count.")
    return values


def _of_classes(
    spec: TrainingSpec, target: NDArray[Any], labels: Sequence[str]
) -> NDArray[np.float64]:
    if not labels:
        raise UnsuitableData(f"'class_weight' is for classes; '{spec.target}' is a quantity.")
    if isinstance(spec.class_weight, dict):
        unknown = sorted(set(spec.class_weight) - set(labels))
        if unknown:
            known = ", ".join(f"'{one}'" for one in labels[:10])
            raise UnsuitableData(f"'{spec.target}' has no label '{unknown[0]}'; it has {known}.")
        of_label = np.array([spec.class_weight.get(label, 1.0) for label in labels])
    else:
        counts = np.bincount(target, minlength=len(labels))
        of_label = len(target) / (len(labels) * np.maximum(counts, 1))
    found: NDArray[np.float64] = of_label[target]
    return found
