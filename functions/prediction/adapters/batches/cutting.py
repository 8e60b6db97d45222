"""Cuts what is predicted for into parts: a Parquet file where it is, others as new ones."""

import csv
import io
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import IO

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from functions.kit.contract.errors import Flaw, Invalid, Unreadable
from functions.kit.contract.ports import Bucket
from functions.prediction.adapters.batches import json_lines
from functions.prediction.model.batches.batch import (
    MOST_PARTS,
    PART_ROWS,
    Part,
    Source,
    SourceForm,
)

PARQUET = "application/vnd.apache.parquet"
LARGEST_GROUP = 262_144
"""Rows of a row group from which on a file is written anew: who wants some of them reads all."""
READ_BYTES = 1 << 20
LONGEST_HEADER = 1 << 20
KINDS: dict[SourceForm, str] = {"csv": "CSV", "parquet": "Parquet", "jsonl": "JSON Lines"}
REPLACED = "\N{REPLACEMENT CHARACTER}"
_NOT_UTF8 = "it is no text in UTF-8; save it as “CSV UTF-8”, then send it again"
_NO_PARQUET = re.compile(r"Parquet magic bytes|Parquet file size")
_AT_ROW = re.compile(r"In CSV column #(\d+): Row #(\d+): .*invalid UTF8")


def cut(files: Bucket, source: Source, folder: str, most: int | None) -> list[Part]:
    """Cut the rows of a source into parts, where needed as new files below `folder`.

    Args:
        files: the bucket.
        source: whose rows.
        folder: what the names of new files begin with.
        most: rows of a part; None for as many as come.

    Raises:
        Unreadable: it is no such file, or has no rows.
        Invalid: there are more rows than a plan allows.
        FileNotFoundError: it is gone.
    """
    what = f"{_named(source)} cannot be read as {KINDS[source.form]}"
    with reading(what), files.opened(source.path) as file:
        parts = _cut(files, file, source, folder, most)
    if not parts:
        raise Unreadable(f"{_named(source)} has no rows to predict for.")
    return parts


def _named(source: Source) -> str:
    return f"'{source.name}'" if source.name else "The file"


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Raise Unreadable in the place of what libraries raise at a broken file."""
    try:
        yield
    except (pa.ArrowException, OSError, csv.Error) as error:
        if isinstance(error, OSError) and type(error) is not OSError:
            raise  # the bucket's: it may be better the next time
        raise Unreadable(f"{what}: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    """Return what a library says, in a person's words where that is of a kind that is known."""
    text = " ".join(str(error).split())
    at_row = _AT_ROW.search(text)
    if at_row:
        return f"in row {int(at_row[2]) - 1:,}, cell {int(at_row[1]) + 1:,}, {_NOT_UTF8}"
    if _NO_PARQUET.search(text):
        return "it is none, or it was cut off; write it anew, then send it again"
    return text[:300].rstrip(".")


def _cut(
    files: Bucket, file: IO[bytes], source: Source, folder: str, most: int | None
) -> list[Part]:
    if source.form == "csv":
        return _rewritten(files, _cells(file), folder, most)
    if source.form == "jsonl":
        return _rewritten(files, json_lines.batches(file, _check_names), folder, most)
    found = parquet.ParquetFile(file)
    _check_names(found.schema_arrow.names)
    metadata = found.metadata
    groups = [metadata.row_group(place).num_rows for place in range(metadata.num_row_groups)]
    if max(groups, default=0) <= LARGEST_GROUP:
        return _parts(source.path, groups, most)
    return _rewritten(files, found.iter_batches(PART_ROWS, use_threads=False), folder, most)


