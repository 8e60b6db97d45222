"""Rows ready for a model, as every part of learning takes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.features import Inputs
from functions.training.learning.splits.units import ids_of


@dataclass(frozen=True)
class Rows:
    """Rows ready for a model.

    Attributes:
        inputs: ONNX input → array of shape [rows, 1]: float64 numbers, or texts as objects.
        target: the label's place (int64) or the number (float64), shape [rows].
        keys: the stable hash of each record, uint64, shape [rows].
        weights: how much each row counts, float64, shape [rows]; None: all alike.
        groups: the hash of each row's group, uint64, shape [rows], 0 for none; None: no groups.
        times: when each row was, float64, shape [rows], NaN where nobody knows; None: not split
            by time.
    """

    inputs: Inputs
    target: NDArray[Any]
    keys: NDArray[np.uint64]
    weights: NDArray[np.float64] | None = None
    groups: NDArray[np.uint64] | None = None
    times: NDArray[np.float64] | None = None

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.target)

    @property
    def units(self) -> NDArray[np.uint64]:
        """What is drawn together where one asks what other rows would say: groups, and copies."""
        return ids_of(self.keys, self.groups)

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take, without the texts that their objects are."""
        some = (self.weights, self.groups, self.times)
        beside = sum(one.nbytes for one in some if one is not None)
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
        inputs = {name: column[places] for name, column in self.inputs.items()}
        some = (self.weights, self.groups, self.times)
        weights, groups, times = (None if one is None else one[places] for one in some)
        return Rows(inputs, self.target[places], self.keys[places], weights, groups, times)

    def and_(self, other: "Rows") -> "Rows":
        """Return the rows of both."""
        inputs = {
            name: np.concatenate([it, other.inputs[name]]) for name, it in self.inputs.items()
        }
        mine = (self.weights, self.groups, self.times)
        theirs = (other.weights, other.groups, other.times)
        weights, groups, times = (_both(*pair) for pair in zip(mine, theirs, strict=True))
        target = np.concatenate([self.target, other.target])
        keys = np.concatenate([self.keys, other.keys])
        return Rows(inputs, target, keys, weights, groups, times)


def _both(one: NDArray[Any] | None, other: NDArray[Any] | None) -> NDArray[Any] | None:
    return None if one is None or other is None else np.concatenate([one, other])
