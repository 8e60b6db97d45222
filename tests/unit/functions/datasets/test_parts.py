import datetime as dt
import io
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from functions.datasets.adapters import parquet as parquet_file
from functions.datasets.adapters.parquet import write
from functions.datasets.model.csv_rows import Row
from functions.datasets.model.dataset import record_id, slug
from functions.datasets.model.reading.rows import parsers, reading_of, to_values
from functions.datasets.service import importing
from functions.datasets.service.importing import commits
from functions.datasets.service.prefetch import prefetch
from functions.kit.contract.columns import Column
from functions.kit.contract.errors import DomainError, Invalid

NOON = dt.datetime(2026, 1, 31, 12, 0, 0, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("titanic", "titanic"), ("Crème Brûlée (2)", "creme-brulee-2"), ("a" * 99, "a" * 60)],
)
def test_a_dataset_s_id_follows_from_its_name(name, expected):
    assert slug(name) == expected


@pytest.mark.parametrize("name", ["", "!!", "漢字"])
def test_a_name_without_letters(name):
    with pytest.raises(DomainError) as caught:
        slug(name)
    assert isinstance(caught.value, Invalid)


def test_record_ids_sort_as_the_rows():
    assert record_id(2) < record_id(10) < record_id(999_999_999)


def test_batches_fit_a_commit(monkeypatch):
    rows = [Row(number, ["x" * 10], number) for number in range(1, 1200)]
    columns = [Column("x", "text")]
    assert [len(batch) for batch in commits(rows, columns)] == [499, 499, 201]
    monkeypatch.setattr(importing, "BATCH_BYTES", 3 * (2 * 10 + 1 + 16))
    assert {len(batch) for batch in commits(rows[:999], columns)} == {3}
    assert [len(batch) for batch in commits(rows[:2], [Column("x" * 1000, "text")])] == [1, 1]


def test_rows_become_values():
    columns = [Column("n", "integer"), Column("t", "text")]
    parse = parsers(reading_of(columns))
    assert to_values(Row(1, ["3", ""], 0), parse) == {"n": 3, "t": None}


def test_a_parquet_file_has_the_types_of_the_kinds():
    columns = [
        Column("n", "number"),
        Column("i", "integer", required=True),
        Column("b", "boolean"),
        Column("c", "category"),
        Column("t", "text"),
        Column("d", "datetime"),
        Column("day", "date"),
    ]
    rows: list[dict[str, Any]] = [
        {"n": 1.5, "i": 2, "b": True, "c": "x", "t": "y", "d": NOON, "day": NOON.date()},
        {"n": None, "i": 3, "b": None, "c": None, "t": None, "d": None, "day": None},
    ]
    file = io.BytesIO()
    assert write(file, columns, rows) == 2
    table = parquet.read_table(file)
    assert table.to_pylist() == rows
    assert table.schema.types == [
        pa.float64(),
        pa.int64(),
        pa.bool_(),
        pa.string(),
        pa.string(),
        pa.timestamp("us", tz="UTC"),
        pa.date32(),
    ]
    assert [field.nullable for field in table.schema] == [True, False, *[True] * 5]


def test_an_empty_table_is_a_file_too():
    file = io.BytesIO()
    assert write(file, [Column("n", "number")], []) == 0
    assert parquet.read_table(file).num_rows == 0


def test_items_are_made_ahead_in_order():
    made = []

    def items():
        for number in range(3):
            made.append(number)
            yield number
        raise OSError("the end")

    found = prefetch(items())
    assert next(found) == 0
    assert [next(found), next(found)] == [1, 2]
    with pytest.raises(OSError, match="the end"):
        next(found)
    assert made == [0, 1, 2]


def test_row_groups_are_bounded_by_cells_and_text(monkeypatch):
    monkeypatch.setattr(parquet_file, "GROUP_SIZE", 100)
    columns = [Column("n", "integer"), Column("t", "text")]
    rows: list[dict[str, Any]] = [{"n": 1, "t": "x" * length} for length in (0, 0, 40, 200, 1, 2)]
    file = io.BytesIO()
    assert write(file, columns, rows) == 6
    found = parquet.ParquetFile(file)
    sizes = [found.metadata.row_group(place).num_rows for place in range(found.num_row_groups)]
    assert sizes == [2, 1, 1, 2]
    assert found.read().to_pylist() == rows
