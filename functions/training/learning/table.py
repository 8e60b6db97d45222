"""The table that a job trains on: columns with their kinds, read one at a time from a snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from functions.kit.contract.records.columns import Column, Kind

_NUMERIC: set[Kind] = {"number", "integer", "boolean"}
_TYPES: dict[Kind, pa.DataType] = {
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "category": pa.string(),
    "text": pa.string(),
    "datetime": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
}


class Table:
    """A dataset's rows, a column at a time: no list of Python's objects, nothing held twice.

    Args:
        columns: what each column may hold, in order.
        values: column name → its values as an Arrow array; or as a list, None where one is missing.

    Attributes:
        columns: as given.
        rows: how many rows the table has.
    """

    def __init__(
        self, columns: Sequence[Column], values: Mapping[str, "pa.Array | Sequence[Any]"]
    ) -> None:
        self.columns = columns
        self._kinds = {column.name: column.kind for column in columns}
        self._values = values
        self.rows = len(values[columns[0].name]) if columns else 0

    def arrow(self, name: str) -> pa.Array:
        """Return a column's values; what is missing is null, a stored NaN too."""
        kind, found = self._kinds[name], self._values[name]
        if not isinstance(found, pa.Array):
            found = pa.array(found, _TYPES[kind], from_pandas=True)
        if kind == "number":
            found = pc.if_else(pc.is_nan(found), pa.scalar(None, found.type), found)
        return found

    def array(self, name: str) -> NDArray[Any]:
        """Return a column's values as `features.encode_column` takes them: [rows].

        Numbers, integers and booleans are float64 with NaN where one is missing; moments and days
        datetime64 with NaT; texts objects with None, one object for all that are equal.
        """
        found, kind = self.arrow(name), self._kinds[name]
        if kind in _NUMERIC:
            return np.asarray(found.cast(pa.float64(), safe=False), dtype=np.float64)
        if kind == "datetime":
            # numpy's moments have no zone: they are UTC's.
            return np.asarray(found.cast(pa.timestamp("us")), dtype="datetime64[us]")
        if kind == "date":
            return np.asarray(found.cast(pa.date32()), dtype="datetime64[D]")
        return _shared_texts(found)

    @property
    def values(self) -> Mapping[str, list[Any]]:
        """Column name → a list of its values, None where one is missing; made at each use."""
        return _Lists(self)

    def take(self, places: Sequence[int] | NDArray[Any]) -> "Table":
        """Return the rows at `places`, in that order; a column is taken when it is read."""
        chosen = pa.array(places, pa.int64())
        return Table(self.columns, _Taken(self, chosen)) if self.columns else self

    def blocks(self, names: Sequence[str], size: int) -> Iterator[tuple[int, "Table"]]:
        """Yield some columns, at most `size` rows at a time, each with the place of its first."""
        columns = [column for column in self.columns if column.name in set(names)]
        begin = 0
        for values in self._parts([column.name for column in columns], size):
            block = Table(columns, values)
            yield begin, block
            begin += block.rows

    def _parts(self, names: Sequence[str], size: int) -> Iterator[Mapping[str, pa.Array]]:
        if isinstance(self._values, _Stored):
            yield from self._values.parts(names, size)
            return
        whole = {name: self.arrow(name) for name in names}
        for begin in range(0, self.rows, size):
            yield {name: values.slice(begin, size) for name, values in whole.items()}


class _Taken(Mapping[str, pa.Array]):
    """Columns of another table, of which some rows are taken."""

    def __init__(self, table: Table, places: pa.Array) -> None:
        self._table = table
        self._places = places

    def __getitem__(self, name: str) -> pa.Array:
        return self._table.arrow(name).take(self._places)

    def __iter__(self) -> Iterator[str]:
        return (column.name for column in self._table.columns)

    def __len__(self) -> int:
        return len(self._table.columns)


class _Lists(Mapping[str, list[Any]]):
    def __init__(self, table: Table) -> None:
        self._table = table

    def __getitem__(self, name: str) -> list[Any]:
        found: list[Any] = self._table.arrow(name).to_pylist()
        return found

    def __iter__(self) -> Iterator[str]:
        return (column.name for column in self._table.columns)

    def __len__(self) -> int:
        return len(self._table.columns)


class _Stored(Mapping[str, pa.Array]):
    """The columns of a Parquet file, each read when it is asked for."""

    def __init__(self, file: pq.ParquetFile, names: Sequence[str]) -> None:
        self._file = file
        self._names = names

    def __getitem__(self, name: str) -> pa.Array:
        return self._file.read(columns=[name], use_threads=False).column(0).combine_chunks()

    def parts(self, names: Sequence[str], size: int) -> Iterator[Mapping[str, pa.Array]]:
        """Yield some columns, so many rows at a time."""
        for batch in self._file.iter_batches(size, columns=list(names), use_threads=False):
            yield {name: batch.column(name) for name in names}

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _shared_texts(found: pa.Array) -> NDArray[np.object_]:
    encoded = found.dictionary_encode()
    words = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
    places = encoded.indices.fill_null(len(words) - 1)
    shared: NDArray[np.object_] = words[places.to_numpy(zero_copy_only=False)]
    return shared


def from_parquet(data: bytes, columns: Sequence[Column]) -> Table:
    """Return the `columns` of a snapshot; a missing number may be NaN there."""
    file = pq.ParquetFile(pa.BufferReader(data))
    return Table(columns, _Stored(file, [column.name for column in columns]))