def _parts(path: str, groups: list[int], most: int | None) -> list[Part]:
    """Cut row groups: small ones are put together, large ones are parted."""
    rows = sum(groups)
    size = most or max(PART_ROWS, -(-rows // MOST_PARTS))
    if rows > size * MOST_PARTS:
        raise Invalid(
            f"{rows:,} rows: a batch is cut into at most {MOST_PARTS:,} parts, and the plan allows "
            f"parts of {size:,} rows; send {size * MOST_PARTS:,} rows at most."
        )
    ends = [*accumulate(groups)]
    return [_part(path, groups, ends, row, min(size, rows - row)) for row in range(0, rows, size)]


def _part(path: str, groups: list[int], ends: list[int], row: int, rows: int) -> Part:
    first = bisect_right(ends, row)
    last = bisect_left(ends, row + rows)
    return Part(path, first, last - first + 1, row - (ends[first] - groups[first]), row, rows)


def _rewritten(
    files: Bucket, batches: Iterator[pa.RecordBatch], folder: str, most: int | None
) -> list[Part]:
    """Write rows into one file of row groups that are small enough."""
    first = next((batch for batch in batches if batch.num_rows), None)
    if first is None:
        return []
    groups, path = [], f"{folder}rows.parquet"
    with files.writer(path, PARQUET) as sink, parquet.ParquetWriter(sink, first.schema) as writer:
        held = pa.Table.from_batches([first])
        for batch in batches:
            held = pa.concat_tables([held, pa.Table.from_batches([batch])])
            while held.num_rows >= PART_ROWS:
                groups.append(_write(writer, held.slice(0, PART_ROWS)))
                held = held.slice(PART_ROWS).combine_chunks()
        while held.num_rows:
            groups.append(_write(writer, held.slice(0, PART_ROWS)))
            held = held.slice(PART_ROWS)
    return _parts(path, groups, most)


def _write(writer: parquet.ParquetWriter, rows: pa.Table) -> int:
    writer.write_table(rows, row_group_size=rows.num_rows)
    count: int = rows.num_rows
    return count


def _cells(file: IO[bytes]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of CSV, all cells as texts."""
    names, delimiter = _header(file.read(LONGEST_HEADER))
    file.seek(0)
    unfit: list[arrow_csv.InvalidRow] = []

    def note(row: arrow_csv.InvalidRow) -> str:
        unfit.append(row)
        return "error"

    try:
        yield from arrow_csv.open_csv(
            file,
            arrow_csv.ReadOptions(block_size=READ_BYTES, use_threads=False),
            arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        if not unfit:
            raise
        raise _unfit(unfit[0], names, delimiter) from error


def _unfit(row: arrow_csv.InvalidRow, names: Sequence[str], delimiter: str) -> Unreadable:
    """Say where a row has other cells than the header; the header is the reader's row 1."""
    place = "A row" if row.number is None else f"Row {row.number - 1:,}"
    more = row.actual_columns > row.expected_columns
    where = f"after '{names[-1]}'" if more else f"at '{names[row.actual_columns]}'"
    parted = {",": "a comma", ";": "a semicolon"}.get(delimiter, "a tab")
    remedy = f"put a cell that holds {parted} in quotes" if more else "give it all of its cells"
    return Unreadable(
        f"{place} has {row.actual_columns:,} cells where the header names "
        f"{row.expected_columns:,} columns ({where}): {row.text[:100]!r}; {remedy}, then send the "
        "file again.",
        Flaw("another number of cells than the header", row=row.number and row.number - 1),
    )


def _header(start: bytes) -> tuple[list[str], str]:
    """Return the names of the columns, and what parts them; raises Unreadable."""
    text = start.decode("utf-8-sig", errors="replace")  # what follows the header, the reader tells
    line = text.partition("\n")[0]
    delimiter = max(",;\t", key=line.count)
    names = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    if not names:
        raise Unreadable("The file is empty: its first line has to name the columns.")
    if any(REPLACED in name for name in names):
        raise Unreadable(f"The first line names the columns; {_NOT_UTF8}.")
    _check_names(names)
    return names, delimiter


def _check_names(names: Sequence[str]) -> None:
    """Refuse a column that is there twice: nobody could tell which of both is meant."""
    twice = min((name for name, count in Counter(names).items() if count > 1), default=None)
    if twice is not None:
        raise Unreadable(f"The column '{twice}' is there twice.", Flaw("twice", column=twice))
