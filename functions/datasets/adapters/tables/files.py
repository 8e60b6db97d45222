"""Tables as files of Parquet, written and read with flat memory."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import msgspec

from functions.datasets.adapters.tables import exports
from functions.datasets.adapters.tables.arrow_table import BLOCK, ArrowTable
from functions.datasets.adapters.tables.blocks import Block, batches_of
from functions.datasets.adapters.tables.columns import columns_of
from functions.datasets.adapters.tables.records import batch_of
from functions.datasets.adapters.tables.schema import (
    COLUMNS_KEY,
    ID,
    TABLE_KEY,
    TableNote,
    shown_schema,
    table_schema,
)
from functions.datasets.model.dataset import Record
from functions.datasets.model.profile.cells import ColumnCells
from functions.datasets.model.queries.query import Query
from functions.kit.contract.records.columns import Column
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import ipc, parquet
else:
    pa, ipc, parquet = Lazy("pyarrow"), Lazy("pyarrow.ipc"), Lazy("pyarrow.parquet")

MEDIA_TYPE = "application/vnd.apache.parquet"
GROUP_BYTES = 32 * 1024 * 1024
"""What a row group holds in memory, about."""


class TableWriter:
    """Writes records into a file of a table, a row group at a time."""

    def __init__(self, columns: Sequence[Column], groups: "_Groups") -> None:
        self._columns = columns
        self._groups = groups
        self.rows = 0

    def add(self, records: Sequence[Record]) -> None:
        """Take records, whose values are of the columns' kinds; they are sorted by the group."""
        if records:
            self._groups.add(batch_of(records, self._columns))
            self.rows += len(records)

    def add_file(self, file: IO[bytes]) -> None:
        """Take all records of a file of the same columns."""
        found = parquet.ParquetFile(file)
        for group in range(found.num_row_groups):
            rows = found.read_row_group(group)
            self.rows += rows.num_rows
            for batch in rows.to_batches():
                self._groups.add(batch)


class Tables:
    """The TableFiles that are Parquet.

    Args:
        most_bytes: of a table's rows that are kept in memory; what is more lies in a file.
    """

    media_type = MEDIA_TYPE

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes

    @contextmanager
    def writer(
        self, file: IO[bytes], columns: Sequence[Column], note: dict[str, Any]
    ) -> Iterator[TableWriter]:
        """See TableFiles."""
        schema = table_schema(columns).with_metadata({COLUMNS_KEY: msgspec.json.encode(columns)})
        with parquet.ParquetWriter(file, schema) as writer:
            groups = _Groups(writer, schema)
            yield TableWriter(columns, groups)
            groups.flush()
            kept = msgspec.convert(note, TableNote)
            writer.add_key_value_metadata({TABLE_KEY: msgspec.json.encode(kept)})

    def write(self, file: IO[bytes], table: ArrowTable) -> None:
        """See TableFiles."""
        note = {"revision": table.revision, "cast": sorted(table.cast)}
        with self.writer(file, table.columns, note) as writer:
            for batch in table.batches(Query()):
                writer._groups.add(batch)  # noqa: SLF001 - the class is of this module

    def load(self, file: IO[bytes]) -> ArrowTable:
        """See TableFiles."""
        found = parquet.ParquetFile(file)
        kept = found.schema_arrow.metadata | found.metadata.metadata
        columns = msgspec.json.decode(kept[COLUMNS_KEY], type=list[Column])
        note = msgspec.json.decode(kept[TABLE_KEY], type=TableNote)
        blocks = [Block(batch) for batch in self._kept(found, table_schema(columns))]
        return ArrowTable(note.revision, columns, blocks, note.cast)

    def _kept(
        self, found: "parquet.ParquetFile", schema: "pa.Schema"
    ) -> Iterator["pa.RecordBatch"]:
        """Yield the rows: as many as may be in memory, and the rest from a file that is mapped."""
        room, rest = self._most, _Rest(schema)
        for group in range(found.num_row_groups):
            for batch in batches_of(found.read_row_group(group), BLOCK):
                room -= batch.nbytes
                if room >= 0:
                    yield batch
                else:
                    rest.add(batch)
        yield from rest.batches()

    def snapshot(self, file: IO[bytes], table: ArrowTable, query: Query) -> int:
        """See TableFiles."""
        schema, count = shown_schema(table.columns), 0
        names = [column.name for column in table.columns]
        with parquet.ParquetWriter(file, schema) as writer:
            groups = _Groups(writer, schema)
            for batch in table.batches(query):
                count += batch.num_rows
                groups.add(pa.record_batch(batch.select(names).columns, schema=schema))
            groups.flush()
        return count

    def columns(self, table: ArrowTable) -> list[ColumnCells]:
        """See TableFiles."""
        return columns_of(table)

    def csv(self, table: ArrowTable, query: Query, *, plain: bool) -> Iterator[bytes]:
        """See TableFiles."""
        return exports.csv_text(table, query, plain=plain)

    def json_lines(self, table: ArrowTable, query: Query) -> Iterator[bytes]:
        """See TableFiles."""
        return exports.json_lines(table, query)


class _Groups:
    """Puts batches together into row groups."""

    def __init__(self, writer: "parquet.ParquetWriter", schema: "pa.Schema") -> None:
        self._writer = writer
        self._schema = schema
        self._held: list[pa.RecordBatch] = []
        self._bytes = self._rows = 0

    def add(self, batch: "pa.RecordBatch") -> None:
        self._held.append(batch)
        self._bytes += batch.nbytes
        self._rows += batch.num_rows
        if self._bytes >= GROUP_BYTES or self._rows >= BLOCK:
            self.flush()

    def flush(self) -> None:
        if self._held:
            rows = pa.Table.from_batches(self._held, self._held[0].schema).cast(self._schema)
            rows = by_id(rows)
            self._writer.write_table(rows, row_group_size=BLOCK)
        self._held, self._bytes, self._rows = [], 0, 0


def by_id(rows: "pa.Table") -> "pa.Table":
    """Return rows in the order of their ids, if they have any."""
    if ID not in rows.schema.names:
        return rows
    ids = rows.column(ID).to_numpy()
    return rows if (ids[1:] > ids[:-1]).all() else rows.sort_by(ID)


class _Rest:
    """Rows beyond what may be in memory: a file that is gone with the last that reads it."""

    def __init__(self, schema: "pa.Schema") -> None:
        self._schema = schema
        self._file: Any = None
        self._writer: Any = None

    def add(self, batch: "pa.RecordBatch") -> None:
        if self._writer is None:
            self._file = tempfile.NamedTemporaryFile()  # noqa: SIM115 - it is mapped, then forgotten
            self._writer = ipc.new_file(self._file, self._schema)
        self._writer.write_batch(batch)

    def batches(self) -> Iterator["pa.RecordBatch"]:
        if self._writer is None:
            return
        self._writer.close()
        self._file.flush()
        # The map outlives the file's name, and ends with the last array that is read from it.
        found = ipc.open_file(pa.memory_map(self._file.name))
        for number in range(found.num_record_batches):
            yield found.get_batch(number)
        self._file.close()
