"""How a column goes with the target, by itself."""

from typing import TYPE_CHECKING

from functions.datasets.model.profile.cells import Array, ColumnCells
from functions.kit.contract.records.profile import Measure
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

MOST_CLASSES = 20
"""Different whole numbers that a target of classes may have; with more it is a quantity."""
GROUPS = 50
TWO = 2


def has_classes(target: ColumnCells) -> bool:
    """Tell whether a target's values are classes rather than a quantity."""
    if not target.is_measured:
        return True
    whole = bool(np.all(target.levels == np.round(target.levels))) if target.unique else False
    return whole and target.unique <= MOST_CLASSES and target.column.kind in {"integer", "number"}


def measures(cells: ColumnCells, target: ColumnCells) -> dict[Measure, float]:
    """Return how much a column tells of the target, over the rows that have a target.

    Those of numbers are over the rows that have both.
    """
    known = target.present
    both = known & cells.present
    if np.count_nonzero(both) < TWO:
        return {}
    found: dict[Measure, float] = {}
    if has_classes(target):
        if cells.is_measured:
            found |= _of_classes(cells.levels[cells.codes[both]], target.codes[both])
    elif cells.is_measured:
        found |= _of_numbers(cells.levels[cells.codes[both]], target.levels[target.codes[both]])
    else:
        found["eta2"] = eta2(target.levels[target.codes[both]], cells.codes[both])
    found["mutual_information"] = _information(cells, target, known)
    return {name: round(value, 6) for name, value in found.items()}


def _of_classes(numbers: Array, classes: Array) -> dict[Measure, float]:
    present = np.unique(classes)
    found: dict[Measure, float] = {"eta2": eta2(numbers, classes)}
    if len(present) == TWO:
        found["auc"] = auc(numbers, classes == present[1])
    return found


def _of_numbers(numbers: Array, target: Array) -> dict[Measure, float]:
    return {
        "correlation": pearson(numbers, target),
        "rank_correlation": pearson(ranks(numbers), ranks(target)),
    }


def auc(numbers: Array, positive: Array) -> float:
    """Return the area under the ROC curve of the better direction; 0.5 where it has one side."""
    count = int(np.count_nonzero(positive))
    others = len(positive) - count
    if not count or not others:
        return 0.5
    area = (ranks(numbers)[positive].sum() - count * (count + 1) / 2) / (count * others)
    return float(max(area, 1 - area))


def ranks(numbers: Array) -> Array:
    """Return the ranks from 1, those of equal values their mean."""
    _, codes, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[codes]


def eta2(numbers: Array, groups: Array) -> float:
    """Return the part of the numbers' variance that lies between groups."""
    scaled = _scaled(numbers)
    whole = float(np.square(scaled).sum())
    counts = np.bincount(groups)
    sums = np.bincount(groups, scaled)
    between = float((np.square(sums) / np.maximum(counts, 1)).sum())
    return between / whole if whole > 0 else 0.0


def pearson(one: Array, other: Array) -> float:
    """Return the correlation of two lists of numbers; 0 where one of them is constant."""
    left, right = _scaled(one), _scaled(other)
    spread = float(np.sqrt(np.square(left).sum() * np.square(right).sum()))
    return float(np.clip((left * right).sum() / spread, -1, 1)) if spread > 0 else 0.0


def _scaled(numbers: Array) -> Array:
    """Return numbers about 0, none of which is large."""
    scale = float(np.abs(numbers).max()) if len(numbers) else 0.0
    if scale == 0:
        return np.zeros(len(numbers))
    part = numbers / scale
    return part - part.mean()


def _information(cells: ColumnCells, target: ColumnCells, known: Array) -> float:
    """Return the part of the target's entropy that the column's groups take away."""
    of_target, classes = target.groups(GROUPS)
    of_cells, groups = cells.groups(GROUPS)
    joint = np.bincount(
        of_cells[known] * classes + of_target[known], minlength=groups * classes
    ).reshape(groups, classes)
    whole = _entropy(joint.sum(axis=0))
    if whole == 0:
        return 0.0
    told = whole + _entropy(joint.sum(axis=1)) - _entropy(joint.ravel())
    # As much as chance alone would tell with so many groups (Miller and Madow).
    taken = [np.count_nonzero(counts) for counts in (joint.sum(axis=1), joint.sum(axis=0), joint)]
    by_chance = (taken[2] - taken[0] - taken[1] + 1) / (2 * joint.sum())
    return float(np.clip((told - max(0.0, by_chance)) / whole, 0, 1))


def _entropy(counts: Array) -> float:
    part = counts[counts > 0] / counts.sum()
    return float(-(part * np.log(part)).sum())


def foretold(cells: ColumnCells, target: ColumnCells) -> float:
    """Return how well the column alone foretells the target in rows that it was not learnt from.

    Every other row is learnt from: the target of each group of values, its most frequent class or
    its mean. 1 is always right, 0 no better than without the column.
    """
    each = _foretold(cells, target, 10**9)
    return max(each, _foretold(cells, target, GROUPS)) if cells.is_measured else each


def _foretold(cells: ColumnCells, target: ColumnCells, most: int) -> float:
    """Return as `foretold`, by so many groups of values at most."""
    rows = np.flatnonzero(target.present)
    groups, number = cells.groups(most)
    learnt, asked = rows[::2], rows[1::2]
    if len(asked) < TWO:
        return 0.0
    if has_classes(target):
        return _foretold_classes(groups, number, target, learnt, asked)
    known = target.levels[target.codes]
    sums = np.bincount(groups[learnt], known[learnt], minlength=number)
    counts = np.bincount(groups[learnt], minlength=number)
    guess = np.where(counts > 0, sums / np.maximum(counts, 1), known[learnt].mean())[groups[asked]]
    spread = float(np.square(known[asked] - known[learnt].mean()).sum())
    return 1 - float(np.square(known[asked] - guess).sum()) / spread if spread > 0 else 0.0


def _foretold_classes(
    groups: Array, number: int, target: ColumnCells, learnt: Array, asked: Array
) -> float:
    usual = int(np.bincount(target.codes[learnt]).argmax())
    pairs, counts = np.unique(
        groups[learnt] * (target.unique + 1) + target.codes[learnt], return_counts=True
    )
    guess = np.full(number, usual)
    order = np.argsort(counts, kind="stable")  # the most frequent class of a group is written last
    guess[pairs[order] // (target.unique + 1)] = pairs[order] % (target.unique + 1)
    truth = target.codes[asked]
    base = float(np.mean(truth == usual))
    right = float(np.mean(guess[groups[asked]] == truth))
    return (right - base) / (1 - base) if base < 1 else 0.0
