"""After an import lists need no records: it leaves what it put as a file."""

from typing import Any

import pytest

from functions.datasets.model.dataset import DatasetPatch
from functions.datasets.model.table_parts import MOST, TablePart, since, with_part
from functions.datasets.service.imports import tables
from functions.datasets.service.read_model import current
from functions.kit.contract.records.columns import Column
from tests.support.in_memory.datasets import A, House, anyone
from tests.unit.functions.datasets.test_read_model import Reads, replica, rows

TABLE = "n,t\n1,x\n2,y\n3,\n"
FILE = "n,t\n3,z\n9,new\n2,w\n"
OLD = [(1, 1, 1, "x"), (2, 1, 2, "y"), (3, 1, 3, None)]
WANTED: dict[str, list[tuple[int, int, int, Any]]] = {
    "append": [*OLD, (4, 1, 3, "z"), (5, 1, 9, "new"), (6, 1, 2, "w")],
    "replace": [(4, 1, 3, "z"), (5, 1, 9, "new"), (6, 1, 2, "w")],
    "upsert": [(1, 1, 1, "x"), (2, 2, 2, "w"), (3, 2, 3, "z"), (4, 1, 9, "new")],
}


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(tables, "WORTH_A_FILE", 1)
    made = House()
    made.load(TABLE)
    return made


def asked(mode: str) -> dict[str, Any]:
    return {"mode": mode, "key": ["n"]} if mode == "upsert" else {"mode": mode}


def untold(house: House) -> None:
    """Let the log tell nothing of imports: what lists show is of files then."""
    entry = house.database.entry(A)
    entry.changes.clear()
    house.database.commit(A, entry)


@pytest.mark.parametrize("mode", WANTED)
@pytest.mark.parametrize("is_held", [True, False])
def test_a_list_after_an_import_reads_neither_records_nor_log(
    house: House, mode: str, *, is_held: bool
) -> None:
    if is_held:
        assert rows(house.lists) == OLD
    reads = Reads(house)
    house.brought(FILE, **asked(mode))
    written = reads.count  # the import itself looks at records
    untold(house)
    assert rows(house.lists) == rows(replica(house)) == WANTED[mode]
    assert reads.count == written


@pytest.mark.parametrize("mode", WANTED)
def test_edits_before_and_after_an_import_count(house: House, mode: str) -> None:
    house.records.amend(A, "000000001", b'{"t": "before"}', anyone)
    house.brought(FILE, **asked(mode))
    house.records.amend(A, "000000004", b'{"t": "after"}', anyone)
    house.brought("n,t\n8,late\n")
    house.records.delete(A, "000000004", anyone)
    found = [
        (int(one.id), one.version, one.values["n"], one.values["t"]) for one in house.rows.read(A)
    ]
    assert rows(house.lists) == rows(replica(house)) == found


def test_a_part_that_is_gone_costs_only_time(house: House) -> None:
    house.brought(FILE)
    [part] = house.store.find(A).dataset.parts
    del house.bucket.stored[part.path]
    assert rows(replica(house)) == WANTED["append"]


def test_a_part_in_columns_of_another_kind(house: House) -> None:
    house.brought(FILE)
    house.datasets.patch(A, DatasetPatch(columns=[Column("n", "text")]), anyone)
    house.brought("n,t\n007,z\n")
    assert [row[2] for row in rows(replica(house))] == ["1", "2", "3", "3", "9", "2", "007"]


def test_what_a_cancelled_import_left_is_not_taken_for_the_next_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = house.store.change

    def cancelled(place: Any, work: Any) -> Any:
        vars(house.store).pop("change")
        house.imports.cancel(A, "1")
        return genuine(place, work)

    write = house.import_steps._tables.part

    def written(*of: Any) -> Any:
        vars(house.store)["change"] = cancelled
        return write(*of)

    monkeypatch.setattr(house.import_steps._tables, "part", written)
    house.bring(FILE)
    house.deliver()
    monkeypatch.undo()
    monkeypatch.setattr(tables, "WORTH_A_FILE", 1)
    assert house.imports.get(A, "1").state == "cancelled"
    assert sum("-n0" in path for path in house.tables_of(A)) == 1
    house.brought("n,t\n7,other\n8,other\n9,other\n")
    wanted = [*OLD, *((row, 1, row + 3, "other") for row in (4, 5, 6))]
    assert rows(house.lists) == rows(replica(house)) == wanted


def test_many_parts_are_put_together_by_the_import(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "WORTH_KEEPING", 5)
    house.brought(FILE)
    assert not any("-r000000000002-" in path for path in house.tables_of(A))
    house.brought(FILE)
    assert any("-r000000000003-" in path for path in house.tables_of(A))
    house.store.find(A)
    assert len(rows(replica(house))) == 9


def test_parts_are_bounded_and_a_whole_one_is_alone() -> None:
    some = [TablePart(revision=number, path=str(number), rows=1) for number in range(2, 14)]
    parts: list[TablePart] = []
    for part in some:
        parts = with_part(parts, part)
    assert parts == some[-MOST:]
    assert since(parts, 11) == some[-2:]
    assert with_part(parts, None) == parts
    whole = TablePart(revision=14, path="w", rows=1, is_whole=True)
    assert with_part(parts, whole) == [whole]
