"""Categories: a table with a row of numbers for each level, and one for what is missing or rare.

One-hot, target means, counts, ranks and codes are all such tables: the graph looks a word up and
takes its row, and what training fits is the table.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from functions.kit.contract.features import MISSING
from functions.kit.contract.signature import Feature
from functions.training.learning.graph.graph import ML, Graph
from functions.training.learning.preprocessing.part import Wish
from functions.training.learning.rows import Rows

RARE_PLACE, MISSING_PLACE, FIRST_PLACE = 0, 1, 2
RAREST = 5  # rows: a level with fewer is a rare one
MOST_ONE_HOT = 32
MOST_CODES = 254


@dataclass(frozen=True)
class Levels:
    """The words of a column that are told apart.

    Attributes:
        names: from the place FIRST_PLACE on.
        counts: rows of each place, rare and missing ones first.
        codes: the place of each row that was learnt from: [rows].
    """

    names: list[str]
    counts: NDArray[np.int64]
    codes: NDArray[np.int32]


def find(texts: NDArray[np.object_], rarest: int, most: int) -> Levels:
    """Find the levels of at least `rarest` rows, the `most` frequent ones at most."""
    encoded = pa.array(texts, pa.string()).dictionary_encode()
    words = np.array(encoded.dictionary.to_pylist(), dtype=object)
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    counts = np.bincount(codes, minlength=len(words))
    often = [place for place in np.argsort(-counts, kind="stable") if words[place] != MISSING]
    kept = sorted(
        (place for place in often[:most] if counts[place] >= rarest), key=lambda one: words[one]
    )
    places = np.full(len(words), RARE_PLACE, np.int32)
    places[[place for place, word in enumerate(words) if word == MISSING]] = MISSING_PLACE
    places[kept] = np.arange(len(kept), dtype=np.int32) + FIRST_PLACE
    found = places[codes]
    totals = np.bincount(found, minlength=len(kept) + FIRST_PLACE)
    return Levels([str(words[place]) for place in kept], totals, found)


class Lookup:
    """The columns of one category."""

    def __init__(self, feature: Feature, wish: Wish) -> None:
        self._feature = feature
        self._wish = wish
        self._levels: list[str] = []
        self._table = np.zeros((FIRST_PLACE, 1), np.float32)
        self.names: list[str] = []
        self.categories: list[int] = []

    def fit(self, rows: Rows) -> None:
        """Learn from the training rows."""
        texts = rows.inputs[self._feature.input][:, 0]
        if self._wish.view == "native":
            levels = find(texts, RAREST, MOST_CODES - FIRST_PLACE)
            self._set(levels.names, codes(levels), ["code"])
            self.categories = [0]
        else:
            levels = find(texts, RAREST, MOST_ONE_HOT)
            self._set(levels.names, *one_hot(levels))

    def _set(self, levels: list[str], table: NDArray[np.float32], names: list[str]) -> None:
        self._levels, self._table = levels, table
        self.names = [f"{self._feature.column}: {name}" for name in names]

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
        """Return None: a row's target is not in its columns."""
        return None


def codes(levels: Levels) -> NDArray[np.float32]:
    """Return the table of the levels' places: [places, 1]."""
    return np.arange(len(levels.counts), dtype=np.float32).reshape(-1, 1)


def one_hot(levels: Levels) -> tuple[NDArray[np.float32], list[str]]:
    """Return the table with one column for each place that has rows, and the columns' names."""
    used = np.flatnonzero(levels.counts)
    names = ["(rare)", "(missing)", *levels.names]
    return np.eye(len(names), dtype=np.float32)[:, used], [names[place] for place in used]
