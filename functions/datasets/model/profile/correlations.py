"""Which columns of numbers go together."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from functions.datasets.model.profile.cells import Array, ColumnCells
from functions.kit.contract.records.profile import Correlation
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

MOST_COLUMNS = 100
MOST = 50
LEAST = 0.3
"""Weaker ones are not told."""
LEAST_ROWS = 10


def strongest(columns: Sequence[ColumnCells]) -> list[Correlation]:
    """Return the strongest correlations of the first MOST_COLUMNS columns that lie on a line."""
    measured = [one for one in columns if one.is_measured and one.unique > 1][:MOST_COLUMNS]
    if len(measured) < 2:
        return []
    found = _pairwise(measured)
    left, right = np.triu_indices(len(measured), 1)
    values = found[left, right]
    order = np.argsort(-np.abs(values), kind="stable")[:MOST]
    names = [one.column.name for one in measured]
    return [
        Correlation((names[left[at]], names[right[at]]), round(float(values[at]), 6))
        for at in order
        if abs(values[at]) >= LEAST
    ]


def _pairwise(measured: Sequence[ColumnCells]) -> Array:
    """Return Pearson's correlations, each over the rows that have both values; 0 where none."""
    there = np.column_stack([one.present for one in measured]).astype(float)
    values = np.column_stack([_standard(one) for one in measured])
    count = there.T @ there
    sums, squares = values.T @ there, (values**2).T @ there
    with np.errstate(invalid="ignore", divide="ignore"):
        shared = values.T @ values - sums * sums.T / count
        spread = squares - sums**2 / count
        found = shared / np.sqrt(spread * spread.T)
    right = np.isfinite(found) & (count >= LEAST_ROWS) & (spread > 1e-9) & (spread.T > 1e-9)
    return np.where(right, np.clip(found, -1, 1), 0.0)


def _standard(cells: ColumnCells) -> Array:
    """Return a column's values about 0 and of the size 1, 0 where one is missing."""
    numbers = cells.numbers
    scale = float(np.abs(numbers).max()) or 1.0
    part = numbers / scale
    part = part - part.mean()
    size = float(part.std()) or 1.0
    found = np.zeros(len(cells.codes))
    found[cells.present] = part / size
    return found
