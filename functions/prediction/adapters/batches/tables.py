"""Reads the rows of parts, and writes what was predicted for them, with flat memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from functions.kit.contract.ports import Bucket
from functions.prediction.adapters.batches import cutting, rows, written
from functions.prediction.model.batches.batch import Output, Part, Source
from functions.prediction.service.batches.ports import Block, Outcome, Writer
from functions.prediction.service.ports import Predictor

BLOCK = 8_192
"""Rows that are predicted for at a time."""
TYPES = {"parquet": cutting.PARQUET, "csv": "text/csv; charset=utf-8"}


class ArrowTables:
    """The Tables whose files are Parquet's, and at the ends CSV.

    Args:
        files: the bucket.
    """

    def __init__(self, files: Bucket) -> None:
        self._files = files

    def cut(self, source: Source, folder: str, most: int | None) -> list[Part]:
        """See Tables."""
        return cutting.cut(self._files, source, folder, most)

    def columns(self, part: Part) -> list[str]:
        """See Tables."""
        with self._files.opened(part.path) as file:
            names: list[str] = parquet.ParquetFile(file).schema_arrow.names
            return names

    def blocks(self, part: Part, source: Source, most: int | None) -> Iterator[Block]:
        """See Tables."""
        rows = f"Rows {part.row + 1:,} to {part.row + part.rows:,}"
        with cutting.reading(f"{rows} cannot be read"), self._files.opened(part.path) as file:
            found = parquet.ParquetFile(file)
            groups = range(part.group, part.group + part.groups)
            batches = found.iter_batches(
                min(BLOCK, most or BLOCK), row_groups=[*groups], use_threads=False
            )
            for batch in _some(batches, part.offset, part.rows):
                yield Block(batch, batch.num_rows, are_cells=source.form != "parquet")

    def predict(self, predictor: Predictor, block: Block) -> Outcome:
        """See Tables."""
        known = {column.name for column in predictor.version.signature.columns}
        columns = {name: array for name, array in _columns(block).items() if name in known}
        return rows.predict(predictor, block.rows, columns, are_cells=block.are_cells)

    @contextmanager
    def writer(self, path: str, output: Output, predictor: Predictor) -> Iterator[Writer]:
        """See Tables; parts are Parquet whatever comes out in the end."""
        with self._files.writer(path, cutting.PARQUET) as sink:
            writer = _PartWriter(sink, predictor, is_joined=output.join)
            yield writer
            writer.close()

    def join(self, paths: Sequence[str], path: str, output: Output) -> int:
        """See Tables."""
        tables: Iterator[pa.Table] = self._tables(paths)
        if output.form == "csv":
            tables = map(written.as_cells, tables)
        first = next(tables)
        with self._files.writer(path, TYPES[output.form]) as sink:
            counted = _Counted(sink)
            kind: Any = parquet.ParquetWriter if output.form == "parquet" else arrow_csv.CSVWriter
            with kind(pa.PythonFile(counted, mode="w"), first.schema) as writer:
                writer.write_table(first)
                for table in tables:
                    writer.write_table(table.cast(first.schema))
        return counted.size

    def as_csv(self, path: str) -> Iterator[bytes]:
        """See Tables; one row group at a time."""
        with self._files.opened(path) as file:
            found = parquet.ParquetFile(file)
            for place in range(found.num_row_groups):
                rows = written.as_cells(found.read_row_group(place, use_threads=False))
                sink = pa.BufferOutputStream()
                options = arrow_csv.WriteOptions(include_header=place == 0)
                arrow_csv.write_csv(rows, sink, options)
                yield sink.getvalue().to_pybytes()

    def _tables(self, paths: Iterable[str]) -> Iterator[pa.Table]:
        for path in paths:
            yield parquet.read_table(pa.BufferReader(self._files.read(path)), use_threads=False)


class _PartWriter:
    def __init__(self, sink: IO[bytes], predictor: Predictor, *, is_joined: bool) -> None:
        self._sink = sink
        self._predictor = predictor
        self._is_joined = is_joined
        self._writer: parquet.ParquetWriter | None = None

    def add(self, row: int, block: Block, outcome: Outcome) -> None:
        """See Writer."""
        joined = _columns(block) if self._is_joined else {}
        batch = written.batch(row, outcome, self._predictor, joined)
        if self._writer is None:
            self._writer = parquet.ParquetWriter(self._sink, batch.schema)
        self._writer.write_batch(batch)

    def close(self) -> None:
        """Write what ends the file."""
        if self._writer is not None:
            self._writer.close()


class _Counted:
    """A file that is written, and tells how much."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = 0

    def write(self, data: Any) -> int:
        """Write bytes."""
        count = len(memoryview(data).cast("B"))
        self._file.write(data)
        self.size += count
        return count

    def flush(self) -> None:
        """Do nothing: the file is there as a whole in the end."""

    def close(self) -> None:
        """Leave the file to who opened it."""


def _some(batches: Iterator[pa.RecordBatch], offset: int, rows: int) -> Iterator[pa.RecordBatch]:
    """Yield `rows` rows, those behind the first `offset`."""
    for batch in batches:
        if offset >= batch.num_rows:
            offset -= batch.num_rows
            continue
        found = batch.slice(offset, rows)
        offset, rows = 0, rows - found.num_rows
        yield found
        if not rows:
            return


def _columns(block: Block) -> Mapping[str, pa.Array]:
    batch: pa.RecordBatch = block.values
    return dict(zip(batch.schema.names, batch.columns, strict=True))
