"""The rows that a query asks for as a file of text, made while it is read."""

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from functions.datasets.adapters.tables.arrow_table import ArrowTable
from functions.datasets.adapters.tables.records import cells_of
from functions.datasets.model.cells import render
from functions.datasets.model.queries.query import Query
from functions.kit.contract.records.columns import Column

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 1_000
"""Rows of one piece of text."""
_FORMULA = ("=", "+", "-", "@")
_HIDDEN = ("\t", "\r", "\n")


def csv_text(table: ArrowTable, query: Query, *, plain: bool) -> Iterator[bytes]:
    """Yield CSV, from which an import gives the values back.

    Args:
        table: with the rows.
        query: which of them, in which order.
        plain: for spreadsheets: text that one would take for a formula has `'` before it, which
            says there that it is text.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    told = _unarmed if plain else (lambda value: value)
    writer.writerow([told(column.name) for column in table.columns])
    for piece in _pieces(table, query):
        columns = [_rendered(piece, column, plain=plain) for column in table.columns]
        writer.writerows(zip(*columns, strict=True))
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


def _rendered(piece: "pa.RecordBatch", column: Column, *, plain: bool) -> list[str]:
    cells = [render(value) for value in cells_of(piece, column)]
    return [_unarmed(cell) for cell in cells] if plain and column.kind in _TEXTS else cells


_TEXTS = ("text", "category")


def _unarmed(cell: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    armed = cell.lstrip().startswith(_FORMULA) or cell.startswith(_HIDDEN)
    return f"'{cell}" if armed else cell


def json_lines(table: ArrowTable, query: Query) -> Iterator[bytes]:
    """Yield a line of JSON for each row: its values by column, null where one is missing."""
    encoder = msgspec.json.Encoder()
    names = [column.name for column in table.columns]
    for piece in _pieces(table, query):
        rows = zip(*(cells_of(piece, column) for column in table.columns), strict=True)
        yield encoder.encode_lines(dict(zip(names, row, strict=True)) for row in rows)


def _pieces(table: ArrowTable, query: Query) -> Iterator["pa.RecordBatch"]:
    for batch in table.batches(query):
        for start in range(0, batch.num_rows, ROWS):
            yield batch.slice(start, ROWS)
