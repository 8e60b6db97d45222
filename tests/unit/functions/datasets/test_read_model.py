"""The table of the newest revision: in every replica what was acknowledged, whatever was lost."""

import random
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from functions.datasets.adapters.tables.files import Tables
from functions.datasets.model.changing.changes import Part
from functions.datasets.model.dataset import DatasetPatch
from functions.datasets.model.queries.query import Asked
from functions.datasets.service.files.importing import Importer
from functions.datasets.service.read_model import current, imported
from functions.datasets.service.read_model.parts import read_model
from functions.datasets.service.tables.lists import Lists
from functions.kit.contract.errors import Conflict, Invalid
from functions.kit.contract.records.columns import Column
from functions.kit.contract.requests.pages import PageQuery
from tests.support.in_memory.datasets import MEBIBYTE, A, House, anyone, dataset

TABLE = "n,t\n1,x\n2,y\n3,\n"


class Reads:
    """Counts how often all records of a store are read."""

    def __init__(self, house: House) -> None:
        genuine, self.count = house.rows.read, 0

        def read(*place: Any, **options: Any) -> Any:
            self.count += 1
            return genuine(*place, **options)

        vars(house.rows)["read"] = read


def loaded() -> tuple[House, Reads]:
    house = House()
    reads = Reads(house)
    house.load(TABLE)
    return house, reads


def rewrite(house: House, told: Callable[[Part], Part | None]) -> None:
    """Let the log be another one: what `told` makes of each part, None for nothing."""
    entry = house.database.entry(A)
    parts = ((key, told(part)) for key, part in entry.changes.items())
    entry.changes = {key: part for key, part in parts if part is not None}
    house.database.commit(A, entry)


def forget(house: House) -> None:
    """Let the log be empty."""
    rewrite(house, lambda _: None)


def replica(house: House, most: int = MEBIBYTE) -> Lists:
    """Return the lists of another replica over the same stores."""
    stores = (house.store, house.rows, house.bucket, Tables(most))
    return Lists(house.store, house.rows, read_model(*stores, house.clock, most, house.log).current)


def rows(lists: Lists, asked: Asked = Asked()) -> list[tuple[int, int, Any, Any]]:  # noqa: B008 - it never changes
    items = lists.page(A, PageQuery(limit=1000), asked).items
    return [(int(one.id), one.version, one.values["n"], one.values["t"]) for one in items]


def edit(house: House) -> list[tuple[int, int, Any, Any]]:
    """Make one change of each kind; return what is there then."""
    house.records.create(A, b'{"n": 4, "t": "new"}')
    house.records.amend(A, "000000001", b'{"n": 9}', anyone)
    house.records.delete(A, "000000002", anyone)
    house.records.replace(A, "000000003", b'{"n": 7}', anyone)
    return [(1, 2, 9, "x"), (3, 2, 7, None), (4, 1, 4, "new")]


def test_what_was_acknowledged_is_seen_without_reading_all_again() -> None:
    house, reads = loaded()
    other = replica(house)
    assert rows(house.lists) == rows(other) == [(1, 1, 1, "x"), (2, 1, 2, "y"), (3, 1, 3, None)]
    after = edit(house)
    assert rows(house.lists) == rows(other) == rows(replica(house)) == after
    assert rows(house.lists, Asked(("n>4",), sort="n")) == [(3, 2, 7, None), (1, 2, 9, "x")]
    assert house.snapshots.make(A)[0].rows == 3
    assert reads.count == 0


@pytest.mark.parametrize("lost", ["all", "one"])
def test_a_log_that_does_not_tell_all_is_not_believed(lost: str) -> None:
    house, reads = loaded()
    assert len(rows(house.lists)) == 3
    after = edit(house)
    gone = {2, 3, 4, 5} if lost == "all" else {4}
    rewrite(house, lambda part: None if part.change.revision in gone else part)
    assert rows(house.lists) == after
    assert reads.count == 1
    assert rows(replica(house)) == after  # by the file that was stored then
    assert reads.count == 1


def test_a_log_that_tells_otherwise_than_the_records_is_not_believed() -> None:
    house, reads = loaded()
    house.records.create(A, b'{"n": 4}')
    rewrite(house, lambda part: replace(part, edits=[]))
    assert len(rows(house.lists)) == 4
    assert reads.count == 1


def test_rows_that_an_import_adds_are_read_from_the_records() -> None:
    house, _ = loaded()
    assert len(rows(house.lists)) == 3
    for number in (4, 5, 6):
        house.records.create(A, b'{"n": %d}' % number)
    told: dict[int, dict[str, Any]] = {2: {"edits": [], "rows": (4, 5)}, 3: {"edits": []}}
    rewrite(house, lambda part: replace(part, **told.get(part.change.revision, {})))
    assert [row[2] for row in rows(house.lists)] == [1, 2, 3, 4, 5, 6]


