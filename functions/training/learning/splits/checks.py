"""Each side of each split has each class, or it is said what to do."""

from collections.abc import Sequence

import numpy as np

from functions.training.learning.splits.units import Places
from functions.training.learning.targets.target import Target
from functions.training.model.requests.spec import TrainingSpec
from functions.training.model.task import UnsuitableData

REMEDIES = {
    "record": "Hold out more, ask for fewer folds, or add rows of it that differ.",
    "group": "Hold out more, ask for fewer folds, or choose smaller groups.",
    "time": "Hold out more, ask for fewer folds, or split by record.",
}


def check_held_out(target: Target, train: Places, held_out: Places, spec: TrainingSpec) -> None:
    """Refuse a split of which one side lacks a class, or is empty; raises UnsuitableData."""
    _check_side(target, held_out, "the held-out part", spec)
    _check_side(target, train, "the training rows", spec)


def check_folds(target: Target, folds: Sequence[tuple[Places, Places]], spec: TrainingSpec) -> None:
    """Refuse a fold of which one side lacks a class, or is empty; raises UnsuitableData."""
    for number, (fit, test) in enumerate(folds, 1):
        _check_side(target, fit, f"what fold {number} of {len(folds)} is fitted on", spec)
        _check_side(target, test, f"what fold {number} of {len(folds)} is tested on", spec)


def _check_side(target: Target, places: Places, side: str, spec: TrainingSpec) -> None:
    if not len(places):
        raise UnsuitableData(f"No row is left for {side}. {REMEDIES[spec.split.by]}")
    if not target.labels:
        return
    counts = np.bincount(target.values[places], minlength=len(target.labels))
    if counts.all():
        return
    name = target.labels[int(counts.argmin())]
    raise UnsuitableData(
        f"The class '{name}' of '{spec.target}' has no row in {side}, split by {spec.split.by} "
        f"with a share of {spec.holdout:g} held out. {REMEDIES[spec.split.by]}"
    )
