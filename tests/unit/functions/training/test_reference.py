"""What is kept of the rows that a model learnt from."""

import datetime as dt

import numpy as np

from functions.kit.contract.measures.held_out import HeldOut
from functions.kit.contract.models.reference import MOST_SAMPLED, SAMPLE, from_bytes
from functions.kit.contract.models.signature import Signature
from functions.kit.contract.records.columns import Column
from functions.training.learning.evaluation import reference
from functions.training.learning.evaluation.reference import reference_of
from functions.training.learning.table import Table

COLUMNS = [
    Column("age", "number"),
    Column("town", "category"),
    Column("member", "boolean"),
    Column("note", "text"),
    Column("since", "date"),
    Column("at", "datetime"),
    Column("name", "category", sensitive=True),
    Column("empty", "number"),
    Column("y", "category"),
]
DAY = dt.date(2026, 1, 31)
MOMENT = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
TABLE = Table(
    COLUMNS,
    {
        "age": [1.0, 2.0, None, float("nan"), 9.0],
        "town": ["x", "y", "x", None, "z"],
        "member": [True, False, True, True, None],
        "note": ["a", "äöü", "", None, "b"],
        "since": [DAY, DAY, None, DAY, DAY],
        "at": [MOMENT, MOMENT, None, MOMENT, MOMENT],
        "name": ["ann", "bob", "cid", "dan", "eve"],
        "empty": [None] * 5,
        "y": ["no", "yes", "no", "yes", None],
    },
)
SIGNATURE = Signature("binary", "y", COLUMNS[:-1], [], ["no", "yes"], threshold=0.2)
KEYS = np.arange(3, dtype=np.uint64)


def held_out(predicted: list[list[float]]) -> HeldOut:
    truth = np.zeros(len(predicted), np.int64)
    return HeldOut("binary", KEYS, truth, np.array(predicted), ["no", "yes"], 0.2)


def test_each_column_is_kept_by_its_kind_of_rows_that_have_a_target() -> None:
    found = reference_of(TABLE, SIGNATURE, held_out([[0.7, 0.3], [0.9, 0.1], [0.1, 0.9]]), 0)
    by = {one.name: one for one in found.columns}
    assert found.rows == 4
    assert [one.name for one in found.columns] == [one.name for one in SIGNATURE.columns]
    assert (by["age"].rows, by["age"].missing) == (4, 2)
    assert by["age"].numbers is not None
    assert (by["age"].numbers.low, by["age"].numbers.high) == (1.0, 2.0)
    assert by["town"].words is not None
    assert (by["town"].words.counts, by["town"].words.once) == ({"x": 2, "y": 1}, 1)
    assert by["member"].words is not None
    assert by["member"].words.counts == {"true": 3, "false": 1}
    assert by["note"].numbers is not None
    assert (by["note"].numbers.low, by["note"].numbers.high) == (0.0, 3.0)
    assert by["since"].numbers is not None
    assert by["since"].numbers.low == dt.datetime(2026, 1, 31, tzinfo=dt.UTC).timestamp()
    assert by["at"].numbers is not None
    assert by["at"].numbers.high == MOMENT.timestamp()
    assert (by["name"].numbers, by["name"].words, by["name"].rows) == (None, None, 4)
    assert (by["empty"].numbers, by["empty"].missing) == (None, 4)


def test_what_is_said_of_held_out_rows_is_decided_by_the_threshold() -> None:
    found = reference_of(TABLE, SIGNATURE, held_out([[0.7, 0.3], [0.6, 0.4], [0.1, 0.9]]), 0)
    assert found.predicted is not None
    assert found.predicted.counts == {"yes": 3, "no": 0}
    assert found.values is not None
    assert (found.values.low, found.values.high) == (0.3, 0.9)


def test_of_a_regression_the_numbers_are_kept() -> None:
    signature = Signature("regression", "age", [COLUMNS[1]], [])
    numbers = np.array([1.0, 2.0, 2.0])
    found = reference_of(TABLE, signature, HeldOut("regression", KEYS, numbers, numbers), 0)
    assert (found.rows, found.predicted) == (3, None)
    assert found.values is not None
    assert (found.values.low, found.values.high) == (1.0, 2.0)


def test_of_many_rows_some_are_drawn() -> None:
    rows = reference.MOST_ROWS + 10
    table = Table(
        [Column("n", "integer"), Column("y", "category")], {"n": range(rows), "y": ["a"] * rows}
    )
    signature = Signature("binary", "y", [Column("n", "integer")], [], ["no", "yes"])
    found = reference_of(table, signature, held_out([[0.7, 0.3]]), 0)
    again = reference_of(table, signature, held_out([[0.7, 0.3]]), 0)
    assert found == again
    assert found.rows == found.columns[0].rows == reference.MOST_ROWS
    assert len(found.sample["n"]) == SAMPLE
    assert len({*found.sample["n"]}) == SAMPLE


def test_rows_are_kept_as_predictions_log_them_but_for_what_is_sensitive() -> None:
    found = reference_of(TABLE, SIGNATURE, held_out([[0.7, 0.3], [0.9, 0.1], [0.1, 0.9]]), 0)
    assert [*found.sample] == [one.name for one in SIGNATURE.columns if not one.sensitive]
    rows = [
        dict(zip(found.sample, row, strict=True))
        for row in zip(*found.sample.values(), strict=True)
    ]
    assert min(rows, key=lambda row: str(row["age"])) == {
        "age": 1.0,
        "town": "x",
        "member": True,
        "note": "a",
        "since": "2026-01-31",
        "at": "2026-01-31T12:00:00+00:00",
        "empty": None,
    }
    assert from_bytes(found.to_bytes()) == found


def test_of_rows_with_books_in_them_fewer_are_kept() -> None:
    book = "x" * (MOST_SAMPLED // 8)
    table = Table(
        [Column("note", "text"), Column("y", "category")], {"note": [book] * 50, "y": ["a"] * 50}
    )
    signature = Signature("binary", "y", [Column("note", "text")], [], ["no", "yes"])
    found = reference_of(table, signature, held_out([[0.7, 0.3]]), 0)
    assert len(found.sample["note"]) == 7


def test_what_serves_says_of_the_same_rows_is_kept_in_the_same_bins() -> None:
    measured = held_out([[0.7, 0.3], [0.9, 0.1], [0.1, 0.9]])
    served = held_out([[0.95, 0.05], [1.0, 0.0], [0.05, 0.95]])
    found = from_bytes(reference_of(TABLE, SIGNATURE, measured, 0, served).to_bytes())
    assert found.values is not None
    assert found.served is not None
    assert found.served.labels == {"no": 2, "yes": 1}
    assert len(found.served.bins) == len(found.values.counts)
    assert (sum(found.served.bins), found.served.low, found.served.high) == (3, 0.95, 1.0)
    assert reference_of(TABLE, SIGNATURE, measured, 0).served is None
