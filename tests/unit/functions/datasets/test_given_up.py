"""Work over which process after process dies is given up, with a reason; unless it gets further."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from functions.datasets.service.changing import starter
from functions.datasets.service.changing.many import Which
from functions.datasets.service.changing.starter import Asked
from functions.kit.contract.steps import LEASE, MOST_DEATHS
from tests.support.in_memory.chaos import Killed, killing
from tests.support.in_memory.datasets import A, House, anyone

TABLE = "n,t\n" + "".join(f"{n},old\n" for n in range(9))
OLD = [{"n": n, "t": "old"} for n in range(9)]
NEW = "n,t\n8,new\n9,new\n10,new\n"
KILLER = "The process ended 5 times"


@pytest.fixture(autouse=True)
def _small_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.datasets.model.limits.BATCH", 2)
    monkeypatch.setattr("functions.datasets.service.changing.batches.EDITS", 2)
    monkeypatch.setattr(starter, "EDITS", 0)


def lives(house: House, most: int) -> int:
    """Let so many processes take what is due, one after the other; return how many died over it."""
    deaths = 0
    for _ in range(most):
        house.clock.advance(LEASE.total_seconds())
        for step in house.due.waiting:
            try:
                house.look(step)
            except Killed:
                deaths += 1
    return deaths


def test_an_import_that_kills_each_process_fails_with_the_reason_and_can_be_taken_up() -> None:
    house = House()
    house.upload(TABLE)
    with killing(house.rows, "import_batch", 3):
        lives(house, 1)
    with killing(house.rows, "import_batch"):
        # What died before it came here does not count.
        assert lives(house, 30) == MOST_DEATHS - 1
    failed = house.datasets.get(A)
    assert (failed.state, failed.rows_done) == ("failed", 4)
    assert failed.failure == (
        f"{KILLER} (out of memory, or of time?) after row 4 of 9; upload the same file to go on."
    )
    assert house.due.waiting == []
    house.load(TABLE)
    assert house.datasets.get(A).state == "ready"
    assert house.values() == OLD


def test_an_import_that_gets_further_with_each_process_is_never_given_up() -> None:
    house = House()
    house.upload(TABLE)
    with killing(house.rows, "import_batch", 2):
        assert lives(house, 4) == 4
        assert house.datasets.get(A).state == "importing"
    assert lives(house, 2) == 0
    assert (house.datasets.get(A).state, house.values()) == ("ready", OLD)


MOMENTS: list[tuple[str, Callable[[House], tuple[object, str]]]] = [
    ("checking", lambda house: (house.import_steps._checker, "check")),
    ("importing", lambda house: (house.rows, "to_writes")),
    ("importing", lambda house: (house.rows, "edit_batch")),
]


@pytest.mark.parametrize(("state", "where"), MOMENTS)
@pytest.mark.parametrize("asked", [{"mode": "append"}, {"mode": "replace"}])
def test_a_later_import_that_kills_each_process_leaves_the_rows_as_they_were(
    state: str, where: Callable[[House], tuple[object, str]], asked: dict[str, Any]
) -> None:
    house = House()
    house.load(TABLE)
    begun = house.bring(NEW, **asked)
    with killing(*where(house)):
        assert lives(house, 30) == MOST_DEATHS
    failed = house.imports.get(A, begun.id)
    assert failed.state == "failed"
    assert failed.failure == (
        f"{KILLER} (out of memory, or of time?) while {state}; resume it to have it tried again."
    )
    assert house.due.waiting == []
    assert (house.values(), house.datasets.get(A).revision) == (OLD, 1)
    house.records.amend(A, "000000001", b'{"t": "free"}', anyone)  # nobody holds it
    house.imports.resume(A, begun.id)
    house.deliver()
    assert house.imports.get(A, begun.id).state == "done"


def test_a_fetch_that_kills_each_process_is_given_up() -> None:
    house = House()
    house.load(TABLE)
    begun = house.fetch("http://127.0.0.1:9/rows.csv")
    with killing(house.import_steps._fetcher, "fetch"):
        assert lives(house, 30) == MOST_DEATHS
    assert "while fetching" in str(house.imports.get(A, begun.id).failure)


def test_a_change_that_kills_each_process_while_it_looks_changes_nothing() -> None:
    house = House()
    house.load(TABLE)
    with killing(house.changer, "_batches"):
        with suppress(Killed):
            house.many.remove(A, Which(["n<6"]), Asked("ann", anyone))
        lives(house, 30)
    dataset = house.store.find(A).dataset
    assert dataset.change is not None
    assert str(dataset.change.failure).startswith(KILLER)
    assert (dataset.under_way, house.values()) == (None, OLD)


def test_a_change_that_is_half_written_is_not_given_up() -> None:
    house = House()
    house.load(TABLE)
    with killing(house.rows, "edit_batch", 4):
        with suppress(Killed):
            house.many.remove(A, Which(["n<6"]), Asked("ann", anyone))
        lives(house, 1)
    with killing(house.rows, "edit_batch"):
        assert lives(house, 3 * MOST_DEATHS) == 3 * MOST_DEATHS
    assert house.values() == OLD  # as nobody sees a half
    lives(house, 1)
    assert house.values() == OLD[6:]
