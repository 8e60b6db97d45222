"""Categories: a table with a row of numbers for each level, and one for what is missing or rare.

One-hot, target means, counts, ranks and codes are all such tables: the graph looks a word up and
takes its row, and what training fits is the table.
"""

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.features import MISSING
from functions.kit.contract.models.signature import Feature
from functions.training.learning.graph.graph import ML, Graph
from functions.training.learning.preprocessing.categories import order, target_means
from functions.training.learning.preprocessing.categories.levels import (
    FIRST_PLACE,
    MISSING_PLACE,
    RARE_PLACE,
    Levels,
    find,
)
from functions.training.learning.preprocessing.part import Wish
from functions.training.learning.rows import Rows

RAREST = 5  # rows: a level with fewer is a rare one,
RAREST_OF_MANY = 2  # or where there are many levels
MOST_ONE_HOT = {"linear": 32, "trees": 8, "native": 0}
MOST_RANKED = 32
MOST_CODES = 250
MOST_LEVELS = 20_000

Floats = NDArray[np.float64]


class Lookup:
    """The columns of one category."""

    def __init__(self, feature: Feature, wish: Wish) -> None:
        self._feature = feature
        self._wish = wish
        self._levels: list[str] = []
        self._table = np.zeros((FIRST_PLACE, 1), np.float32)
        self._own: NDArray[np.float32] | None = None
        self.names: list[str] = []
        self.categories: list[int] = []

    def fit(self, rows: Rows) -> None:
        """Learn from the training rows."""
        texts = rows.inputs[self._feature.input][:, 0]
        found = find(texts, RAREST, MOST_LEVELS)
        made = _Columns(self._wish)
        if self._has_few(found):
            made.few(found)
        else:
            # The rare ones are many together, and are told apart while a mean can be taken.
            found = find(texts, RAREST_OF_MANY, MOST_LEVELS)
            made.many(found, rows)
        self._levels = found.names
        self._table = made.table()
        self._own = made.own(found.codes)
        self.names = [f"{self._feature.column}: {name}" for name in made.names]
        self.categories = made.categories

    def _has_few(self, found: Levels) -> bool:
        if self._wish.view == "native":
            return len(found.names) <= MOST_RANKED
        most = MOST_ONE_HOT[self._wish.view]
        return len(found.names) <= most or (
            len(found.names) <= MOST_RANKED and order.ranks(found.names) is not None
        )

    def add_to(self, graph: Graph) -> str:
        """Add the nodes; return the tensor [rows, columns], float32."""
        place = graph.add(
            "LabelEncoder",
            [self._feature.input],
            domain=ML,
            keys_strings=[MISSING, *self._levels],
            values_int64s=[MISSING_PLACE, *range(FIRST_PLACE, len(self._table))],
            default_int64=RARE_PLACE,
        )
        flat = graph.add("Reshape", [place, graph.constant(np.array([-1]))])
        return graph.add("Gather", [graph.constant(self._table), flat], axis=0)

    def own(self, rows: Rows) -> NDArray[np.float32] | None:  # noqa: ARG002 - the part's shape
        """Return the columns of the rows it was fitted on, if they differ; they are let go of."""
        own, self._own = self._own, None
        return own


class _Columns:
    """The columns of a table, as they are put together."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._tables: list[Floats] = []
        self._of_rows: dict[int, Floats] = {}
        self.names: list[str] = []
        self.categories: list[int] = []

    def table(self) -> NDArray[np.float32]:
        """Return the table: [places, columns]."""
        return np.hstack(self._tables).astype(np.float32)

    def own(self, codes: NDArray[np.int32]) -> NDArray[np.float32] | None:
        """Return the columns of the training rows, if they differ from the table's."""
        if not self._of_rows:
            return None
        found = self.table()[codes]
        for column, values in self._of_rows.items():
            found[:, column] = values
        return found

    def few(self, levels: Levels) -> None:
        """Tell a few levels apart: by their rank if they have one, one by one, or by code."""
        ranks = order.ranks(levels.names)
        if ranks is not None:
            self._ranks(ranks)
        if self._wish.view == "linear" or (self._wish.view == "trees" and ranks is None):
            self._one_hot(levels)
        elif ranks is None:
            self._codes(levels)

    def many(self, levels: Levels, rows: Rows) -> None:
        """Tell many levels apart: by the target's mean, and how often they come."""
        self._means(levels, rows)
        if self._wish.view == "linear":
            return
        counts = levels.counts.astype(np.float64)
        counts[RARE_PLACE] = 1.0
        self._add(np.log1p(counts).reshape(-1, 1), ["how often"])
        if self._wish.view == "native" and len(levels.names) <= MOST_CODES:
            self._codes(levels)

    def _add(self, table: Floats, names: list[str]) -> None:
        self._tables.append(table)
        self.names += names

    def _ranks(self, ranks: list[float]) -> None:
        gap = np.nan if self._wish.keeps_missing else -1.0
        values = np.array([gap, gap, *ranks])
        if self._wish.view == "linear":
            values[:FIRST_PLACE] = np.mean(ranks)
            values = (values - np.mean(ranks)) / np.std(ranks)
        self._add(values.reshape(-1, 1), ["rank"])

    def _one_hot(self, levels: Levels) -> None:
        used = np.flatnonzero(levels.counts)
        names = ["(rare)", "(missing)", *levels.names]
        self._add(np.eye(len(names))[:, used], [names[place] for place in used])

    def _codes(self, levels: Levels) -> None:
        self.categories.append(len(self.names))
        self._add(np.arange(len(levels.counts), dtype=np.float64).reshape(-1, 1), ["code"])

    def _means(self, levels: Levels, rows: Rows) -> None:
        means = target_means.fit(levels.codes, len(levels.counts), rows, self._wish)
        table, own = means.of_places, means.of_rows
        # As float32 they must keep what tells them apart, whatever the target's offset.
        middle, spread = own.mean(axis=0), own.std(axis=0)
        spread[spread == 0] = 1.0
        begin = len(self.names)
        names = ["mean"] if len(means.labels) == 1 else [f"share of {one}" for one in means.labels]
        self._add((table - middle) / spread, [f"target's {name}" for name in names])
        for place, column in enumerate(((own - middle) / spread).T):
            self._of_rows[begin + place] = column
