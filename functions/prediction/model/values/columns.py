"""Plain values, by column, as rows that a model takes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from functions.kit.contract.records.columns import Column
from functions.prediction.model.reading import Reading
from functions.prediction.model.tables import Given, Rows, Table, Texts

LEAST_ROWS = 16
"""Rows from which on whole columns are faster than records."""
Cells = Mapping[str, Sequence[Any]]
"""Columns by name, each with a value a row; None where one is missing."""


def rows_of(cells: Cells, rows: int, reading: Reading) -> Rows:
    """Return so many rows of plain values, by column, as the model takes them; raises Invalid.

    Many are made a table where their values allow it, with no record between.
    """
    table = _table(cells, rows, reading) if rows >= LEAST_ROWS else None
    return reading.reader.convert(records_of(cells, rows)) if table is None else table


def _table(cells: Cells, rows: int, reading: Reading) -> Table | None:
    given: dict[str, Given] = {}
    for column in reading.columns:
        values = cells.get(column.name)
        if values is not None:
            found = _given(column, values)
            if found is None:
                return None
            given[column.name] = found
    return reading.tables.read(rows, given)


def _given(column: Column, values: Sequence[Any]) -> "Given | None":
    """Return the values of a column as a table takes them, or None."""
    types = {*map(type, values)} - {type(None)}
    match column.kind:
        case "number" | "integer" if types <= {int, float}:
            return np.array(values, np.float64)  # None is NaN
        case "boolean" if types <= {bool}:
            return np.array(values, np.float64)
        case "category" | "text" if types <= {str}:
            return _texts(column, values)
        case _:
            return None


def _texts(column: Column, values: Sequence[Any]) -> Texts | None:
    """Return texts; None where an empty one is there, which is none of those that there may be."""
    words = {word: place for place, word in enumerate(dict.fromkeys(values))}
    if "" in words and column.levels:
        return None
    distinct = [(word or "").encode() for word in words]
    return Texts(distinct, np.fromiter(map(words.__getitem__, values), np.intp, len(values)))


def records_of(cells: Cells, rows: int) -> list[dict[str, Any]]:
    """Return so many rows of plain values, by column."""
    if not cells:
        return [{} for _ in range(rows)]
    return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
