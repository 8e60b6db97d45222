"""Who finds steps that were lost, how often, and how many at a time."""

from typing import Any

import pytest

from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract import steps
from functions.kit.contract.errors import Away
from functions.kit.contract.steps import GRACE, LEASE, Step
from functions.kit.service.hints import MOST_FAILURES, Hints
from functions.kit.service.lookout import EVERY, MOST, MOST_WATCHED, WATCH_SECONDS, Lookout


class House:
    """Lookouts of several replicas over one function's steps."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.due = MemorySteps("pets", self.clock)
        self.queue = MemoryQueue()
        self.one, self.other = self.replica(), self.replica()

    def replica(self) -> Lookout:
        return Lookout(self.due, Hints(self.queue), self.clock)

    def make(self, count: int = 1) -> list[Step]:
        made = [Step("pets", f"/pets/{number}") for number in range(count)]
        self.due.write(made)
        return made

    def asked(self) -> list[Step]:
        found = list(self.queue.messages)
        self.queue.messages.clear()
        return found

    def wait(self, seconds: float = GRACE.total_seconds()) -> None:
        self.clock.advance(seconds)


def test_of_all_replicas_one_looks() -> None:
    house = House()
    house.make()
    house.wait()
    house.one.look()
    house.other.look()
    assert len(house.asked()) == 1
    house.make()
    house.wait(EVERY.total_seconds())
    house.wait()
    house.other.look()
    assert len(house.asked()) == 1


def test_a_look_is_bounded_and_the_next_one_goes_on() -> None:
    house = House()
    made = house.make(MOST + 7)
    house.wait()
    house.one.look()
    first = house.asked()
    house.wait(EVERY.total_seconds())
    house.one.look()
    second = house.asked()
    assert (len(first), len(second)) == (MOST, 7)
    assert {*first, *second} == set(made)


def test_a_step_is_asked_for_again_after_twice_as_long() -> None:
    house = House()
    house.make()
    asked = 0
    for _ in range(160):
        house.one.look()
        asked += len(house.asked())
        house.wait(1.0)
    assert asked == 4  # after 10, 20, 40 and 80 seconds


def test_a_step_under_a_lease_is_left_alone() -> None:
    house = House()
    [step] = house.make()
    house.due.change(step, lambda found: steps.take(found, "we", house.clock.now()))
    house.wait()
    house.one.look()
    assert house.one.watch("it", [step]) is False
    house.one.resume([step])
    assert house.asked() == []
    house.wait(LEASE.total_seconds())
    house.one.look()
    assert house.asked() == [step]


def test_a_reader_looks_now_and_then_at_what_it_reads() -> None:
    house = House()
    step, other = house.make(2)
    house.one.watch("it", [step])
    house.wait()
    house.one.watch("it", [step])
    assert house.asked() == [step]
    house.one.watch("its like", [other])
    assert house.asked() == [other]
    house.other.watch("it", [step])  # another replica, a moment later
    assert house.asked() == []


def test_a_reader_hears_of_a_step_that_is_not_kept() -> None:
    house = House()
    assert house.one.watch("it", [Step("pets", "/pets/never")]) is True
    assert house.one.watch("it", [Step("pets", "/pets/never")]) is False  # it has just looked
    house.wait(WATCH_SECONDS)
    assert house.one.watch("it", []) is False
    assert house.one.watch("it", [Step("pets", "/pets/never")]) is True


def test_what_is_remembered_of_readers_is_bounded() -> None:
    house = House()
    [step] = house.make()
    for number in range(3 * MOST_WATCHED):
        house.one.watch(str(number), [step])
    assert len(house.one._watched) <= MOST_WATCHED


def test_a_user_need_not_wait_until_a_step_is_overdue() -> None:
    house = House()
    [step] = house.make()
    house.one.resume([step, Step("pets", "/pets/never")])
    assert house.asked() == [step]


def test_a_queue_that_is_away_is_no_reason_to_fail() -> None:
    house = House()
    house.make()
    house.queue.is_open = False
    house.wait()
    house.one.look()
    assert house.asked() == []


def test_what_no_queue_took_is_asked_for_soon_once_it_is_back() -> None:
    house = House()
    made = house.make(5)
    house.queue.is_open = False
    for _ in range(600):
        house.wait(1.0)
        house.one.look()
    house.queue.is_open = True
    for _ in range(int((GRACE + EVERY).total_seconds())):
        house.wait(1.0)
        house.one.look()
    assert {*house.asked()} == {*made}


def test_a_store_that_is_away_is_no_reason_to_fail_either(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    made = house.make(5)
    house.queue.is_open = False
    house.wait()
    change, asked = house.due.change, [*made]

    def change_once(step: Step, *change_by: Any) -> Any:
        if step not in asked:
            raise Away("The store is away.")
        asked.remove(step)
        return change(step, *change_by)

    monkeypatch.setattr(house.due, "change", change_once)
    house.one.look()
    assert asked == house.asked() == []


SECONDS = 2.0  # of a connection that nobody takes


class SlowQueue(MemoryQueue):
    """A queue behind a network that swallows what is sent: each hint takes its time to fail."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self.clock = clock

    def look(self, step: Step) -> None:
        self.clock.advance(SECONDS)
        raise Away(f"{step.path} went nowhere.")


def test_who_reads_waits_for_no_more_than_a_few_hints_of_a_queue_that_is_away() -> None:
    house = House()
    made = house.make(20)
    house.wait()
    reader = Lookout(house.due, Hints(SlowQueue(house.clock)), house.clock)
    began = house.clock.monotonic()
    reader.watch("it", made)
    assert house.clock.monotonic() - began == SECONDS * MOST_FAILURES
    reader.watch("it", made)  # all were noted: it is not their time yet
    assert house.clock.monotonic() - began == SECONDS * MOST_FAILURES
    house.wait(3 * GRACE.total_seconds())
    house.one.watch("it", made)
    assert house.asked() == made  # nothing is lost by that


def test_one_hint_that_fails_keeps_back_no_others() -> None:
    house = House()
    made = house.make(5)
    look, lost = house.queue.look, {made[1], made[3]}

    def lossy(step: Step) -> None:
        if step in lost:
            raise Away("It was lost.")
        look(step)

    house.queue.look = lossy  # type: ignore[method-assign]
    Hints(house.queue).send(made)
    assert house.asked() == [made[0], made[2], made[4]]
