"""Which held-out rows are new to a model that was trained on an earlier snapshot of a table."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from functions.kit.contract.records.columns import Column, Kind
from functions.training.learning.splits.hashing import Hashes
from functions.training.learning.splits.keys import hash_named, numbered, together, told
from functions.training.learning.table import Table

_NUMBERS: frozenset[Kind] = frozenset(("number", "integer", "boolean"))
_TIMES: frozenset[Kind] = frozenset(("datetime", "date"))


def new_rows(
    table: Table, places: NDArray[np.int64], keys: Hashes, target: str, before: bytes
) -> NDArray[np.int64]:
    """Return which of the held-out rows came, or changed, since a snapshot was taken: rising.

    What a row holds in all columns but the target says whether it was there: by its label, too, the
    rows would be those above all whose label is another than the model learnt. Columns that the
    snapshot lacks, or has of another kind, are not looked at. A row that had no label then is new.

    Args:
        table: all rows as they are now.
        places: of the held-out ones in it, [held out].
        keys: of the held-out ones, as `splits.keys` gives them, [held out].
        target: the column that is learnt.
        before: the Parquet file of the snapshot.
    """
    file = pq.ParquetFile(pa.BufferReader(before))
    columns = told(table, [target])
    shared = [one.name for one in columns if _is_there(one, file.schema_arrow)]
    if not shared or target not in file.schema_arrow.names:
        return np.empty(0, dtype=np.int64)
    known = _labelled(_together(file, shared), _column(file, target))
    if len(shared) < len(columns):
        rows = table.take(places)
        keys = together(hash_named(name, rows.arrow(name)) for name in shared)
    return np.flatnonzero(~np.isin(keys, known))


def _together(file: pq.ParquetFile, names: list[str]) -> Hashes:
    return together(hash_named(name, _column(file, name)) for name in names)


def _labelled(found: Hashes, labels: pa.Array) -> Hashes:
    """Return the keys of rows with a label; of rows that are alike, each repeat has its own.

    Where keys of now have no repeats of their own, the first one's is what they are held against.
    """
    return numbered(found[pc.is_valid(labels).to_numpy(zero_copy_only=False)])


def _column(file: pq.ParquetFile, name: str) -> pa.Array:
    return file.read(columns=[name], use_threads=False).column(0).combine_chunks()


def _is_there(column: Column, schema: pa.Schema) -> bool:
    if column.name not in schema.names:
        return False
    kind = schema.field(column.name).type
    if column.kind in _NUMBERS:
        alike = [pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean]
    elif column.kind in _TIMES:
        alike = [pa.types.is_temporal]
    else:
        alike = [pa.types.is_string, pa.types.is_large_string]
    return any(is_one(kind) for is_one in alike)
