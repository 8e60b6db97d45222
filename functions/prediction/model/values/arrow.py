"""Columns of Arrow as rows that a model takes: most without a look at each value."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from functions.kit.contract.columns import Column
from functions.kit.contract.errors import Flaw, Unreadable
from functions.kit.contract.features import Array
from functions.prediction.model.tables import Given, Table, TableReader, Texts
from functions.prediction.model.values.typed import CONVERTERS

Columns = Mapping[str, pa.Array]
Cells = Mapping[str, Sequence[Any]]
"""Columns by name, each with a value a row; None where one is missing."""


def plain(name: str, column: "pa.ChunkedArray | pa.Array") -> pa.Array:
    """Return a column as one array, of a type that stands for no other."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    kind = array.type
    try:
        if pa.types.is_timestamp(kind):
            # What is finer than a microsecond is dropped, as it is of a text; nothing wraps.
            return array.cast(pa.timestamp("us", kind.tz), safe=kind.unit != "ns")
        if pa.types.is_decimal(kind):
            return array.cast(pa.float64())
        if pa.types.is_dictionary(kind):
            return _decoded_numbers(array)
    except pa.ArrowException as error:
        raise _unreadable(name, error) from error
    return array


def _decoded_numbers(array: pa.DictionaryArray) -> pa.Array:
    return array if _is_text(array.type.value_type) else array.dictionary_decode()


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
    if _is_text(kind) or pa.types.is_dictionary(kind):
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


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def as_records(columns: Columns, known: Mapping[str, Column], rows: int) -> list[dict[str, Any]]:
    """Return rows of plain values, by column."""
    cells = {
        name: [*map(CONVERTERS[known[name].kind], _values(name, array))]
        for name, array in columns.items()
    }
    return records_of(cells, rows)


def _values(name: str, array: pa.Array) -> list[Any]:
    try:
        found: list[Any] = array.to_pylist()
    except (ValueError, OverflowError) as error:  # a moment beyond the year 9999
        raise _unreadable(name, error) from error
    return found


def _unreadable(name: str, error: Exception) -> Unreadable:
    reason = " ".join(str(error).split())[:300]
    return Unreadable(f"The column '{name}' cannot be read: {reason}.", Flaw(reason, column=name))


def records_of(cells: Cells, rows: int) -> list[dict[str, Any]]:
    """Return so many rows of plain values, by column."""
    if not cells:
        return [{} for _ in range(rows)]
    return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
