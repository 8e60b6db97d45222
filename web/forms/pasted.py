"""Cells of a spreadsheet, as the clipboard has them: lines of text parted by tabs."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from web.client.errors import Flaw
from web.client.table_schemas import Column, NamedEdit
from web.forms.fields import parse_value, parse_version

BOOLEANS = {"yes": "true", "no": "false"}


def cells_of(text: str) -> list[list[str]]:
    """Return the cells, row by row; a cell of several lines is quoted, as spreadsheets do it.

    Raises:
        ValueError: a row has more or fewer cells than the first.
    """
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t"))
    rows = [row or [""] for row in rows]
    while rows and rows[-1] == [""] and len(rows) > 1:
        del rows[-1]
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            found, wanted = len(row), len(rows[0])
            raise ValueError(f"its row {number} has {found} cells, the first has {wanted}")
    return rows


def chosen_rows(text: str) -> list[tuple[str, int]]:
    """Return rows by id and the version that was shown, of lines such as `000000001 3`."""
    found = []
    for line in dict.fromkeys(text.split("\n")):
        name, _, number = line.strip().partition(" ")
        version = parse_version(number)
        if name and version is not None:
            found.append((name, version))
    return found


def edits_of(
    cells: Sequence[Sequence[str]], rows: Sequence[tuple[str, int]], columns: Sequence[Column]
) -> tuple[list[NamedEdit], list[Flaw]]:
    """Return what pasting makes of rows, and what of it does not fit.

    Args:
        cells: what is pasted; no more of them than there are rows and columns.
        rows: those from the chosen cell downwards.
        columns: those from the chosen cell to the right.
    """
    edits: list[NamedEdit] = []
    flaws: list[Flaw] = []
    for number, (line, (name, version)) in enumerate(zip(cells, rows, strict=False), 1):
        values: dict[str, Any] = {}
        for text, column in zip(line, columns, strict=False):
            try:
                values[column.name] = parse_value(column, _plain(column, text))
            except ValueError as error:
                flaws.append(Flaw(str(error), row=number, column=column.name, value=text))
        edits.append(NamedEdit(name, version, values))
    return edits, flaws


def _plain(column: Column, text: str) -> str:
    """Write a truth value as forms send it: spreadsheets have TRUE, people yes."""
    if column.kind != "boolean":
        return text
    word = text.strip().casefold()
    return BOOLEANS.get(word, word)
