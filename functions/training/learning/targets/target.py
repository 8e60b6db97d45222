"""A target understood: the task, the labels, and each row's label or number."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.signature import Task


@dataclass(frozen=True)
class Target:
    """A target understood.

    Attributes:
        labels: the classes as text, in the order of the probabilities; of two, the last is the
            positive one. Empty for a regression.
        values: of the rows that are kept, the place of the label (int64), or the number (float64).
        kept: the places of those rows in the table, rising.
        left_out: why rows were not kept, and how many for that reason.
        notes: what a person should know of it, a sentence each.
    """

    task: Task
    labels: list[str]
    values: NDArray[Any]
    kept: NDArray[np.int64]
    left_out: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows are kept."""
        return len(self.values)

    def take(self, places: NDArray[np.int64]) -> "Target":
        """Return it for the rows at `places` of those that are kept."""
        return replace(self, values=self.values[places], kept=self.kept[places])

    def strata(self) -> NDArray[np.int64]:
        """Return which of the rows belong together in a split, [rows]: those of a class.

        Numbered by the labels in order, so that it does not matter which one is called positive.
        """
        if not self.labels:
            return np.zeros(self.rows, dtype=np.int64)
        ranks = np.argsort(np.argsort(np.array(self.labels)))
        found: NDArray[np.int64] = ranks[self.values].astype(np.int64)
        return found
