"""The table that a job trains on: columns with their kinds, and their values."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from functions.kit.contract.columns import Column


@dataclass(frozen=True)
class Table:
    """A dataset in memory.

    Attributes:
        columns: what each column may hold, in order.
        values: column name → its values, None where one is missing.
    """

    columns: Sequence[Column]
    values: dict[str, list[Any]]

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return len(self.values[self.columns[0].name]) if self.columns else 0

    def take(self, places: Sequence[int]) -> "Table":
        """Return the rows at `places`, in that order."""
        taken = {name: [values[place] for place in places] for name, values in self.values.items()}
        return Table(self.columns, taken)


def _present(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def from_parquet(data: bytes, columns: Sequence[Column]) -> Table:
    """Read the `columns` of a snapshot; a missing number may be NaN there, and is None here."""
    stored = pq.read_table(io.BytesIO(data), columns=[column.name for column in columns])
    values = {
        column.name: [_present(value) for value in stored.column(column.name).to_pylist()]
        for column in columns
    }
    return Table(columns, values)
