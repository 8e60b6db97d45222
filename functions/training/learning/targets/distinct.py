"""The distinct values of a column: as labels, how often each is there, and in which rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from functions.training.learning.splits.hashing import as_arrow
from functions.training.model.task import label

# Words that stand for no value at all in files that were not asked about them.
MISSING_WORDS = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null", "?"})


@dataclass(frozen=True)
class Distinct:
    """The distinct values of a column, numbers as numbers and texts as texts in order.

    Attributes:
        values: what they are, none missing.
        places: for each row that has one, which of them.
        kept: those rows' places in the column, rising.
    """

    values: list[Any]
    places: NDArray[np.int64]
    kept: NDArray[np.int64]

    @property
    def labels(self) -> list[str]:
        """The values as predictions show them."""
        return [label(value) for value in self.values]

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many rows have each."""
        return np.bincount(self.places, minlength=len(self.values)).astype(np.int64)

    def without(self, gone: NDArray[np.bool_]) -> "Distinct":
        """Return it without the values marked in `gone`, and without their rows."""
        stay = ~gone[self.places]
        renumbered = np.cumsum(~gone) - 1
        values = [value for value, out in zip(self.values, gone, strict=True) if not out]
        return Distinct(values, renumbered[self.places[stay]], self.kept[stay])


def distinct(values: Sequence[Any] | pa.Array) -> Distinct:
    """Return the distinct values of a column; None, and NaN among numbers, are missing."""
    column = as_arrow(values)
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    there = np.flatnonzero(pc.is_valid(column).to_numpy(zero_copy_only=False))
    column = column.drop_null()
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        numbers, places = np.unique(column.to_numpy(), return_inverse=True)
        return Distinct(numbers.tolist(), places, there)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    codes = column.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return _sorted(column.dictionary.to_pylist(), codes, there)


def _sorted(values: list[Any], codes: NDArray[np.int64], there: NDArray[np.int64]) -> Distinct:
    """Put values in order; those that no row has are left out."""
    counts = np.bincount(codes, minlength=len(values))
    order = [place for place in np.argsort(np.array(values, dtype=object)) if counts[place]]
    rank = np.zeros(len(values), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return Distinct([values[place] for place in order], rank[codes], there)


def without_missing_words(found: Distinct, asked: str | None) -> tuple[Distinct, list[str]]:
    """Leave out words such as `NA`, where two other values remain; return which ones, too.

    A word that is `asked` for stays.
    """
    gone = np.array([_is_missing(one) and one != asked for one in found.values], dtype=bool)
    if not gone.any() or (~gone).sum() < 2:
        return found, []
    return found.without(gone), [one for one, out in zip(found.values, gone, strict=True) if out]


def _is_missing(value: Any) -> bool:
    return isinstance(value, str) and value.strip().lower() in MISSING_WORDS
