"""What kinds of columns are in Arrow, and what a file says of the table that it holds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from functions.kit.contract.records.columns import Column, Kind
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = Lazy("pyarrow")

# Columns of ours beside those of the dataset, whose names cannot be like this.
ID = "__id__"
"""The number of the row: the id of its record."""
VERSION = "__version__"
# Where a file keeps the columns as Mayfly knows them, as JSON.
COLUMNS_KEY = b"mayfly.columns"
TABLE_KEY = b"mayfly.table"


class TableNote(msgspec.Struct, frozen=True):
    """What else a file keeps of its table.

    Attributes:
        revision: whose rows it holds.
        cast: the columns whose values were stored as another kind than they have here.
    """

    revision: int
    cast: list[str] = []


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


def shown_schema(columns: Sequence[Column]) -> "pa.Schema":
    """Return the schema of a snapshot; required columns are not nullable."""
    by_kind = types()
    fields = [
        pa.field(column.name, by_kind[column.kind], nullable=not column.required)
        for column in columns
    ]
    return pa.schema(fields, metadata={COLUMNS_KEY: msgspec.json.encode(columns)})


def table_schema(columns: Sequence[Column]) -> "pa.Schema":
    """Return the schema of a table in memory: with ids and versions, all else nullable."""
    by_kind = types()
    fields = [pa.field(column.name, by_kind[column.kind]) for column in columns]
    return pa.schema([pa.field(ID, pa.int64()), pa.field(VERSION, pa.int64()), *fields])
