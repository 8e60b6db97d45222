"""The columns of a table as arrays of numpy's, for its profile."""

from typing import TYPE_CHECKING, Any

from functions.datasets.adapters.tables.arrow_table import ArrowTable
from functions.datasets.model.profile.cells import MEASURED, MISSING, ColumnCells
from functions.datasets.model.queries.query import Query
from functions.kit.contract.records.columns import Column
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
else:
    np, pa, pc = Lazy("numpy"), Lazy("pyarrow"), Lazy("pyarrow.compute")

MICROSECONDS = 1e6
DAY = 86_400.0


def columns_of(table: ArrowTable) -> list[ColumnCells]:
    """Return all columns, with their rows by id."""
    batches = list(table.batches(Query()))
    return [
        _cells(column, pa.chunked_array([one.column(column.name) for one in batches]))
        if batches
        else _cells(column, pa.chunked_array([pa.array([], pa.int64())]))
        for column in table.columns
    ]


def _cells(column: Column, values: "pa.ChunkedArray") -> ColumnCells:
    if column.kind in MEASURED:
        return _measured(column, values)
    coded = values.dictionary_encode().unify_dictionaries().combine_chunks()
    words = coded.dictionary.to_pylist()
    codes = coded.indices.fill_null(MISSING).to_numpy(zero_copy_only=False).astype(np.int64)
    return ColumnCells(column, codes, words=[_word(one) for one in words])


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else value


def _measured(column: Column, values: "pa.ChunkedArray") -> ColumnCells:
    present = values.is_valid().to_numpy()
    numbers = _numbers(values.drop_null())
    levels, found = np.unique(numbers, return_inverse=True)
    codes = np.full(len(present), MISSING, np.int64)
    codes[present] = found
    return ColumnCells(column, codes, levels=levels.astype(np.float64))


def _numbers(values: "pa.ChunkedArray") -> Any:
    """Return values as numbers: times and days in seconds since 1970."""
    if pa.types.is_timestamp(values.type):
        return values.cast(pa.int64()).to_numpy() / MICROSECONDS
    if pa.types.is_date(values.type):
        return values.cast(pa.int32()).to_numpy() * DAY
    return values.to_numpy()
