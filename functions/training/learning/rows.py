"""Rows ready for a model, as every part of learning takes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.features import Inputs


@dataclass(frozen=True)
class Rows:
    """Rows ready for a model.

    Attributes:
        inputs: ONNX input → array of shape [rows, 1]: float64 numbers, or texts as objects.
        target: the label's place (int64) or the number (float64), shape [rows].
        keys: the stable hash of each record, uint64, shape [rows].
        weights: how much each row counts, float64, shape [rows]; None: all alike.
    """

    inputs: Inputs
    target: NDArray[Any]
    keys: NDArray[np.uint64]
    weights: NDArray[np.float64] | None = None

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.target)

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take, without the texts that their objects are."""
        beside = 0 if self.weights is None else self.weights.nbytes
        inputs = sum(column.nbytes for column in self.inputs.values())
        return inputs + self.target.nbytes + self.keys.nbytes + beside

    def some(self, name: str, places: NDArray[Any]) -> NDArray[Any]:
        """Return an input of the rows at `places`: [places]."""
        found: NDArray[Any] = self.inputs[name][places, 0]
        return found

    def blocks(self) -> Iterator[tuple[slice, Inputs]]:
        """Yield the inputs in parts that fit into memory, each with its place among the rows."""
        yield slice(0, self.rows), self.inputs

    def take(self, places: NDArray[Any]) -> "Rows":
        """Return the rows at `places`."""
        weights = None if self.weights is None else self.weights[places]
        inputs = {name: column[places] for name, column in self.inputs.items()}
        return Rows(inputs, self.target[places], self.keys[places], weights)
