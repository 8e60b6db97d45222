"""A step whose time comes while nobody calls: whoever has looked last looks again."""

from collections.abc import Callable

import pytest

from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.errors import Away
from functions.kit.contract.steps import Step
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import EVERY
from functions.kit.service.wakeful_lookout import HORIZON, WakefulLookout


class HandTimer:
    """A timer that a test lets ring."""

    def __init__(self, seconds: float, ring: Callable[[], None]) -> None:
        self.seconds, self.ring = seconds, ring
        self.daemon = self.is_started = self.is_cancelled = False

    def start(self) -> None:
        self.is_started = True

    def cancel(self) -> None:
        self.is_cancelled = True


class House:
    """A replica's lookout over steps in memory."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.due = MemorySteps("pets", self.clock)
        self.queue = MemoryQueue()
        self.timers: list[HandTimer] = []
        self.lookout = WakefulLookout(self.due, Hints(self.queue), self.clock, self.timer)

    def timer(self, seconds: float, ring: Callable[[], None]) -> HandTimer:
        self.timers.append(HandTimer(seconds, ring))
        return self.timers[-1]

    def make(self, number: int, seconds: float) -> Step:
        made = Step("pets", f"/pets/{number}")
        self.due.write([made], self.clock.now() + EVERY * (seconds / EVERY.total_seconds()))
        return made

    def ring(self) -> list[Step]:
        """Let the timer ring that is set; return what was asked for then."""
        [timer] = [one for one in self.timers if not one.is_cancelled]
        assert timer.is_started
        assert timer.daemon
        self.timers.clear()
        self.queue.messages.clear()
        self.clock.advance(timer.seconds)
        timer.ring()
        return list(self.queue.messages)


def test_a_step_is_asked_for_when_its_time_comes_and_nobody_calls() -> None:
    house = House()
    step = house.make(1, 20)
    assert house.lookout.look()
    assert house.ring() == [step]


def test_nothing_is_set_where_nothing_is_due_soon() -> None:
    house = House()
    house.make(1, HORIZON.total_seconds() + 1)
    house.lookout.look()
    assert house.timers == []


def test_a_look_that_came_too_soon_is_made_up_for() -> None:
    house = House()
    house.lookout.look()
    house.clock.advance(1)
    step = house.make(1, 0)
    assert not house.lookout.look()
    assert house.ring() == [step]


def test_the_sooner_of_two_steps_is_waited_for_and_then_the_other() -> None:
    house = House()
    later = house.make(1, 40)
    house.lookout.look()
    sooner = house.make(2, 10)
    house.clock.advance(EVERY.total_seconds())
    house.lookout.look()
    assert house.ring() == [sooner]
    asked: list[Step] = []
    while later not in asked:
        asked += house.ring()


def test_a_store_that_is_away_when_it_rings_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    house.make(1, 20)
    house.lookout.look()

    def away(*_: object) -> bool:
        raise Away("away")

    monkeypatch.setattr(house.due, "begin_look", away)
    assert house.ring() == []
