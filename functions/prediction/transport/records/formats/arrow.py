"""Arrow's IPC stream: columns by name, most of them read without a look at each value."""

import pyarrow as pa
from pyarrow import ipc

from functions.kit.contract.errors import Unreadable
from functions.prediction.model.options import Options
from functions.prediction.model.questions import Question
from functions.prediction.model.records import MOST_RECORDS
from functions.prediction.model.responses import ignored
from functions.prediction.model.values.arrow import as_records, as_table
from functions.prediction.model.values.arrow_types import DAMAGED, plain, reason
from functions.prediction.service.ports import Predictor
from functions.prediction.transport.records.formats.arrow_answers import write
from functions.prediction.transport.records.formats.arrow_messages import check_uncompressed
from functions.prediction.transport.records.formats.columns import (
    check_count,
    check_names,
)

__all__ = ["read", "write"]


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
    rows = as_table(table.num_rows, columns, known, predictor.tables)
    notices = ignored(unknown) if unknown else ()
    if rows is not None:
        return Question(rows, options, notices)
    records = predictor.reader.convert(as_records(columns, known, table.num_rows))
    return Question(records, options, notices)


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
