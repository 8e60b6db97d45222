"""Imports have turns: a small one is not kept by a large one, and few work at a time."""

import datetime as dt
from typing import Any

import pytest

from functions.datasets.adapters.config import import_caps
from functions.datasets.model.imports import turns
from functions.datasets.model.imports.turns import LEASE, START, TURN, Caps, Entry
from functions.datasets.service.imports.steps import ImportSteps
from functions.kit.adapters import manual_clock
from functions.kit.adapters.config import ConfigError
from functions.kit.contract.access.workspaces import MAIN, Place
from tests.support.in_memory.chaos import Killed
from tests.support.in_memory.datasets import A, House

B, C = Place(MAIN, "b"), Place("other", "c")
COMMIT = 0.5
"""Seconds that each commit takes in these tests."""
NOW = manual_clock.START


def listed(*entries: tuple[str, dt.datetime | None]) -> list[Entry]:
    """Return entries whose workspace is the first letter of their step."""
    return [Entry(workspace=step[0], step=step, until=until) for step, until in entries]


def shown(entries: list[Entry]) -> list[tuple[str, bool]]:
    return [(one.step, one.until is not None) for one in entries]


def ask(entries: list[Entry], step: str, caps: Caps, now: dt.datetime = NOW) -> list[Entry]:
    return turns.begun(entries, Entry(workspace=step[0], step=step), caps, now)


def test_those_who_come_first_work_and_the_others_wait_in_order() -> None:
    found: list[Entry] = []
    for step in ("a1", "a2", "a3", "b1", "b2"):
        found = ask(found, step, Caps(jobs=3, workspace_jobs=2))
    assert shown(found) == [("a1", True), ("a2", True), ("a3", False), ("b1", True), ("b2", False)]
    assert turns.waiting(found) == {"a3": 1, "b2": 2}
    assert shown(ask(found, "a1", Caps(jobs=3, workspace_jobs=2))) == shown(found)
    after = turns.left(found, "b1", Caps(jobs=3, workspace_jobs=2), NOW)
    assert shown(after) == [("a1", True), ("a2", True), ("a3", False), ("b2", True)]


def test_after_a_turn_one_goes_behind_those_who_wait_and_on_if_none_does() -> None:
    one = Entry(workspace="a", step="a1")
    alone = turns.gone_on(ask([], "a1", Caps(jobs=1)), one, Caps(jobs=1), NOW)
    assert shown(alone) == [("a1", True)]
    two = ask(alone, "a2", Caps(jobs=1))
    assert shown(turns.gone_on(two, one, Caps(jobs=1), NOW)) == [("a2", True), ("a1", False)]


def test_one_that_died_loses_its_place_and_one_that_works_keeps_it() -> None:
    found = listed(("a1", NOW), ("a2", NOW + LEASE / 2), ("a3", None))
    after = ask(found, "a2", Caps(jobs=2))
    assert after == listed(("a2", NOW + LEASE), ("a3", NOW + START))


def test_more_than_may_wait_are_not_listed() -> None:
    found = ask(ask(ask([], "a1", Caps(1, 1, 1)), "a2", Caps(1, 1, 1)), "a3", Caps(1, 1, 1))
    assert shown(found) == [("a1", True), ("a2", False)]


def test_caps_are_of_the_environment() -> None:
    assert import_caps({}) == Caps()
    env = {"MAYFLY_IMPORT_JOBS": "2", "MAYFLY_IMPORT_WORKSPACE_JOBS": "1"}
    assert import_caps(env) == Caps(jobs=2, workspace_jobs=1)
    with pytest.raises(ConfigError, match="MAYFLY_IMPORT_WAITING"):
        import_caps({"MAYFLY_IMPORT_WAITING": "0"})


def table(rows: int) -> str:
    return "n\n" + "".join(f"{n}\n" for n in range(rows))


def slow(monkeypatch: pytest.MonkeyPatch, **caps: int) -> House:
    """Return a house whose commits are small and take their time."""
    monkeypatch.setattr("functions.datasets.model.limits.BATCH", 2)
    monkeypatch.setattr("functions.datasets.service.changing.batches.EDITS", 2)
    house = House(caps=Caps(**caps))
    for name in ("import_batch", "edit_batch"):
        genuine = getattr(house.rows, name)

        def commit(*given: Any, genuine: Any = genuine, **more: Any) -> Any:
            house.clock.sleep(COMMIT)
            return genuine(*given, **more)

        vars(house.rows)[name] = commit
    return house


