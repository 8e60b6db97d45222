"""Exports give each value back, in whichever form; for spreadsheets, without formulas."""

import csv
import io
import json
import random
from typing import Any

import pytest
from pyarrow import parquet

from functions.datasets.adapters.tables import exports, files
from functions.datasets.adapters.tables.files import Tables
from functions.datasets.model import cells
from functions.datasets.model.dataset import Record, record_id
from functions.datasets.model.queries import query
from functions.datasets.model.queries.query import Asked, Query
from functions.kit.contract.records.columns import Column
from tests.support.rows.tables import COLUMNS, answer, some_records, table_of

ODD = ['"', "a,b", "two\nlines", " padded ", "\r", "=1", "-2", "x'y", "ü", "1.50", "NA", "a\r\nb"]


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "ROWS", 7)
    monkeypatch.setattr(files, "BLOCK", 20)


@pytest.fixture
def records() -> list[Record]:
    chance = random.Random(9)
    made = some_records(chance, range(1, 60))
    for record in made:
        record.values["t"] = chance.choice([*ODD, None])
    return made


def rows_of(content: Any) -> list[list[str]]:
    text = b"".join(content).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


def test_csv_gives_each_value_back(records: list[Record]) -> None:
    header, *rows = rows_of(Tables(0).csv(table_of(records), Query(), plain=False))
    assert header == [column.name for column in COLUMNS]
    for row, record in zip(rows, records, strict=True):
        values = [cells.parse(cell, one.kind) for cell, one in zip(row, COLUMNS, strict=True)]
        wanted = list(record.values.values())
        # A text that is blank is a missing one, wherever it comes from.
        wanted[4] = None if wanted[4] == "\r" else wanted[4]
        assert values == wanted


def test_lines_of_json_give_each_value_back(records: list[Record]) -> None:
    lines = b"".join(Tables(0).json_lines(table_of(records), Query())).splitlines()
    for line, record in zip(lines, records, strict=True):
        found = json.loads(line)
        assert list(found) == [column.name for column in COLUMNS]
        for name in ("n", "i", "b", "c", "t"):
            assert found[name] == record.values[name]
        day = record.values["day"]
        assert found["day"] == (None if day is None else day.isoformat())


def test_all_forms_have_the_rows_that_are_asked_for_in_order(records: list[Record]) -> None:
    where = json.dumps({"column": "n", "op": "present"})
    wanted = query.read(Asked((), where, "-d,t"), COLUMNS)
    table = table_of(records)
    expected = [record.values["i"] for record in answer(records, wanted)]
    lines = b"".join(Tables(0).json_lines(table, wanted)).splitlines()
    assert [json.loads(line)["i"] for line in lines] == expected
    told = ["" if one is None else str(one) for one in expected]
    assert [row[1] for row in rows_of(Tables(0).csv(table, wanted, plain=False))[1:]] == told
    file = io.BytesIO()
    Tables(0).snapshot(file, table, wanted)
    assert parquet.read_table(file).column("i").to_pylist() == expected


def test_no_cell_for_a_spreadsheet_is_a_formula() -> None:
    texts = ["=1+1", "+1", "-1", "@sum", "\t=1", " =1", "\n=1", "plain", "1-1", "a=b"]
    columns = [Column("=t", "text"), Column("n", "number")]
    made = [Record(record_id(row), 1, {"=t": text, "n": -1.5}) for row, text in enumerate(texts, 1)]
    header, *rows = rows_of(Tables(0).csv(table_of(made, columns), Query(), plain=True))
    assert header == ["'=t", "n"]
    safe = [f"'{text}" for text in texts[:7]] + texts[7:]
    assert rows == [[text, "-1.5"] for text in safe]


def test_an_empty_table_has_a_header_alone() -> None:
    table = table_of([])
    assert rows_of(Tables(0).csv(table, Query(), plain=False)) == [[one.name for one in COLUMNS]]
    assert b"".join(Tables(0).json_lines(table, Query())) == b""
    file = io.BytesIO()
    assert Tables(0).snapshot(file, table, Query()) == 0
    assert parquet.read_table(file).num_rows == 0
