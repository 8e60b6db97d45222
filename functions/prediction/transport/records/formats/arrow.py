"""Arrow's IPC stream: columns by name, most of them read without a look at each value."""

from collections.abc import Mapping, Sequence
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
from functions.prediction.model.responses import column_chooser
from functions.prediction.model.tables import Given, Table, Texts
from functions.prediction.service.ports import Predictor
from functions.prediction.transport.records.formats.arrow_messages import check_uncompressed
from functions.prediction.transport.records.formats.columns import (
    check_count,
    check_names,
    records_of,
)
from functions.prediction.transport.records.formats.forms import Answered
from functions.prediction.transport.records.formats.values import CONVERTERS

Columns = Mapping[str, pa.Array]


def read(body: bytes, predictor: Predictor, options: Options) -> Question:
    """Return what a body asks; raises Unreadable, Invalid."""
    table = _table(body)
    known, _unknown = check_names(table.schema.names, predictor, options)
    check_count(table.num_rows)
    columns = {name: _plain(name, table.column(name)) for name in known}
    rows = _as_table(table.num_rows, columns, known, predictor)
    if rows is None:
        return Question(predictor.reader.convert(_as_records(columns, known)), options)
    return Question(rows, options)


def _table(body: bytes) -> pa.Table:
    """Return the rows of a stream, at most one batch beyond what a call may have."""
    check_uncompressed(body)
    try:
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
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        raise Unreadable(f"The body is no stream of Arrow: {reason}.") from error
    return table


def _plain(name: str, column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array, of a type that stands for no other."""
    array = column.combine_chunks()
    kind = array.type
    try:
        if pa.types.is_timestamp(kind):
            return array.cast(pa.timestamp("us", kind.tz), safe=False)
        if pa.types.is_decimal(kind):
            return array.cast(pa.float64())
        if pa.types.is_dictionary(kind):
            return _decoded_numbers(array)
    except pa.ArrowException as error:
        raise Unreadable(f"The column '{name}' cannot be read: {error}.") from error
    return array


def _decoded_numbers(array: pa.DictionaryArray) -> pa.Array:
    return array if _is_text(array.type.value_type) else array.dictionary_decode()


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


def _as_records(columns: Columns, known: Mapping[str, Column]) -> list[dict[str, Any]]:
    return records_of(
        {
            name: [*map(CONVERTERS[known[name].kind], array.to_pylist())]
            for name, array in columns.items()
        }
    )


def write(answered: Answered) -> bytes:
    """Return an answer's bytes: typed columns, and who answered in the schema's metadata."""
    answer = answered.response
    fields = _columns(answered)
    said = {"id": answer.id, "model": answer.model, "version": str(answer.version)}
    batch = pa.RecordBatch.from_arrays([*fields.values()], [*fields]).replace_schema_metadata(said)
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    body: bytes = sink.getvalue().to_pybytes()
    return body


def _columns(answered: Answered) -> dict[str, pa.Array]:
    output, labels = answered.output, answered.predictor.version.signature.labels
    if not labels:
        return {"value": pa.array(output.ravel())}
    places = column_chooser(answered.predictor.version.signature)(output)
    return {
        "label": pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), labels),
        "probability": pa.array(output[np.arange(len(output)), places]),
        "probabilities": _by_label(labels, output),
    }


def _by_label(labels: Sequence[str], output: Array) -> pa.Array:
    values = [pa.array(np.ascontiguousarray(column)) for column in output.T]
    return pa.StructArray.from_arrays(values, [*labels])