def until(house: House, place: Place) -> float:
    """Deliver steps until a dataset is ready; return the seconds that took."""
    begun = house.clock.monotonic()
    for _ in range(100):
        if house.store.find(place).dataset.state == "ready":
            return house.clock.monotonic() - begun
        house.look(house.queue.messages.popleft())
    raise AssertionError(place)


def test_a_small_upload_beside_a_large_one_takes_twice_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = slow(monkeypatch)
    alone.upload(table(12), B)
    took = until(alone, B)
    house = slow(monkeypatch, jobs=1)
    house.upload(table(200), A)
    house.upload(table(12), B)
    assert until(house, B) <= took + TURN + 2 * COMMIT
    assert house.store.find(A).dataset.state == "importing"
    house.deliver()
    assert [row["n"] for row in house.values(A)] == list(range(200))
    assert house.turns.read() == []


def test_a_small_import_into_a_dataset_is_not_kept_either(monkeypatch: pytest.MonkeyPatch) -> None:
    house = slow(monkeypatch, jobs=1)
    house.load(table(2), A)
    house.load(table(2), B)
    large, small = house.bring(table(100), A), house.bring(table(8), B)
    begun = house.clock.monotonic()
    while house.imports.get(B, small.id).state != "done":
        house.look(house.queue.messages.popleft())
    assert house.clock.monotonic() - begun <= 4 * COMMIT + TURN + 2 * COMMIT
    assert house.imports.get(A, large.id).state == "importing"
    house.deliver()
    assert house.imports.get(A, large.id).state == "done"


def test_those_that_wait_are_shown_with_their_place_and_begin_by_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = slow(monkeypatch, jobs=2, workspace_jobs=1)
    seen: list[tuple[int | None, ...]] = []
    house.load(table(2), Place("other", "d"))
    for place in (A, B, C):
        house.upload(table(40), place)
    waits = house.bring(table(4), Place("other", "d"))
    places = [house.datasets.get, house.imports.get]
    genuine = house.rows.import_batch

    def look(*given: Any, **more: Any) -> Any:
        for message in list(house.queue.messages):  # all that was asked for meanwhile
            house.queue.messages.remove(message)
            house.look(message)
        shown = [house.datasets.get(place).waits_at for place in (A, B, C)]
        seen.append((*shown, house.imports.get(waits.place, waits.id).waits_at))
        return genuine(*given, **more)

    vars(house.rows)["import_batch"] = look
    assert len(places) == 2
    house.deliver()
    assert (None, 1, None, 2) in seen  # of each workspace one works, the other waits
    for place in (A, B, C):
        assert house.datasets.get(place).state == "ready"
    assert house.imports.get(waits.place, waits.id).state == "done"
    assert house.turns.read() == []


def test_one_whose_process_was_killed_keeps_nobody_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = slow(monkeypatch, jobs=1)
    house.upload(table(40), A)
    genuine = house.rows.import_batch

    def killed(*_: Any, **__: Any) -> Any:
        vars(house.rows)["import_batch"] = genuine
        raise Killed

    vars(house.rows)["import_batch"] = killed
    with pytest.raises(Killed):
        house.look(house.queue.messages.popleft())
    house.upload(table(4), B)
    house.queue.messages.clear()
    assert house.datasets.get(B).state == "importing"
    house.clock.advance(LEASE.total_seconds() + 1)
    house.lookout.look()
    house.deliver()
    assert [house.datasets.get(place).state for place in (A, B)] == ["ready", "ready"]


def test_an_import_that_waits_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    house = slow(monkeypatch, jobs=1)
    monkeypatch.setattr(ImportSteps, "seconds", 30.0)
    house.load(table(2), B)
    house.upload(table(40), A)
    found = house.bring(table(4), B)
    house.look(house.queue.messages.popleft())
    assert house.imports.cancel(B, found.id).state == "cancelled"
    house.deliver()
    assert house.datasets.get(A).state == "ready"
    assert len(house.values(B)) == 2
    assert house.turns.read() == []
