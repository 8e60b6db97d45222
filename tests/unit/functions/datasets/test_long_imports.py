"""Imports that write for longer than the store keeps past states: still nobody sees half of one."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.datasets.adapters.memory.datasets import HISTORY
from functions.datasets.service.changing.many import Which
from functions.datasets.service.changing.starter import Asked
from functions.datasets.service.imports.steps import ImportSteps
from functions.datasets.service.ports import Forgotten
from functions.kit.contract.errors import NotFound
from tests.support.in_memory.datasets import A, House, anyone
from tests.unit.functions.datasets.test_read_model import replica, rows

TABLE = "n,t\n" + "".join(f"{n},old\n" for n in range(1, 6))
FILE = "n,t\n" + "".join(f"{n},new\n" for n in range(4, 9))
OLD = [(n, 1, n, "old") for n in range(1, 6)]
NEW = [(n + 2, 1, n, "new") for n in range(4, 9)]
WANTED: dict[str, list[tuple[int, int, int, Any]]] = {
    "append": [*OLD, *NEW],
    "replace": NEW,
    "upsert": [
        *OLD[:3],
        (4, 2, 4, "new"),
        (5, 2, 5, "new"),
        *((n, 1, n, "new") for n in (6, 7, 8)),
    ],
}


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr("functions.datasets.model.limits.BATCH", 2)
    monkeypatch.setattr("functions.datasets.service.changing.batches.EDITS", 2)
    monkeypatch.setattr(ImportSteps, "seconds", 1.0)
    made = House()
    made.load(TABLE)
    return made


def long(house: House, look: Callable[[], None]) -> list[int]:
    """Let each commit of a change take most of the time that is kept, and look behind each."""
    genuine, count = house.rows.edit_batch, [0]

    def edit_batch(*given: Any, **more: Any) -> Any:
        version = genuine(*given, **more)
        house.clock.advance(0.7 * HISTORY)
        count[0] += 1
        look()
        return version

    vars(house.rows)["edit_batch"] = edit_batch
    return count


def look(house: House) -> None:
    """See all that was there before, by each way to read it, from the records themselves."""
    house.bucket.stored = {p: d for p, d in house.bucket.stored.items() if "processed" not in p}
    assert rows(replica(house)) == OLD
    for row, version, n, text in OLD:
        record = house.records.get(A, f"{row:09d}")
        assert (record.version, record.values) == (version, {"n": n, "t": text})
    for row in (6, 7, 8, 9, 10):
        with pytest.raises(NotFound):
            house.records.get(A, f"{row:09d}")


@pytest.mark.parametrize("mode", WANTED)
def test_an_import_of_many_hours_is_seen_at_its_end(house: House, mode: str) -> None:
    commits = long(house, lambda: look(house))
    asked: dict[str, Any] = {"mode": mode, "key": ["n"]} if mode == "upsert" else {"mode": mode}
    found = house.brought(FILE, **asked)
    assert (found.state, commits[0] >= 3) == ("done", True), found.failure
    assert rows(house.lists) == rows(replica(house)) == WANTED[mode]
    with pytest.raises(Forgotten):  # so what is looked at above was forgotten, too
        list(house.rows.read(A, moment=1))


def test_one_that_is_cancelled_after_hours_is_taken_back(house: House) -> None:
    turns = iter(range(100))

    def meanwhile() -> None:
        look(house)
        if next(turns) == 2:
            house.imports.cancel(A, "1")
            look(house)

    long(house, meanwhile)
    assert house.brought(FILE, mode="replace").state == "cancelled"
    assert [row[2:] for row in rows(replica(house))] == [row[2:] for row in OLD]


def test_a_change_by_filter_may_take_hours_as_well(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.datasets.service.changing.starter.EDITS", 0)
    monkeypatch.setattr("functions.datasets.service.changing.changer.Changer.seconds", 1.0)
    commits = long(house, lambda: None)
    house.many.remove(A, Which(where='{"column": "n", "op": ">", "value": 1}'), Asked("a", anyone))
    house.deliver()
    assert commits[0] > 3
    assert rows(house.lists) == OLD[:1]
