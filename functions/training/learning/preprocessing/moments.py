"""Parts of moments and days: what an hour, a weekday or a month has to do with the target.

The moment itself is a number (`Numbers`). A tree takes a part as it is; an estimator that weighs
its columns takes its place on a circle, so that 23 h is as near to 0 h as 1 h is.
"""

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.signature import Feature
from functions.training.learning.graph.graph import Graph
from functions.training.learning.preprocessing import calendar
from functions.training.learning.preprocessing.part import Wish, evaluate
from functions.training.learning.rows import Rows

# Rows looked at to see which parts vary.
SAMPLE = 20_000
# A part that varies in a handful of rows alone teaches nothing.
LEAST_VARIED = 0.01


class Moments:
    """The parts of one column of moments or days."""

    def __init__(self, feature: Feature, wish: Wish) -> None:
        self._feature = feature
        self._wish = wish
        self._parts: list[str] = []
        self.names: list[str] = []
        self.categories: list[int] = []

    def fit(self, rows: Rows) -> None:
        """Learn from the training rows which parts vary."""
        values = rows.inputs[self._feature.input]
        present = values[~np.isnan(values[:, 0])]
        sample = present[:: max(len(present) // SAMPLE, 1)]
        self._parts = self._varying(sample) if len(sample) else []
        self.names = [
            f"{self._feature.column}: {part}{side}" for part in self._parts for side in self._sides
        ]

    @property
    def _sides(self) -> list[str]:
        return [" (sine)", " (cosine)"] if self._wish.view == "linear" else [""]

    def _varying(self, sample: NDArray[np.float64]) -> list[str]:
        graph = Graph([self._feature])
        parts = calendar.add_parts(graph, self._feature.input)
        if self._wish.view == "linear":
            del parts["year"]  # the moment itself says it
        everything = graph.add("Concat", [*parts.values()], axis=1)
        inputs = {self._feature.input: sample}
        found = evaluate([self._feature], inputs, everything, graph, np.int64)
        return [
            part
            for part, column in zip(parts, found.T, strict=True)
            if len(column) - np.bincount(column).max() > LEAST_VARIED * len(column)
        ]

    def add_to(self, graph: Graph) -> str:
        """Add the nodes; return the tensor [rows, columns], float32."""
        absent = graph.add("IsNaN", [self._feature.input])
        zero = graph.constant(np.array(0.0))
        known = graph.add("Where", [absent, zero, self._feature.input])
        parts = calendar.add_parts(graph, known)
        first = graph.constant(np.array(0, np.int64))
        looked_up = []
        for part in self._parts:
            moved = graph.add("Add", [parts[part], graph.constant(np.array(1, np.int64))])
            place = graph.add("Where", [absent, first, moved])
            flat = graph.add("Reshape", [place, graph.constant(np.array([-1]))])
            table = graph.constant(self._table(part))
            looked_up.append(graph.add("Gather", [table, flat], axis=0))
        return looked_up[0] if len(looked_up) == 1 else graph.add("Concat", looked_up, axis=1)

    def _table(self, part: str) -> NDArray[np.float32]:
        """Return the columns' numbers for a missing part, and for each from 0 on."""
        least, most = calendar.RANGES[part]
        values = np.arange(most + 1, dtype=np.float64)
        if self._wish.view == "linear":
            angles = 2 * np.pi * (values - least) / (most - least + 1)
            circle = np.stack([np.sin(angles), np.cos(angles)], axis=1)
            return np.vstack([np.zeros((1, 2)), circle]).astype(np.float32)
        gap = np.nan if self._wish.keeps_missing else -1.0
        return np.concatenate([[gap], values]).astype(np.float32).reshape(-1, 1)

    def own(self, rows: Rows) -> NDArray[np.float32] | None:  # noqa: ARG002 - the part's shape
        """Return None: a row's target is not in its columns."""
        return None
