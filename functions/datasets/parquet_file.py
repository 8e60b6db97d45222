"""Records as a Parquet file: one column each, types by kind, flat memory."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO

import msgspec
import pyarrow as pa
from pyarrow import parquet

from functions.datasets.cells import Value
from functions.kit.columns import Column, Kind

MEDIA_TYPE = "application/vnd.apache.parquet"
ROW_GROUP = 20_000
# Where the file keeps the columns as Mayfly knows them, as JSON.
METADATA_KEY = b"mayfly.columns"

TYPES: dict[Kind, pa.DataType] = {
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "datetime": pa.timestamp("us", tz="UTC"),
    "category": pa.string(),
    "text": pa.string(),
}


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """Return the file's schema; required columns are not nullable."""
    fields = [
        pa.field(column.name, TYPES[column.kind], nullable=not column.required)
        for column in columns
    ]
    return pa.schema(fields, metadata={METADATA_KEY: msgspec.json.encode(columns)})


def write(file: IO[bytes], columns: Sequence[Column], rows: Iterable[dict[str, Value]]) -> int:
    """Write rows, in order, into an open file; return how many there were."""
    schema = arrow_schema(columns)
    count = 0
    with parquet.ParquetWriter(file, schema) as writer:
        for group in _groups(iter(rows)):
            arrays = [
                pa.array([row[field.name] for row in group], type=field.type) for field in schema
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(group)
    return count


def _groups(rows: Iterator[dict[str, Value]]) -> Iterator[list[dict[str, Value]]]:
    while group := list(islice(rows, ROW_GROUP)):
        yield group