def test_files_that_are_gone_cost_only_time() -> None:
    house, reads = loaded()
    house.bucket.stored.clear()
    assert len(rows(house.lists)) == 3
    assert (reads.count, len(house.tables_of(A))) == (1, 1)
    assert len(rows(replica(house))) == 3
    assert reads.count == 1


def test_a_full_bucket_stops_neither_import_nor_lists() -> None:
    house = House()
    house.upload(TABLE)
    house.bucket.is_full = True
    house.deliver()
    assert house.datasets.get(A).state == "ready"
    assert len(rows(house.lists)) == 3
    assert house.tables_of(A) == []
    assert edit(house) == rows(house.lists)


def test_a_full_disk_stops_no_import(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    with Path("/dev/full").open("w+b", buffering=0) as full:
        monkeypatch.setattr(imported, "scratch", lambda: nullcontext(full))
        house.load(TABLE)
    monkeypatch.undo()
    assert (house.datasets.get(A).state, house.tables_of(A)) == ("ready", [])
    assert len(rows(house.lists)) == 3


def test_a_table_of_an_earlier_dataset_of_the_name_is_another_one() -> None:
    house, _ = loaded()
    assert len(rows(house.lists)) == 3
    house.datasets.delete(A, anyone)
    house.deliver()
    house.load("n,t\n8,z\n")
    assert rows(house.lists) == [(1, 1, 8, "z")]


def test_much_that_was_changed_is_stored_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "WORTH_KEEPING", 3)
    house, _ = loaded()
    edit(house)
    after = rows(house.lists)
    assert [path.split("-")[1] for path in sorted(house.tables_of(A))] == [
        "r" + "1".zfill(12),
        "r" + "5".zfill(12),
    ]
    forget(house)
    assert rows(replica(house)) == after
    house.records.create(A, b'{"n": 1}')
    house.clock.advance(25 * 3600)
    edit_more = [house.records.create(A, b'{"n": 1}') for _ in range(3)]
    assert len(edit_more) == 3
    assert len(rows(house.lists)) == 7
    assert len(house.tables_of(A)) == 2  # those that newer ones replaced long ago are gone


def recast(house: House, kind: Any) -> None:
    patch = DatasetPatch(columns=[Column("n", kind)])
    house.datasets.patch(A, patch, anyone)


def test_a_column_of_another_kind_is_that_in_lists() -> None:
    house, reads = loaded()
    assert len(rows(house.lists)) == 3
    before = reads.count
    recast(house, "text")
    checked = reads.count - before  # the edit itself looks at the records
    assert [row[2] for row in rows(house.lists, Asked(("n>=2",)))] == ["2", "3"]
    house.records.create(A, b'{"n": "1.50"}')
    recast(house, "number")
    assert [row[2] for row in rows(house.lists)] == [1.0, 2.0, 3.0, 1.5]
    recast(house, "text")
    # As it was stored, not what came of it as a number.
    assert [row[2] for row in rows(house.lists)] == ["1", "2", "3", "1.50"]
    assert [row[2] for row in rows(replica(house))] == ["1", "2", "3", "1.50"]
    assert checked <= 1
    with pytest.raises(Invalid):
        recast(house, "integer")


def test_a_table_over_the_bound_is_read_each_time_and_right(tmp_path: Any) -> None:
    house, _ = loaded()
    tiny = replica(house, most=1)
    after = edit(house)
    assert rows(tiny) == rows(tiny) == after


def test_an_import_of_many_turns_leaves_a_table_without_reading_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.datasets.model.limits.BATCH", 2)
    monkeypatch.setattr(Importer, "seconds", 0.3)
    house = House()
    house.clock._tick = 0.05
    reads = Reads(house)
    house.load("n,t\n" + "".join(f"{row},a\n" for row in range(40)))
    assert [row[2] for row in rows(house.lists)] == list(range(40))
    assert reads.count == 0
    assert [path.split("-")[1] for path in house.tables_of(A)] == ["r" + "1".zfill(12)]


def test_lists_while_an_import_is_at_work_are_plain_ones() -> None:
    house = House()
    house.store.create(dataset(state="importing", rows_done=0))
    assert house.lists.page(A, PageQuery(), Asked()).items == []
    with pytest.raises(Conflict, match="importing"):
        house.lists.page(A, PageQuery(), Asked(sort="n"))


def test_readers_and_writers_at_once_see_what_was_acknowledged() -> None:
    house, _ = loaded()
    lists = [house.lists, replica(house)]
    wrong: list[Any] = []

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for number in range(15):
            value = 1000 * seed + number
            made = house.records.create(A, b'{"n": %d}' % value)
            for one in lists:
                found = rows(one, Asked((f"n=={value}",)))
                if [row[0] for row in found] != [int(made.id)]:
                    wrong.append((value, found))
            if chance.random() < 0.3:
                house.records.delete(A, made.id, anyone)
                if rows(chance.choice(lists), Asked((f"n=={value}",))):
                    wrong.append((value, "is still there"))

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    stored = [record.id for record in house.rows.read(A)]
    assert [f"{row[0]:09d}" for row in rows(house.lists)] == stored
