"""Arrow's IPC stream: columns by name, most of them read without a look at each value."""

from collections.abc import Mapping

import pyarrow as pa
from pyarrow import ipc

from functions.kit.contract.errors import Unreadable
from functions.prediction.model.options import Options
from functions.prediction.model.questions import Question
from functions.prediction.model.records import MOST_RECORDS
from functions.prediction.model.values.arrow import as_records, as_table, plain
from functions.prediction.service.ports import Predictor
from functions.prediction.transport.records.formats.arrow_answers import write
from functions.prediction.transport.records.formats.arrow_messages import check_uncompressed
from functions.prediction.transport.records.formats.beside import ignored
from functions.prediction.transport.records.formats.columns import (
    check_count,
    check_names,
)

__all__ = ["read", "write"]

Columns = Mapping[str, pa.Array]


def read(body: bytes, predictor: Predictor, options: Options) -> Question:
    """Return what a body asks; raises Unreadable, Invalid."""
    table = _table(body)
    known, unknown = check_names(table.schema.names, predictor, options)
    check_count(table.num_rows)
    columns = {name: plain(name, table.column(name)) for name in known}
    rows = as_table(table.num_rows, columns, known, predictor.tables)
    if rows is not None:
        return Question(rows, options, ignored(unknown))
    records = predictor.reader.convert(as_records(columns, known, table.num_rows))
    return Question(records, options, ignored(unknown))


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
