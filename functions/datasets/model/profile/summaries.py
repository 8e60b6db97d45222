"""One column by itself: how its values lie, or which they are."""

from typing import TYPE_CHECKING

from functions.datasets.model.profile.cells import Array, ColumnCells
from functions.kit.contract.records.profile import QUANTILES, ColumnProfile, Histogram, Word
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

BINS = 20
TOP = 20
LONGEST = 100
"""Characters of a value that are told."""


def summary(cells: ColumnCells) -> ColumnProfile:
    """Return what is known of a column without the others."""
    column = cells.column
    found = ColumnProfile(column.name, column.kind, cells.missing, cells.unique)
    if not cells.is_measured:
        found.top = top(cells, TOP)
        found.others = int(cells.counts.sum()) - sum(word.count for word in found.top)
    elif cells.unique:
        _measure(found, cells.numbers)
    return found


def top(cells: ColumnCells, most: int) -> list[Word]:
    """Return the most frequent values, those that are alike in that as they came."""
    order = np.argsort(-cells.counts, kind="stable")[:most]
    return [Word(cells.word(code)[:LONGEST], int(cells.counts[code])) for code in order]


def _measure(found: ColumnProfile, numbers: Array) -> None:
    counts, edges = np.histogram(numbers, bins=_edges(numbers))
    found.histogram = Histogram(edges.tolist(), counts.tolist())
    # A quarter of each is as exact, and no difference of two of them is too large for a float.
    found.quantiles = (np.quantile(numbers / 4, QUANTILES) * 4).tolist()
    if found.kind in {"number", "integer"}:
        found.mean, found.std = _moments(numbers)


def _edges(numbers: Array) -> Array:
    """Return the edges of the bins, apart where values are close, finite where they are large."""
    low, high = float(numbers.min()), float(numbers.max())
    if low == high:
        return np.array([low, np.nextafter(high, np.inf)])
    steps = np.linspace(0.0, 1.0, BINS + 1)
    edges = np.unique(low * (1 - steps) + high * steps)
    edges[0], edges[-1] = low, high
    return edges


def _moments(numbers: Array) -> tuple[float | None, float | None]:
    """Return mean and deviation; None where they are beyond what a float holds."""
    scale = float(np.abs(numbers).max()) or 1.0
    mean = float(np.mean(numbers / scale))
    with np.errstate(over="ignore"):
        told = (mean * scale, float(np.std(numbers / scale - mean)) * scale)
    return told if np.isfinite(told).all() else (None, None)
