"""Classes of too few rows to be in every fold: left out, put together, or refused."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.features import OTHER
from functions.kit.contract.wording import counted
from functions.training.learning.targets.distinct import Distinct
from functions.training.model.requests.spec import TrainingSpec
from functions.training.model.task import UnsuitableData, fewest_of_class


@dataclass(frozen=True)
class Kept:
    """The classes that remain, rows left out, and what is to be said of it."""

    found: Distinct
    rows: int = 0
    note: str = ""


def settle(found: Distinct, spec: TrainingSpec) -> Kept:
    """Do with tiny classes as `spec` says, as long as two classes remain.

    Raises:
        UnsuitableData: tiny classes are to be refused, or fewer than two would remain.
    """
    tiny = found.counts < fewest_of_class(spec.folds, spec.holdout)
    if not tiny.any():
        return Kept(found)
    if spec.tiny_classes == "refuse" or len(found.values) == 2:
        raise UnsuitableData(_refusal(found, spec))
    if spec.tiny_classes == "group":
        return _grouped(found, tiny, spec)
    return _left_out(found, tiny, spec)


def _grouped(found: Distinct, tiny: NDArray[np.bool_], spec: TrainingSpec) -> Kept:
    tiny = tiny | (np.array(found.labels) == OTHER)
    rows = int(found.counts[tiny].sum())
    if tiny.all() or rows < fewest_of_class(spec.folds, spec.holdout):
        return _left_out(found, tiny, spec)
    renumbered = np.where(tiny, (~tiny).sum(), np.cumsum(~tiny) - 1)
    values = [one for one, out in zip(found.values, tiny, strict=True) if not out]
    together = Distinct([*values, OTHER], renumbered[found.places], found.kept)
    note = (
        f"{_names(found, tiny)} of '{spec.target}' had too few rows for {spec.folds} folds each: "
        f"as '{OTHER}' they are one class of {counted(rows, 'row')}."
    )
    return Kept(together, 0, note)


def _left_out(found: Distinct, tiny: NDArray[np.bool_], spec: TrainingSpec) -> Kept:
    if (~tiny).sum() < 2:
        raise UnsuitableData(_refusal(found, spec))
    rows = int(found.counts[tiny].sum())
    each = fewest_of_class(spec.folds, spec.holdout)
    note = (
        f"{_names(found, tiny)} of '{spec.target}' had too few rows ({spec.folds} folds and a "
        f"held-out part need {each}): {counted(rows, 'row')} left out, and never predicted."
    )
    return Kept(found.without(tiny), rows, note)


def _names(found: Distinct, tiny: NDArray[np.bool_], most: int = 5) -> str:
    names = [f"'{one}'" for one, out in zip(found.labels, tiny, strict=True) if out]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"The class{'es' if len(names) > 1 else ''} {', '.join(names[:most])}{more}"


def _refusal(found: Distinct, spec: TrainingSpec) -> str:
    place = int(found.counts.argmin())
    count = int(found.counts[place])
    each = fewest_of_class(spec.folds, spec.holdout)
    return (
        f"The class '{found.labels[place]}' of '{spec.target}' has only {counted(count, 'row')}: "
        f"{spec.folds} folds and a held-out part need at least {each} of each class. "
        "Add rows of it, remove those that there are, or ask for fewer folds."
    )
