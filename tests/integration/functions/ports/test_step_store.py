"""Where due steps are kept: the double in memory and Firestore keep the same promises."""

import datetime as dt
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple
from uuid import uuid4

import pytest

from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.adapters.stores import firestore
from functions.kit.contract import steps
from functions.kit.contract.ports import StepStore
from functions.kit.contract.steps import GRACE, LEASE, DueStep, Step

SECOND = dt.timedelta(seconds=1)


class Kept(NamedTuple):
    """A store of steps, and what stands for the transaction of another store."""

    store: StepStore
    function: str
    write: Callable[[Iterable[Step]], None]
    drop: Callable[[Iterable[Step]], None]

    def step(self, name: str = "1") -> Step:
        return Step(self.function, f"/things/{name}/wash")

    def make(self, *names: str) -> list[Step]:
        made = [self.step(name) for name in names]
        self.write(made)
        return made


@pytest.fixture(params=["memory", "firestore"])
def kept(request: pytest.FixtureRequest) -> Kept:
    function, clock = f"f{uuid4().hex[:8]}", ManualClock()
    if request.param == "memory":
        memory = MemorySteps(function, clock)
        return Kept(memory, function, memory.write, memory.drop)
    request.getfixturevalue("emulators")
    stored = FirestoreSteps(function, clock)

    def commit(put: Callable[..., None], some: Iterable[Step]) -> None:
        batch = firestore.client().batch()
        put(batch, some)
        batch.commit()

    return Kept(stored, function, partial(commit, stored.write), partial(commit, stored.drop))


def take(holder: str, now: dt.datetime = START) -> Callable[[DueStep], DueStep | None]:
    return lambda found: steps.take(found, holder, now)


def test_a_step_is_kept_from_its_beginning_to_its_end(kept: Kept) -> None:
    first, second = kept.step("1"), kept.step("2")
    kept.write([first])
    assert kept.store.find([second, first]) == [None, steps.due(first, START)]
    kept.drop([first, second])
    assert kept.store.find([first]) == [None]
    assert kept.store.find([]) == []


def test_a_change_is_kept_and_told(kept: Kept) -> None:
    [step] = kept.make("1")
    taken = kept.store.change(step, take("we"))
    assert taken is not None
    assert (taken.holder, taken.until) == ("we", START + LEASE)
    assert kept.store.find([step]) == [taken]


def test_what_changes_nothing_is_told_as_nothing(kept: Kept) -> None:
    [step] = kept.make("1")
    assert kept.store.change(step, lambda _: None) is None
    assert kept.store.change(kept.step("other"), take("we")) is None
    assert kept.store.find([step]) == [steps.due(step, START)]


def test_of_many_who_take_a_step_at_once_one_has_it(kept: Kept) -> None:
    [step] = kept.make("1")
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda number: kept.store.change(step, take(str(number))), range(8)))
    [found] = kept.store.find([step])
    assert [one for one in taken if one] == [found]


def test_overdue_steps_are_found_the_longest_waiting_first(kept: Kept) -> None:
    early, held, late = kept.make("1", "2", "3")
    kept.store.change(held, take("we", START + GRACE - LEASE - SECOND))
    kept.store.change(late, take("we", START + GRACE))
    assert kept.store.overdue(START + GRACE - 2 * SECOND, 9) == []
    assert kept.store.overdue(START + GRACE, 9) == [held, early]
    assert kept.store.overdue(START + GRACE, 1) == [held]


def test_the_next_step_is_known_that_is_not_due_yet(kept: Kept) -> None:
    assert kept.store.next_after(START) is None
    _, held = kept.make("1", "2")
    kept.store.change(held, take("we", START))
    assert kept.store.next_after(START) == START + GRACE
    assert kept.store.next_after(START + GRACE) == START + LEASE
    assert kept.store.next_after(START + LEASE) is None


def test_steps_of_other_functions_are_theirs(kept: Kept) -> None:
    kept.make("1")
    other = kept._replace(function=f"{kept.function}-x")
    assert kept.store.overdue(START + GRACE, 9) == [kept.step("1")]
    assert other.step("1").function != kept.function


def test_a_look_begins_once_in_a_while(kept: Kept) -> None:
    every = 5 * SECOND
    assert kept.store.begin_look(START, every)
    assert not kept.store.begin_look(START + every - SECOND, every)
    assert kept.store.begin_look(START + every, every)
    assert kept.store.begin_look(START + 100 * every, every)  # by a clock that is wrong
    assert kept.store.begin_look(START + 2 * every, every)


def test_of_many_who_would_look_at_once_one_does(kept: Kept) -> None:
    for moment in (START, START + 60 * SECOND):
        with ThreadPoolExecutor(8) as pool:
            began = list(pool.map(lambda _, at=moment: kept.store.begin_look(at, SECOND), range(8)))
        assert sorted(began) == [False] * 7 + [True]
