"""Rows whose columns were edited: the values as those of the kinds of today (`cells.cast`)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from functions.datasets.adapters.tables.schema import ID, VERSION, table_schema
from functions.datasets.model import cells
from functions.kit.contract.records.columns import Column
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = Lazy("pyarrow")


def conformed(batch: "pa.RecordBatch", columns: Sequence[Column]) -> "pa.RecordBatch":
    """Return the rows with these columns; one that they lack is missing everywhere.

    Raises:
        NotOfKind: a value cannot be of its column's kind.
    """
    schema = table_schema(columns)
    arrays = [batch.column(ID), batch.column(VERSION)]
    for column, field in zip(columns, list(schema)[2:], strict=True):
        if column.name not in batch.schema.names:
            arrays.append(pa.nulls(batch.num_rows, field.type))
        elif (values := batch.column(column.name)).type == field.type:
            arrays.append(values)
        else:
            arrays.append(_cast(values, column, field.type))
    return pa.record_batch(arrays, schema=schema)


def _cast(values: "pa.Array", column: Column, wanted: "pa.DataType") -> "pa.Array":
    """Cast each different value once, as a record's value is cast."""
    coded = values.dictionary_encode()
    cast = [cells.cast(one, column.kind) for one in coded.dictionary.to_pylist()]
    return pa.array(cast, wanted).take(coded.indices)
