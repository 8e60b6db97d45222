"""Arrow's IPC stream: columns by name, most of them read without a look at each value."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from pyarrow import ipc

from functions.kit.contract.errors import Unreadable
from functions.kit.contract.features import Array
from functions.prediction.model.options import Options
from functions.prediction.model.questions import Question
from functions.prediction.model.records import MOST_RECORDS
from functions.prediction.model.responses import column_chooser
from functions.prediction.model.values.arrow import as_records, as_table, plain
from functions.prediction.service.ports import Predictor
from functions.prediction.transport.records.formats.arrow_messages import check_uncompressed
from functions.prediction.transport.records.formats.columns import (
    check_count,
    check_names,
)
from functions.prediction.transport.records.formats.forms import Answered

Columns = Mapping[str, pa.Array]


def read(body: bytes, predictor: Predictor, options: Options) -> Question:
    """Return what a body asks; raises Unreadable, Invalid."""
    table = _table(body)
    known, _unknown = check_names(table.schema.names, predictor, options)
    check_count(table.num_rows)
    columns = {name: plain(name, table.column(name)) for name in known}
    rows = as_table(table.num_rows, columns, known, predictor.tables)
    if rows is None:
        return Question(predictor.reader.convert(as_records(columns, known)), options)
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
