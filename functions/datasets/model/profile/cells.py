"""The values of a column as arrays."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.kit.contract.records.columns import Column
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

Array = Any
"""An array of numpy's."""
MISSING = -1
MEASURED = ("number", "integer", "datetime", "date")
"""Kinds whose values lie on a line; all others are words."""


@dataclass(frozen=True, eq=False)
class ColumnCells:
    """A column's values.

    Attributes:
        column: which it is.
        codes: for each row which of the different values it has; MISSING for none.
        words: the different values as text, by code; empty where they are `levels`.
        levels: the different values as numbers, growing, by code; times in seconds.
    """

    column: Column
    codes: Array
    words: Sequence[str] = ()
    levels: Array = None

    @property
    def is_measured(self) -> bool:
        """Tell whether the values lie on a line."""
        return self.column.kind in MEASURED

    @functools.cached_property
    def counts(self) -> Array:
        """How many rows have each value, by code."""
        return np.bincount(self.codes[self.present], minlength=self.unique)

    @property
    def unique(self) -> int:
        """How many different values there are."""
        return len(self.levels) if self.is_measured else len(self.words)

    @functools.cached_property
    def present(self) -> Array:
        """For each row whether it has a value."""
        return self.codes != MISSING

    @functools.cached_property
    def missing(self) -> int:
        """How many rows have none."""
        return int(len(self.codes) - np.count_nonzero(self.present))

    @functools.cached_property
    def numbers(self) -> Array:
        """The values that are there, as numbers, in the order of the rows."""
        return self.levels[self.codes[self.present]]

    def word(self, code: int) -> str:
        """Return a value as text."""
        return f"{self.levels[code]:g}" if self.is_measured else self.words[code]

    def groups(self, most: int) -> tuple[Array, int]:
        """Return for each row which of at most so many groups its value is in, and their number.

        Values on a line are parted at their quantiles. Of others the most frequent have groups of
        their own, the rest one together. Missing ones are the last group.
        """
        if self.unique <= most:
            group = np.arange(self.unique)
        elif self.is_measured:
            before = np.cumsum(self.counts) - self.counts
            group = before * most // max(1, int(self.counts.sum()))
        else:
            order = np.argsort(-self.counts, kind="stable")
            group = np.empty(self.unique, np.int64)
            group[order] = np.minimum(np.arange(self.unique), most - 1)
        number = int(group.max()) + 1 if len(group) else 0
        return np.append(group, number)[self.codes], number + 1
