"""How many tasks and batches an owner may have open, as their services hold to it."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec
import pytest

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.over_quota import OpenBound, OverQuota
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import NotFound
from functions.prediction.model.batches import kind as batches
from functions.prediction.model.batches.batch import Output, Request, Source
from functions.prediction.model.tasks import kind as tasks
from functions.prediction.service.batches.batches import asked
from tests.support.in_memory import batch_house, task_house
from tests.support.in_memory.batch_house import ANN, BOB, as_csv, people
from tests.support.in_memory.task_house import RECORD

MOST = 3
ELSEWHERE = msgspec.structs.replace(ANN, name="other key", key="other")
OURS = msgspec.structs.replace(ANN, name="web", account="")


class Door(NamedTuple):
    """Where things are made.

    Attributes:
        make: one, for a caller, with an idempotency key; returns its id.
        end: one, as its owner may.
        run: all that is due.
        files: the names of all that is kept.
    """

    make: Callable[[Caller, str], str]
    end: Callable[[str], Any]
    run: Callable[[], None]
    files: Callable[[], list[str]]


def of_tasks() -> Door:
    house = task_house.House()

    def make(caller: Caller, key: str) -> str:
        taken = house.post({"records": [RECORD]}, caller, key)
        return str(msgspec.json.decode(taken.body)["id"])

    return Door(
        make,
        lambda name: house.tasks.end(ANN, "people", name),
        house.run,
        lambda: [path for path, _ in house.files.listed("tasks/")],
    )


def of_batches(create: Callable[[batch_house.House, Caller, str], str]) -> Door:
    house = batch_house.House()
    house.world.put("town", people(5))
    return Door(
        lambda caller, key: create(house, caller, key),
        lambda name: house.service.cancel(Place(MAIN, name), "people"),
        house.run,
        lambda: [path for path, _ in house.files.listed("batches/")],
    )


def of_dataset(house: batch_house.House, caller: Caller, key: str) -> str:
    return house.service.create(caller, "people", Request("town"), key).id


def of_file(house: batch_house.House, caller: Caller, key: str) -> str:
    wanted, source = asked("people", 1, None, Output()), Source(form="csv")
    body = iter([as_csv(people(5))])
    return house.service.create_from_file(caller, wanted, source, body, key).id


DOORS: dict[str, tuple[Callable[[], Door], OpenBound]] = {
    "tasks": (of_tasks, tasks.OPEN),
    "batches of datasets": (lambda: of_batches(of_dataset), batches.OPEN),
    "batches of files": (lambda: of_batches(of_file), batches.OPEN),
}


@pytest.fixture(params=[*DOORS])
def full(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[Door, list[str]]:
    """Return where Ann has as many open as she may, and their ids."""
    open_door, bound = DOORS[request.param]
    module = f"functions.prediction.service.{bound.things}.{bound.things}.OPEN"
    monkeypatch.setattr(module, msgspec.structs.replace(bound, most=MOST))
    door = open_door()
    return door, [door.make(ANN, f"key-{number}") for number in range(MOST)]


def refused(door: Door, caller: Caller = ANN) -> OverQuota:
    """Return how one more is refused, of which nothing is kept."""
    before = door.files()
    with pytest.raises(OverQuota) as told:
        door.make(caller, uuid4().hex)
    assert door.files() == before
    return told.value


def test_one_more_is_refused_and_told_what_to_do(full: tuple[Door, list[str]]) -> None:
    door, _ = full
    told = refused(door)
    assert told.detail.startswith(f"{MOST} ")
    assert "wait until some have ended, or cancel some" in told.detail
    assert (told.retry_after, len(told.policies)) == (5, 1)
    refused(door, ELSEWHERE)  # with another key of hers


@pytest.mark.parametrize("caller", [BOB, OURS], ids=["another's", "a function's"])
def test_others_are_not_bound_by_it(full: tuple[Door, list[str]], caller: Caller) -> None:
    door, _ = full
    assert door.make(caller, uuid4().hex)


def test_one_that_is_known_is_no_more(full: tuple[Door, list[str]]) -> None:
    door, [first, *_] = full
    assert door.make(ANN, "key-0") == first


def test_what_ends_makes_room(full: tuple[Door, list[str]]) -> None:
    door, [first, *_] = full
    door.end(first)
    assert door.make(ANN, uuid4().hex)
    refused(door)
    door.run()
    assert [door.make(ANN, uuid4().hex) for _ in range(MOST)]
    refused(door)


def test_what_is_wrong_is_said_first(full: tuple[Door, list[str]]) -> None:
    door, _ = full
    with pytest.raises(NotFound):
        door.make(msgspec.structs.replace(ANN, workspace="elsewhere"), uuid4().hex)


@pytest.mark.parametrize(
    ("bound", "begin"),
    [
        (tasks.OPEN, "1,000 tasks of yours are open, and no more are taken: "),
        (batches.OPEN, "100 batches of yours are open, and no more are taken: "),
    ],
)
def test_bounds_are_as_documented(bound: OpenBound, begin: str) -> None:
    bound.check(0)
    bound.check(bound.most - 1)
    for found in (bound.most, bound.most + 1):
        with pytest.raises(OverQuota) as told:
            bound.check(found)
        assert told.value.detail == f"{begin}wait until some have ended, or cancel some."
        assert told.value.policies == [bound.policy]
