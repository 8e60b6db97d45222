"""Tables in memory: the same answers as record by record, over files, changes and schema edits."""

import io
import json
import random
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from functions.datasets.adapters.tables import arrow_table, blocks, files
from functions.datasets.adapters.tables.arrow_table import ArrowTable
from functions.datasets.adapters.tables.files import Tables
from functions.datasets.model.dataset import Record
from functions.datasets.model.queries import order, query
from functions.datasets.model.queries.query import Asked, Query
from functions.kit.contract.records.columns import Column
from tests.support.rows.tables import COLUMNS, answer, file_of, loaded, some_records, table_of

CONDITIONS: list[Any] = [
    {"column": "n", "op": "<", "value": 1.5},
    {"column": "n", "op": ">=", "value": 0},
    {"column": "n", "op": "!=", "value": 1.5},
    {"column": "i", "op": "in", "value": [3, 4, None, 2**62]},
    {"column": "i", "op": "in", "value": []},
    {"column": "b", "op": "==", "value": True},
    {"column": "c", "op": ">", "value": "low"},
    {"column": "t", "op": "contains", "value": "ed"},
    {"column": "t", "op": "starts", "value": "red"},
    {"column": "t", "op": "contains", "value": "ü"},
    {"column": "t", "op": "missing"},
    {"column": "t", "op": "!=", "value": None},
    {"column": "d", "op": "<=", "value": "2026-01-31T12:00:02Z"},
    {"column": "d", "op": "present"},
    {"column": "day", "op": "==", "value": "2026-02-01"},
    {"column": "day", "op": ">", "value": "2026-01-31"},
]


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few rows are many blocks, whose sizes are nowhere the same."""
    monkeypatch.setattr(files, "BLOCK", 23)
    monkeypatch.setattr(arrow_table, "BLOCK", 23)
    monkeypatch.setattr(arrow_table, "FRESH", 7)
    monkeypatch.setattr(arrow_table, "SLICE", 11)
    monkeypatch.setattr(arrow_table, "MOST_SMALL", 4)
    monkeypatch.setattr(blocks, "STRIDE", 5)


def some_condition(chance: random.Random, depth: int = 0) -> Any:
    if depth < 3 and chance.random() < 0.5:
        parts = [some_condition(chance, depth + 1) for _ in range(chance.randrange(4))]
        return {chance.choice(["and", "or"]): parts}
    return chance.choice(CONDITIONS)


def some_query(chance: random.Random) -> Query:
    names = chance.sample([column.name for column in COLUMNS], chance.randrange(4))
    sort = ",".join(chance.choice(["", "-"]) + name for name in names)
    where = json.dumps(some_condition(chance)) if chance.random() < 0.8 else None
    return query.read(Asked((), where, sort), COLUMNS)


def assert_answers(table: ArrowTable, records: list[Record], chance: random.Random) -> None:
    """Ask for whole lists page by page, for counts, and for exports."""
    for _ in range(12):
        asked = some_query(chance)
        whole = answer(records, asked)
        assert table.count(asked.where) == len(whole)
        most = chance.randrange(1, 40)
        assert paged(table, asked, most) == whole
        ids = [row for batch in table.batches(asked) for row in batch["__id__"].to_pylist()]
        assert ids == [int(one.id) for one in whole]
    assert table.rows == len(records)


def paged(table: ArrowTable, asked: Query, most: int) -> list[Record]:
    found: list[Record] = []
    cursor = None
    while True:
        part = table.page(asked, order.mark(cursor, asked.keys), most)
        found += part
        if len(part) < most:
            return found
        cursor = order.cursor_behind(asked.keys, part[-1].values, int(part[-1].id))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("most", [2**30, 3_000, 0])
def test_lists_are_as_record_by_record(seed: int, most: int) -> None:
    chance = random.Random(seed)
    records = some_records(chance, range(1, 90))
    assert_answers(table_of(records, most=most), records, chance)


@pytest.mark.parametrize("seed", range(4))
def test_lists_are_so_after_changes_too(seed: int) -> None:
    chance = random.Random(seed)
    kept = {int(one.id): one for one in some_records(chance, range(1, 60))}
    table = table_of(list(kept.values()), most=2_000)
    last = 59
    for revision in range(2, 40):
        fresh = range(last + 1, last + 1 + chance.randrange(4))
        last += len(fresh)
        gone = chance.sample(sorted(kept), chance.randrange(4))
        old = [row for row in chance.sample(sorted(kept), 3) if row not in gone]
        put = some_records(chance, [*old, *fresh], revision)
        table = table.changed(revision, put, gone, ())
        kept = {row: one for row, one in kept.items() if row not in gone}
        kept |= {int(one.id): one for one in put}
    assert (table.revision, table.changes > 100) == (39, True)
    records = [kept[row] for row in sorted(kept)]
    assert_answers(table, records, chance)
    again = io.BytesIO()
    Tables(0).write(again, table)
    assert loaded(again).revision == 39
    assert_answers(loaded(again), records, chance)
    assert len(table.blocks) < 40


def test_large_rows_are_neither_copied_by_each_change_nor_put_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(arrow_table, "FRESH_BYTES", 2_000)
    monkeypatch.setattr(arrow_table, "SMALL_BYTES", 2_000)
    chance = random.Random(3)
    long = [
        Record(one.id, 1, {**one.values, "t": "x" * 1_000})
        for one in some_records(chance, range(1, 100))
    ]
    table = table_of(long)
    base = table.blocks
    for revision in range(2, 30):
        table = table.changed(revision, some_records(chance, [revision], revision), [], ())
    shared = [one for one in table.blocks if any(one.rows is other.rows for other in base)]
    assert len(shared) >= len(base) - 2  # but for those of which a quarter is hidden
    assert table.rows == 99


def test_a_table_without_rows_has_empty_lists() -> None:
    chance = random.Random(0)
    emptied = table_of(some_records(chance, [1, 2])).changed(2, [], [1, 2], ())
    for table in (table_of([]), emptied):
        assert_answers(table, [], chance)
    assert_answers(
        table_of([]).changed(
            2, [Record("000000001", 1, {**dict.fromkeys("nibctd"), "day": None})], [], ()
        ),
        [Record("000000001", 1, {**dict.fromkeys("nibctd"), "day": None})],
        chance,
    )


def test_a_column_of_another_kind_is_cast_once() -> None:
    chance = random.Random(5)
    table = table_of(some_records(chance, range(1, 40)))
    columns = [Column("i", "text") if one.name == "i" else one for one in COLUMNS]
    cast = table.conformed(2, columns)
    assert cast is not None
    before = table.page(Query(), None, 100)
    after = cast.page(Query(), None, 100)
    texts = [None if one.values["i"] is None else str(one.values["i"]) for one in before]
    assert [one.values["i"] for one in after] == texts
    assert [{**one.values, "i": 0} for one in before] == [{**one.values, "i": 0} for one in after]
    # The stored values are another column's: to cast what was cast might lose what they say.
    assert cast.conformed(3, COLUMNS) is None
    file = io.BytesIO()
    Tables(0).write(file, cast)
    assert loaded(file).conformed(3, COLUMNS) is None


def test_a_column_that_is_new_is_missing_everywhere() -> None:
    table = table_of(some_records(random.Random(6), range(1, 9)))
    wider = table.conformed(2, [Column("new", "text"), *COLUMNS[1:]])
    assert wider is not None
    assert {one.values["new"] for one in wider.page(Query(), None, 9)} == {None}
    assert "n" not in wider.page(Query(), None, 1)[0].values


def test_a_snapshot_has_the_types_of_the_kinds() -> None:
    columns = [Column("i", "integer", required=True), *COLUMNS[:1], *COLUMNS[2:]]
    records = [
        one for one in some_records(random.Random(7), range(1, 60)) if one.values["i"] is not None
    ]
    file = io.BytesIO()
    assert Tables(0).snapshot(file, table_of(records, columns), Query()) == len(records)
    found = parquet.read_table(file)
    names = [column.name for column in columns]
    assert found.to_pylist() == [{name: one.values[name] for name in names} for one in records]
    assert found.schema.types == [
        pa.int64(), pa.float64(), pa.bool_(), pa.string(), pa.string(),
        pa.timestamp("us", tz="UTC"), pa.date32(),
    ]  # fmt: skip
    assert [field.nullable for field in found.schema] == [False, *[True] * 6]


def test_files_of_some_rows_become_one() -> None:
    records = some_records(random.Random(8), range(1, 80))
    file = io.BytesIO()
    with Tables(0).writer(file, COLUMNS, {"revision": 1, "cast": ["n"]}) as writer:
        writer.add(records[:30])
        writer.add_file(file_of(records[30:]))
    table = loaded(file)
    assert table.page(Query(), None, 100) == records
    assert table.cast == {"n"}
