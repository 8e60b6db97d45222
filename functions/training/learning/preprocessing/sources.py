"""Where the numbers of a matrix come from: an input as it is, or something made of inputs."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.signature import Feature
from functions.training.learning.graph.graph import Graph
from functions.training.learning.rows import Rows


class Source(Protocol):
    """One column of numbers.

    Attributes:
        name: for people.
    """

    name: str

    def values(self, rows: Rows) -> NDArray[np.float64]:
        """Return the numbers of some rows, NaN where one is missing: [rows]."""

    def add_to(self, graph: Graph) -> str:
        """Add what makes them; return the tensor [rows, 1], float64."""


class Given:
    """The numbers of an input."""

    def __init__(self, feature: Feature) -> None:
        self.name = feature.column
        self._feature = feature

    def values(self, rows: Rows) -> NDArray[np.float64]:
        """Return the numbers of some rows, NaN where one is missing: [rows]."""
        return rows.inputs[self._feature.input][:, 0].astype(np.float64, copy=False)

    def add_to(self, graph: Graph) -> str:
        """Add what makes them; return the tensor [rows, 1], float64."""
        if self._feature.encoding == "double":
            return self._feature.input
        return graph.add("Cast", [self._feature.input], to=11)
