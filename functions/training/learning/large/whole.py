"""All training rows of a table of which only some are in memory: read again for the last fit."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.features import Inputs
from functions.kit.contract.models.signature import Signature
from functions.training.learning.preprocessing.encoding import encode, encode_feature
from functions.training.learning.rows import Rows
from functions.training.learning.table import Table

ROWS_AT_ONCE = 65_536


@dataclass(frozen=True)
class Whole:
    """Which rows of the table those are, and what each has beside its inputs.

    Attributes:
        places: in the table, rising: [rows].
        target: as in `Rows`.
        weights: as in `Rows`.
    """

    places: NDArray[np.int64]
    target: NDArray[Any]
    weights: NDArray[np.float64] | None

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.places)

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take."""
        beside = 0 if self.weights is None else self.weights.nbytes
        return self.places.nbytes + self.target.nbytes + beside

    def of(self, table: Table, signature: Signature) -> "StreamedRows":
        """Return the rows, whose inputs are read from the table when they are asked for."""
        inputs = _Columns(table, signature, self.places)
        none = np.zeros(0, np.uint64)
        return StreamedRows(
            inputs,
            self.target,
            none,
            self.weights,
            places=self.places,
            table=table,
            signature=signature,
        )


class _Columns(dict[str, NDArray[Any]]):
    """Inputs of which none is kept: each is read when it is looked up."""

    def __init__(self, table: Table, signature: Signature, places: NDArray[np.int64]) -> None:
        super().__init__()
        self._table = table
        self._signature = signature
        self._places = places

    def __missing__(self, name: str) -> NDArray[Any]:
        return encode_feature(self._signature, name, self._table.take(self._places))


@dataclass(frozen=True, kw_only=True)
class StreamedRows(Rows):
    """Rows of which a column, or a block, is in memory at a time.

    Attributes:
        places: in the table.
        table: where they are read.
        signature: what is made of its columns.
    """

    places: NDArray[np.int64]
    table: Table
    signature: Signature

    def some(self, name: str, places: NDArray[Any]) -> NDArray[Any]:
        """Return an input of the rows at `places`: [places]."""
        found = encode_feature(self.signature, name, self.table.take(self.places[places]))
        return found[:, 0]

    def blocks(self) -> Iterator[tuple[slice, Inputs]]:
        """Yield the inputs in parts that fit into memory, each with its place among the rows."""
        names = list(dict.fromkeys(one.column for one in self.signature.features))
        for begin, block in self.table.blocks(names, ROWS_AT_ONCE):
            first, last = np.searchsorted(self.places, (begin, begin + block.rows))
            if first < last:
                part = block.take(self.places[first:last] - begin)
                yield slice(int(first), int(last)), encode(self.signature, part)
