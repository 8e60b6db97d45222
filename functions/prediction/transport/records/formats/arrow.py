"""Arrow's IPC stream: columns by name, most of them read without a look at each value."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import ipc

from functions.kit.contract.columns import Column
from functions.kit.contract.errors import Unreadable
from functions.kit.contract.features import Array
from functions.prediction.model.options import Options
from functions.prediction.model.questions import Question
from functions.prediction.model.records import MOST_RECORDS
from functions.prediction.model.responses import ignored
from functions.prediction.model.tables import Given, Rows, Table, Texts
from functions.prediction.service.ports import Predictor
from functions.prediction.transport.records.formats.arrow_answers import write
from functions.prediction.transport.records.formats.arrow_messages import check_uncompressed
from functions.prediction.transport.records.formats.arrow_types import (
    DAMAGED,
    is_text,
    plain,
    reason,
    unreadable,
)
from functions.prediction.transport.records.formats.columns import (
    check_count,
    check_names,
    records_of,
)
from functions.prediction.transport.records.formats.values import CONVERTERS

__all__ = ["read", "write"]

Columns = Mapping[str, pa.Array]


def read(body: bytes, predictor: Predictor, options: Options) -> Question:
    """Return what a body asks; raises Unreadable, Invalid."""
    try:
        return _read(body, predictor, options)
    except DAMAGED as error:
        raise Unreadable(f"The body is no stream of Arrow: {reason(error)}.") from error


def _read(body: bytes, predictor: Predictor, options: Options) -> Question:
    table = _table(body)
    known, unknown = check_names(table.schema.names, predictor, options)
    columns = {name: plain(name, table.column(name)) for name in known}
    rows: Rows | None = _as_table(table.num_rows, columns, known, predictor)
    if rows is None:
        rows = predictor.reader.convert(_as_records(columns, known, table.num_rows))
    return Question(rows, options, ignored(unknown) if unknown else ())


def _table(body: bytes) -> pa.Table:
    """Return the rows of a stream, of which there are as many as a call may have."""
    check_uncompressed(body)
    with ipc.open_stream(pa.py_buffer(body)) as stream:
        batches, count = [], 0
        for batch in stream:
            batches.append(batch)
            count += batch.num_rows
            if count > MOST_RECORDS:
                break
        table = pa.Table.from_batches(batches, stream.schema)
    check_count(table.num_rows)  # before anything of so many rows is looked at
    table.validate(full=True)
    return table


def _as_table(
    rows: int, columns: Columns, known: Mapping[str, Column], predictor: Predictor
) -> Table | None:
    """Return the columns as a table, or None where only records can tell."""
    given: dict[str, Given] = {}
    for name, array in columns.items():
        found = _given(array, known[name])
        if found is None:
            return None
        given[name] = found
    return predictor.tables.read(rows, given)


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


def _as_records(columns: Columns, known: Mapping[str, Column], rows: int) -> list[dict[str, Any]]:
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
