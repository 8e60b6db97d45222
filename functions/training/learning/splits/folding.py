"""Which fold each training row is in."""

import contextlib

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.splits import checks
from functions.training.learning.splits.hashing import Hashes
from functions.training.learning.splits.units import Places, Units, ids_of, units
from functions.training.learning.targets.target import Target
from functions.training.model.requests.spec import TrainingSpec
from functions.training.model.task import UnsuitableData

Folds = list[tuple[Places, Places]]
Times = NDArray[np.float64] | None

# Of so few rows, one way to deal them out to folds says more of its luck than of what does best:
# candidates that do well are measured on so many ways (rungs.py says which candidates).
MOST_REPEATED = 5_000  # training rows
REPEATS = 3


def folds(
    keys: Hashes,
    target: Target,
    spec: TrainingSpec,
    groups: Hashes | None = None,
    times: NDArray[np.float64] | None = None,
    repeat: int = 0,
) -> Folds:
    """Return for each fold the places of the rows to fit on, and to test on, both rising.

    Takes what `held_out` takes, of the training rows alone. By time, each fold is tested on what
    comes after all that it was fitted on: the earliest rows are then never tested on.

    Args:
        keys: of the records.
        target: of the training rows.
        spec: how many folds, and the seed.
        groups: that stay together.
        times: where later rows are predicted from earlier ones.
        repeat: rows are dealt out otherwise for each.

    Raises:
        UnsuitableData: one side of a fold would lack a class; says what to do.
    """
    if times is not None:
        found = _forward(times, spec.folds)
    else:
        made = units(ids_of(keys, groups), target.strata(), spec.seed, _label(repeat))
        if len(made.sizes) < spec.folds:
            raise UnsuitableData(
                f"The training rows are {len(made.sizes)} groups, fewer than the {spec.folds} "
                f"folds: ask for {max(len(made.sizes), 2)} folds at most."
            )
        fold = dealt(made, spec.folds)[made.of_row]
        found = [
            (np.flatnonzero(fold != one), np.flatnonzero(fold == one)) for one in range(spec.folds)
        ]
    checks.check_folds(target, found, spec)
    return found


def repeated(
    keys: Hashes, target: Target, spec: TrainingSpec, groups: Hashes | None, times: Times
) -> Folds:
    """Return the folds, and where rows are few those of further ways to deal them out.

    Raises:
        UnsuitableData: one side of a fold would lack a class; says what to do. Of further ways to
            deal rows out, those that do are passed over.
    """
    found = folds(keys, target, spec, groups, times)
    if times is not None or len(keys) > MOST_REPEATED:
        return found
    for repeat in range(1, REPEATS):
        with contextlib.suppress(UnsuitableData):
            found = [*found, *folds(keys, target, spec, groups, repeat=repeat)]
    return found


def _label(repeat: int) -> str:
    return f"folds {repeat}" if repeat else "folds"


def dealt(made: Units, count: int) -> Places:
    """Deal units out to folds, [units]: class by class, the large ones first, there and back."""
    order = np.lexsort((np.arange(len(made.sizes)), -made.sizes, made.stratum))
    turn, seat = np.divmod(np.arange(len(order)), count)
    fold = np.empty(len(order), dtype=np.int64)
    fold[order] = np.where(turn % 2, count - 1 - seat, seat)
    return fold


def _forward(times: NDArray[np.float64], count: int) -> Folds:
    """Cut time into one block more than there are folds; rows of the same moment stay together."""
    known = np.where(np.isnan(times), -np.inf, times)
    distinct, of_row, sizes = np.unique(known, return_inverse=True, return_counts=True)
    if len(distinct) <= count:
        raise UnsuitableData(
            f"The training rows are of {len(distinct)} moments: {count} folds by time need at "
            f"least {count + 1}. Ask for fewer folds, or split otherwise."
        )
    middle = np.cumsum(sizes) - sizes / 2
    block = np.floor(middle / len(known) * (count + 1)).astype(np.int64)
    if len(np.unique(block)) <= count:
        # One moment has more rows than a block has: cut by moments, not by rows.
        block = np.arange(len(distinct)) * (count + 1) // len(distinct)
    block = block[of_row]
    return [
        (np.flatnonzero(block < one), np.flatnonzero(block == one)) for one in range(1, count + 1)
    ]
