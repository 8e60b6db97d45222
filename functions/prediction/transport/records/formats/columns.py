"""What forms of columns have in common: which columns there are, and rows of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from functions.kit.contract.columns import Column
from functions.kit.contract.decoding import MOST_FLAWS
from functions.kit.contract.errors import Flaw, Unreadable, refused
from functions.prediction.model.options import Options
from functions.prediction.model.records import MOST_RECORDS, wrong_count
from functions.prediction.model.tables import Given, Rows, Table, Texts
from functions.prediction.service.ports import Predictor

LEAST_ROWS = 16
"""Rows from which on whole columns are faster than records."""
Cells = Mapping[str, Sequence[Any]]
"""Columns by name, each with a value a row; None where one is missing."""


def check_count(rows: int) -> None:
    """Refuse no rows, or too many for one call."""
    if not 1 <= rows <= MOST_RECORDS:
        raise wrong_count(rows)


def check_names(
    names: Sequence[str], predictor: Predictor, options: Options
) -> tuple[dict[str, Column], list[str]]:
    """Return the columns that are known of those that a table has, and the names of others.

    Raises:
        Unreadable: a name is there twice.
        Invalid: one is unknown, and not to be ignored; or a column is lacking that all rows had
            when the model learnt.
    """
    columns = {column.name: column for column in predictor.version.signature.columns}
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise Unreadable(f"The column '{twice}' is there twice.", Flaw("twice", column=twice))
    unknown = [name for name in names if name not in columns]
    flaws = [
        Flaw(f"There is no such column; there are {', '.join(columns)}", column=name)
        for name in (unknown[:MOST_FLAWS] if options.unknown == "refuse" else ())
    ]
    flaws += [
        Flaw("The column is lacking; where its values are not known, leave them empty", column=name)
        for name, column in columns.items()
        if column.required and name not in names
    ]
    if flaws:
        raise refused("The table was refused", *flaws)
    return {name: columns[name] for name in names if name in columns}, unknown


def rows_of(cells: Cells, rows: int, predictor: Predictor) -> Rows:
    """Return so many rows of plain values, by column, as the model takes them; raises Invalid.

    Many are made a table where their values allow it, with no record between.
    """
    table = _table(cells, rows, predictor) if rows >= LEAST_ROWS else None
    return predictor.reader.convert(records_of(cells, rows)) if table is None else table


def _table(cells: Cells, rows: int, predictor: Predictor) -> Table | None:
    given: dict[str, Given] = {}
    for column in predictor.version.signature.columns:
        values = cells.get(column.name)
        if values is not None:
            found = _given(column, values)
            if found is None:
                return None
            given[column.name] = found
    return predictor.tables.read(rows, given)


def _given(column: Column, values: Sequence[Any]) -> "Given | None":
    """Return the values of a column as a table takes them, or None."""
    types = {*map(type, values)} - {type(None)}
    match column.kind:
        case "number" | "integer" if types <= {int, float}:
            return np.array(values, np.float64)  # None is NaN
        case "boolean" if types <= {bool}:
            return np.array(values, np.float64)
        case "category" | "text" if types <= {str}:
            return _texts(column, values)
        case _:
            return None


def _texts(column: Column, values: Sequence[Any]) -> Texts | None:
    """Return texts; None where an empty one is there, which is none of those that there may be."""
    words = {word: place for place, word in enumerate(dict.fromkeys(values))}
    if "" in words and column.levels:
        return None
    distinct = [(word or "").encode() for word in words]
    return Texts(distinct, np.fromiter(map(words.__getitem__, values), np.intp, len(values)))


def records_of(cells: Cells, rows: int) -> list[dict[str, Any]]:
    """Return so many rows of plain values, by column."""
    if not cells:
        return [{} for _ in range(rows)]
    return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
