"""Columns of Arrow as rows that a model takes: most without a look at each value."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from functions.kit.contract.models.features import Array
from functions.kit.contract.records.columns import Column
from functions.prediction.model.tables import Given, Table, TableReader, Texts
from functions.prediction.model.values.arrow_types import DAMAGED, is_text, unreadable
from functions.prediction.model.values.columns import records_of
from functions.prediction.model.values.typed import CONVERTERS

Columns = Mapping[str, pa.Array]
"""By name, each as `arrow_types.plain` gives it."""


def as_table(
    rows: int, columns: Columns, known: Mapping[str, Column], tables: TableReader
) -> Table | None:
    """Return the columns as a table, or None where only records can tell."""
    given: dict[str, Given] = {}
    for name, array in columns.items():
        found = _given(array, known[name])
        if found is None:
            return None
        given[name] = found
    return tables.read(rows, given)


def _given(array: pa.Array, column: Column) -> "Given | None":
    """Return a column as a table takes it, or None."""
    kind = array.type
    if pa.types.is_null(kind):
        return _missing(len(array), column)
    if is_text(kind) or pa.types.is_dictionary(kind):
        return _texts(array, column)
    if pa.types.is_boolean(kind):
        # A number that is missing among truths is NaN; a column of numbers takes no truths.
        return _floats(array.cast(pa.uint8())) if column.kind == "boolean" else None
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        # Whole numbers stand for truths in tensors, which have no others; here they do not.
        return None if column.kind == "boolean" else _floats(array)
    if (pa.types.is_timestamp(kind) and column.kind == "datetime") or (
        pa.types.is_date(kind) and column.kind == "date"
    ):
        return _floats(array).astype("datetime64[us]")
    return None


def _missing(rows: int, column: Column) -> "Given":
    match column.kind:
        case "category" | "text":
            return Texts([b""], np.zeros(rows, np.intp))
        case "datetime" | "date":
            return np.full(rows, "NaT", "datetime64[us]")
        case _:
            return np.full(rows, np.nan)


def _floats(array: pa.Array) -> Array:
    found: Array = array.to_numpy(zero_copy_only=False)
    return found


def _texts(array: pa.Array, column: Column) -> Texts | None:
    """Return texts; None where an empty one that is there may not be, or they are no texts."""
    if column.kind not in {"category", "text"}:
        return None
    found = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    words: list[str | None] = found.dictionary.to_pylist()
    if column.levels and not {*words}.issubset({*column.levels, None}):
        return None
    distinct = [(word or "").encode() for word in words]
    places = found.indices
    if places.null_count:
        places = places.cast(pa.int64()).fill_null(len(distinct))
        distinct.append(b"")
    return Texts(distinct, places.to_numpy().astype(np.intp))


def as_records(columns: Columns, known: Mapping[str, Column], rows: int) -> list[dict[str, Any]]:
    """Return rows of plain values, by column; raises Unreadable."""
    cells = {
        name: [*map(CONVERTERS[known[name].kind], _values(name, array))]
        for name, array in columns.items()
    }
    return records_of(cells, rows)


def _values(name: str, array: pa.Array) -> list[Any]:
    """Return the values; one of a dictionary is the same object wherever it stands."""
    try:
        if pa.types.is_dictionary(array.type):
            words = array.dictionary.to_pylist()
            places = array.indices.to_pylist()
            return [None if place is None else words[place] for place in places]
        found: list[Any] = array.to_pylist()
    except DAMAGED as error:  # such as a moment beyond the year 9999
        raise unreadable(name, error) from error
    return found
