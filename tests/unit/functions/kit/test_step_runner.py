"""Steps under a lease: kept while work goes on, given back, lost to others."""

import threading
from typing import Any

import pytest

from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract import steps
from functions.kit.contract.errors import Away
from functions.kit.contract.steps import LEASE, MOST_DEATHS, DueStep, Lease, Step, Superseded
from functions.kit.service import step_runner
from functions.kit.service.hints import Hints
from functions.kit.service.step_runner import StepRunner
from tests.support.in_memory.chaos import Killed
from tests.support.processes import PATIENCE, wait_until

STEP = Step("pets", "/pets/rex/wash")


class House:
    """A runner over a store that can be away."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.due, self.queue = MemorySteps("pets", self.clock), MemoryQueue()
        self.runner = StepRunner(self.due, Hints(self.queue), self.clock)
        self.due.write([STEP])

    @property
    def step(self) -> DueStep:
        [found] = self.due.find([STEP])
        assert found is not None
        return found

    def is_renewed(self) -> bool:
        """Tell whether the lease is as long as it can be."""
        return self.step.until == self.clock.now() + LEASE


@pytest.fixture
def house() -> House:
    return House()


def test_what_is_left_of_a_step_is_asked_for(house: House) -> None:
    house.runner.run(STEP, lambda _: True)
    assert (house.step.holder, list(house.queue.messages)) == ("", [STEP])


def test_what_is_not_due_is_not_done(house: House) -> None:
    house.due.drop([STEP])
    house.runner.run(STEP, lambda _: pytest.fail("nothing is due"))


def test_what_somebody_is_at_is_left_to_them(house: House) -> None:
    def work(lease: Lease) -> bool:
        house.runner.run(STEP, lambda _: pytest.fail("somebody has it"))
        assert house.runner.holds(lease)
        return False

    house.runner.run(STEP, work)


def test_a_step_that_failed_can_be_taken_again_at_once(house: House) -> None:
    def fail(_: Lease) -> bool:
        raise Away("away")

    with pytest.raises(Away):
        house.runner.run(STEP, fail)
    assert (house.step.holder, house.step.failures) == ("", 1)
    house.runner.run(STEP, house.runner.holds)
    assert list(house.queue.messages) == [STEP]


def test_who_was_superseded_changes_nothing_and_fails_nobody(house: House) -> None:
    def work(lease: Lease) -> bool:
        house.clock.advance(LEASE.total_seconds())
        house.due.change(STEP, lambda found: steps.take(found, "they", house.clock.now()))
        assert not house.runner.holds(lease)
        raise Superseded(lease.step.path)

    house.runner.run(STEP, work)
    assert house.step.holder == "they"


def test_a_step_over_which_all_die_is_hopeless_until_one_gets_further(house: House) -> None:
    found: list[bool] = []

    def die(mark: str) -> None:
        def work(lease: Lease) -> bool:
            found.append(house.runner.is_hopeless(lease, mark))
            raise Killed

        with pytest.raises(Killed):
            house.runner.run(STEP, work)
        house.clock.advance(LEASE.total_seconds())

    for mark in [*["row 0"] * (MOST_DEATHS + 1), "row 9"]:
        die(mark)
    assert found == [*[False] * MOST_DEATHS, True, False]


def test_a_store_that_is_away_at_the_end_hides_no_reason(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise Away("away")

    def fail(_: Lease) -> bool:
        monkeypatch.setattr(house.due, "change", away)
        raise ValueError("no luck")

    with pytest.raises(ValueError, match="no luck"):
        house.runner.run(STEP, fail)


def test_a_lease_is_renewed_while_work_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_runner, "BEAT", 0.01)

    def work(_: Lease) -> bool:
        for _beat in range(3):
            house.clock.advance(LEASE.total_seconds() - 1)
            wait_until(house.is_renewed, what="a renewal")
        return False

    house.runner.run(STEP, work)


def test_a_beat_that_fails_is_made_up_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_runner, "BEAT", 0.01)
    genuine, failed = house.due.change, threading.Event()

    def away_once(*arguments: Any) -> Any:
        if not failed.is_set():
            failed.set()
            raise Away("away")
        return genuine(*arguments)

    def work(_: Lease) -> bool:
        monkeypatch.setattr(house.due, "change", away_once)
        house.clock.advance(1)
        wait_until(house.is_renewed, what="a renewal")
        return False

    house.runner.run(STEP, work)
    assert failed.is_set()


def test_no_beat_outlives_its_work(house: House) -> None:
    before = threading.active_count()
    house.runner.run(STEP, lambda _: True)
    with pytest.raises(ValueError, match="no luck"):
        house.runner.run(STEP, _fail)
    wait_until(lambda: threading.active_count() == before, PATIENCE, "the end of the threads")


def _fail(_: Lease) -> bool:
    raise ValueError("no luck")


def test_a_short_lease_ends_soon_and_is_renewed_as_often_as_that_needs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = LEASE / 5
    runner = StepRunner(house.due, Hints(house.queue), house.clock, short)
    monkeypatch.setattr(step_runner, "BEAT", 0.05)

    def work(_: Lease) -> bool:
        assert house.step.until == house.clock.now() + short
        house.clock.advance(short.total_seconds() / 2)
        wait_until(lambda: house.step.until == house.clock.now() + short, what="a renewal")
        return False

    runner.run(STEP, work)
    house.clock.advance(short.total_seconds())
    runner.run(STEP, lambda lease: not lease.is_inherited)
    assert house.step.deaths == 0
