"""Rows that came, changed or were labelled since a snapshot are told from those that were there."""

import datetime as dt
from typing import Any

import numpy as np
import pytest

from functions.kit.contract.records.columns import Column
from functions.training.learning.splits.keys import keys
from functions.training.learning.splits.seen import new_rows
from functions.training.learning.table import Table
from tests.support.in_memory.training import to_parquet

COLUMNS = [
    Column("x", "number"),
    Column("colour", "category"),
    Column("day", "date"),
    Column("id", "text", role="identifier"),
    Column("y", "category"),
]
DAY = dt.date(2026, 1, 1)


def rows(count: int, **changed: list[Any]) -> dict[str, list[Any]]:
    return {
        "x": [one / 4 for one in range(count)],
        "colour": [("red", "blue", None)[one % 3] for one in range(count)],
        "day": [DAY + dt.timedelta(days=one) for one in range(count)],
        "id": [str(one) for one in range(count)],
        "y": [("no", "yes")[one % 2] for one in range(count)],
        **changed,
    }


def new(now: dict[str, list[Any]], before: bytes, columns: list[Column] = COLUMNS) -> list[int]:
    """Return which rows are new, where all are held out."""
    table = Table(columns, now)
    every = np.arange(table.rows)
    return new_rows(table, every, keys(table, ["y"]), "y", before).tolist()


BEFORE = to_parquet(Table(COLUMNS, rows(100)))


def test_what_was_appended_is_new() -> None:
    assert new(rows(103), BEFORE) == [100, 101, 102]
    assert new(rows(100), BEFORE) == []
    assert new(rows(60), BEFORE) == []


@pytest.mark.parametrize(
    ("column", "value", "is_new"),
    [("x", 1000.5, True), ("day", None, True), ("id", "other", False), ("y", "yes", False)],
)
def test_what_changed_is_new_but_for_names_and_labels(
    column: str, value: object, is_new: bool
) -> None:
    now = rows(100)
    now[column][40] = value
    assert new(now, BEFORE) == ([40] if is_new else [])


def test_a_row_that_had_no_label_is_new() -> None:
    before = rows(100)
    before["y"][7] = None
    assert new(rows(100), to_parquet(Table(COLUMNS, before))) == [7]


def test_of_rows_that_are_alike_those_beyond_their_number_are_new() -> None:
    columns = [Column("colour", "category"), Column("y", "category")]
    colours = ["red", "blue"] * 100
    before = to_parquet(Table(columns, {"colour": colours, "y": ["no"] * 200}))
    now = {"colour": [*colours, "blue", "red", "blue"], "y": ["yes"] * 203}
    assert new(now, before, columns) == [200, 201, 202]


def test_copies_of_a_known_row_are_known() -> None:
    now = rows(101)
    for values in now.values():
        values[100] = values[3]
    assert new(now, BEFORE) == []


def test_columns_that_the_snapshot_lacks_say_nothing() -> None:
    columns = [*COLUMNS, Column("width", "number")]
    now = rows(102) | {"width": [float(one) for one in range(102)]}
    assert new(now, BEFORE, columns) == [100, 101]
    other_kind = [Column("x", "text") if one.name == "x" else one for one in COLUMNS]
    as_text = rows(102) | {"x": [str(one) for one in range(102)]}
    assert new(as_text, BEFORE, other_kind) == [100, 101]
    as_integers = to_parquet(Table([Column("x", "integer"), COLUMNS[4]], {"x": [0], "y": ["no"]}))
    only = [Column("x", "number"), COLUMNS[4]]
    assert new({"x": [0.0, 1.0], "y": ["no", "yes"]}, as_integers, only) == [1]


def test_a_snapshot_that_has_nothing_of_it_tells_nothing() -> None:
    other = to_parquet(Table([Column("z", "number"), COLUMNS[4]], {"z": [1.0], "y": ["no"]}))
    assert new(rows(10), other) == []
    without_target = to_parquet(Table(COLUMNS[:1], {"x": [1.0]}))
    assert new(rows(10), without_target) == []


def test_only_held_out_rows_are_told() -> None:
    table = Table(COLUMNS, rows(110))
    places = np.array([5, 102, 107])
    found = new_rows(table, places, keys(table, ["y"])[places], "y", BEFORE)
    assert found.tolist() == [1, 2]
