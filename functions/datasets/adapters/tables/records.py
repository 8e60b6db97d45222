"""Records as a batch of Arrow, and back."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from functions.datasets.adapters.tables.schema import ID, VERSION, table_schema
from functions.datasets.model.cells import Value
from functions.datasets.model.dataset import Record, record_id
from functions.kit.contract.records.columns import Column, Kind
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = Lazy("pyarrow")


def batch_of(records: Sequence[Record], columns: Sequence[Column]) -> "pa.RecordBatch":
    """Return a batch of records, whose values are of their columns' kinds."""
    schema = table_schema(columns)
    arrays = [
        pa.array([int(record.id) for record in records], pa.int64()),
        pa.array([record.version for record in records], pa.int64()),
    ]
    for column, field in zip(columns, list(schema)[2:], strict=True):
        values = [record.values[column.name] for record in records]
        arrays.append(pa.array(_encoded(values, column.kind), field.type))
    return pa.record_batch(arrays, schema=schema)


def _encoded(values: list[Value], kind: Kind) -> list[Any]:
    """Return values as Arrow takes them: a day may be stored as its text."""
    if kind != "date":
        return values
    return [dt.date.fromisoformat(one) if isinstance(one, str) else one for one in values]


def to_records(batch: "pa.RecordBatch | None", columns: Sequence[Column]) -> list[Record]:
    """Return the records of a batch, in order; none of None."""
    if batch is None:
        return []
    names = [column.name for column in columns]
    rows = zip(*(cells_of(batch, column) for column in columns), strict=True)
    ids, versions = batch.column(ID).to_pylist(), batch.column(VERSION).to_pylist()
    return [
        Record(record_id(row), version, dict(zip(names, values, strict=True)))
        for row, version, values in zip(ids, versions, rows, strict=True)
    ]


def cells_of(batch: "pa.RecordBatch", column: Column) -> list[Value]:
    """Return the values of a column, in order."""
    values: list[Value] = batch.column(column.name).to_pylist()
    return values if column.kind != "datetime" else list(map(_plain, values))


def _plain(moment: Any) -> Value:
    """Return a moment with the time zone that all of ours have."""
    return None if moment is None else moment.replace(tzinfo=dt.UTC)
