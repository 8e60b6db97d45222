"""Numbers: gaps, shift and scale in float64, and only then float32.

A value with a large offset and a small spread (a moment, an id, a price in a small range) would
lose its differences in a cast to float32, so the offset is taken off first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.graph.graph import Graph
from functions.training.learning.preprocessing import quantiles
from functions.training.learning.preprocessing.part import Wish
from functions.training.learning.preprocessing.quantiles import Curve
from functions.training.learning.preprocessing.sources import Source
from functions.training.learning.rows import Rows

# In scales: what lies farther off counts as so far. No float32 may become infinite.
FARTHEST = 1e6
LARGEST = 3e38
LARGEST_FACTOR = 1e300
# Estimators add numbers up, and square them, as float32 too.
LARGEST_PLAIN = 1e15
SAMPLE = 100_000
# So that no power of two is infinite.
MOST_DOUBLINGS = 1000
FLOAT = 1  # of ONNX: float32


@dataclass(frozen=True)
class Shape:
    """What was learnt of one column of numbers."""

    middle: float
    shift: float
    factor: float
    has_gaps: bool
    curve: Curve | None = None


class Numbers:
    """All columns of numbers, side by side, and of those with gaps whether one is there."""

    def __init__(self, sources: Sequence[Source], wish: Wish) -> None:
        self._sources = sources
        self._wish = wish
        self._shapes: list[Shape] = []
        self.names: list[str] = []
        self.categories: list[int] = []

    def fit(self, rows: Rows) -> None:
        """Learn from the training rows."""
        of_one = _of_linear if self._wish.view == "linear" else _of_trees
        self._shapes = [of_one(source.values(rows)) for source in self._sources]
        self.names = [source.name for source in self._sources]
        self.names += [f"{self._sources[one].name}: ranked" for one in self._curved()]
        self.names += [f"{self._sources[one].name}: missing" for one in self._with_gaps()]

    def _curved(self) -> list[int]:
        return [place for place, shape in enumerate(self._shapes) if shape.curve is not None]

    def _with_gaps(self) -> list[int]:
        if self._wish.keeps_missing:
            return []
        return [place for place, shape in enumerate(self._shapes) if shape.has_gaps]

    def add_to(self, graph: Graph) -> str:
        """Add the nodes; return the tensor [rows, columns], float32."""
        tensors = [source.add_to(graph) for source in self._sources]
        raw = graph.add("Concat", tensors, axis=1)
        absent = graph.add("IsNaN", [raw])
        filled = graph.add("Where", [absent, self._row(graph, "middle"), raw])
        scaled = graph.add("Sub", [filled, self._row(graph, "shift")])
        scaled = graph.add("Mul", [scaled, self._row(graph, "factor")])
        most = np.array(FARTHEST if self._wish.view == "linear" else LARGEST)
        scaled = graph.add("Clip", [scaled, graph.constant(-most), graph.constant(most)])
        found = graph.add("Cast", [scaled], to=FLOAT)
        if self._wish.keeps_missing:
            gap = graph.constant(np.array(np.nan, np.float32))
            return graph.add("Where", [absent, gap, found])
        parts = [found, *self._ranked(graph, filled), *self._indicators(graph, absent)]
        return graph.add("Concat", parts, axis=1) if len(parts) > 1 else found

    def _ranked(self, graph: Graph, filled: str) -> list[str]:
        places = self._curved()
        if not places:
            return []
        chosen = graph.add("Gather", [filled, graph.constant(np.array(places))], axis=1)
        curves = [curve for shape in self._shapes if (curve := shape.curve) is not None]
        return [graph.add("Cast", [quantiles.add_to(graph, chosen, curves)], to=FLOAT)]

    def _indicators(self, graph: Graph, absent: str) -> list[str]:
        gaps = self._with_gaps()
        if not gaps:
            return []
        flags = graph.add("Cast", [absent], to=FLOAT)
        return [graph.add("Gather", [flags, graph.constant(np.array(gaps))], axis=1)]

    def _row(self, graph: Graph, name: str) -> str:
        return graph.constant(np.array([[getattr(one, name) for one in self._shapes]]))

    def own(self, rows: Rows) -> NDArray[np.float32] | None:  # noqa: ARG002 - the part's shape
        """Return None: a row's target is not in its columns."""
        return None


def _of_linear(values: NDArray[np.float64]) -> Shape:
    present, has_gaps = _present(values)
    middle = float(np.median(present))
    # Squares of what is below 1e-162 would be nothing.
    unit = _down_to_one(float(np.abs(present).max()))
    small = present * unit
    spread = float(small.std())
    factor = min(unit / spread, LARGEST_FACTOR) if spread > 0 else 1.0
    return Shape(middle, float(small.mean()) / unit, factor, has_gaps, quantiles.fit(present, unit))


def _of_trees(values: NDArray[np.float64]) -> Shape:
    """Leave numbers as they are if float32 can tell them apart."""
    present, has_gaps = _present(values)
    middle = float(np.median(present))
    sample = present[:: max(len(present) // SAMPLE, 1)]
    different = np.unique(sample)
    if len(np.unique(different.astype(np.float32))) < len(different):
        spread = float(different[-1] - different[0])
        return Shape(middle, middle, _down_to_one(spread), has_gaps)
    largest = float(np.abs(present).max())
    factor = _down_to_one(largest) if largest > LARGEST_PLAIN else 1.0
    return Shape(middle, 0.0, factor, has_gaps)


def _down_to_one(size: float) -> float:
    """Return the power of two that brings a size to one at most: it changes no digit."""
    if size == 0:
        return 1.0
    return float(2.0 ** np.clip(-np.ceil(np.log2(size)), -MOST_DOUBLINGS, MOST_DOUBLINGS))


def _present(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], bool]:
    """Return the numbers that are there (0 if none is), and whether any is missing."""
    present = values[~np.isnan(values)]
    return (present if len(present) else np.zeros(1)), len(present) < len(values)
