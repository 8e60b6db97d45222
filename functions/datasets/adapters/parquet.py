"""Records as a Parquet file: one column each, types by kind, flat memory."""

from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING

import msgspec

from functions.datasets.model.cells import Value
from functions.kit.contract.batches import batches
from functions.kit.contract.columns import Column, Kind
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet
else:
    pa = Lazy("pyarrow")
    parquet = Lazy("pyarrow.parquet")

MEDIA_TYPE = "application/vnd.apache.parquet"
# Cells and characters in a row group, which is held in memory whole.
GROUP_SIZE = 4_000_000
# Where the file keeps the columns as Mayfly knows them, as JSON.
METADATA_KEY = b"mayfly.columns"


def types() -> dict[Kind, "pa.DataType"]:
    """Return the type of each kind's column."""
    return {
        "number": pa.float64(),
        "integer": pa.int64(),
        "boolean": pa.bool_(),
        "datetime": pa.timestamp("us", tz="UTC"),
        "date": pa.date32(),
        "category": pa.string(),
        "text": pa.string(),
    }


def arrow_schema(columns: Sequence[Column]) -> "pa.Schema":
    """Return the file's schema; required columns are not nullable."""
    by_kind = types()
    fields = [
        pa.field(column.name, by_kind[column.kind], nullable=not column.required)
        for column in columns
    ]
    return pa.schema(fields, metadata={METADATA_KEY: msgspec.json.encode(columns)})


def write(file: IO[bytes], columns: Sequence[Column], rows: Iterable[dict[str, Value]]) -> int:
    """Write rows, in order, into an open file; return how many there were."""
    schema = arrow_schema(columns)
    count = 0
    with parquet.ParquetWriter(file, schema) as writer:
        for group in batches(rows, _size, GROUP_SIZE):
            arrays = [
                pa.array([row[field.name] for row in group], type=field.type) for field in schema
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(group)
    return count


def _size(row: dict[str, Value]) -> int:
    return 16 * len(row) + sum(len(value) for value in row.values() if isinstance(value, str))
