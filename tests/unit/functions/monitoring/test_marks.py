"""What is to be summed is marked where it is not marked: no document is written at each batch."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.kit.adapters.manual_clock import START
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.steps import GRACE
from functions.monitoring.model.windows import monitor
from functions.monitoring.model.windows.monitor import AT_ONCE, PACE, Monitor
from functions.monitoring.model.windows.window import Monitored
from functions.monitoring.service.windows import summing
from tests.support.in_memory.monitoring import House, event, id_of

OF = Monitored(Place("w", "titanic"), 1)
SECOND = 1_000_000
FRESH = Monitor(workspace="w", model="titanic", version=1, created_at=START)


def rows(house: House) -> int:
    """Return how many predictions the minutes have."""
    return sum(one["rows"] for one in house.shown("minute"))


def counted(house: House, monkeypatch: pytest.MonkeyPatch) -> list[Monitor]:
    """Return a list that grows by what is written of the version."""
    written: list[Monitor] = []
    genuine = house.monitors.write

    def write(thing: Monitor, was: Monitor | None = None) -> None:
        if thing != was:
            written.append(thing)
        genuine(thing, was)

    monkeypatch.setattr(house.monitors, "write", write)
    return written


def whenever(house: House, monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    """Do something once, after the log was read and before what it adds up to is kept."""
    tallies, acts = house.services.summing._tools.tallies, [act]
    genuine = tallies.minutes

    def minutes(*args: Any) -> Any:
        found = genuine(*args)
        if acts:
            acts.pop()()
        return found

    monkeypatch.setattr(tallies, "minutes", minutes)


def test_what_is_marked_is_marked_and_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    other, written = House(beside=house), counted(house, monkeypatch)
    for number in range(40):
        (house, other)[number % 2].tell([event(number)])
    assert len(written) == 1
    assert len(house.steps.queue.messages) == 2  # by each replica
    house.tell([event(40, 61)])
    assert len(written) == 2
    house.deliver()
    assert rows(house) == 41


def test_what_comes_while_the_log_is_read_is_summed_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = House()
    other = House(beside=house)
    house.tell([event(1)])
    whenever(house, monkeypatch, lambda: other.tell([event(2)]))
    house.services.summing.run(OF)
    house.deliver()
    assert rows(house) == 2


def test_a_label_that_comes_while_an_hour_is_measured_has_it_measured_again() -> None:
    house = House()
    house.tell([event(number) for number in range(2)])
    house.deliver()
    house.clock.advance(summing.REST.total_seconds())
    house.label([{"id": id_of(0), "label": "yes"}])
    found = house.monitors.load(monitor.place_of(OF))
    taken = monitor.take_labelled(found)
    assert (taken.labelled, taken.correcting) == ({}, found.labelled)
    assert monitor.due(taken) == monitor.due(found)
    late = monitor.tell_labels(taken, [int(one) for one in found.labelled])
    assert monitor.settled(late, {}, 0, 0, 0).labelled.keys() == found.labelled.keys()
    assert monitor.tell_labels(late, [int(one) for one in found.labelled]) is late


def test_what_a_dead_one_took_is_summed_by_the_next() -> None:
    house = House()
    house.tell([event(1)])
    place = monitor.place_of(OF)
    house.monitors.update(place, lambda it: monitor.take(it, 9, 0))  # and dies
    house.steps.queue.messages.clear()
    house.clock.advance(GRACE.total_seconds())
    house.ask("POST", "/steps/overdue", headers={})
    house.deliver()
    assert rows(house) == 1
    assert not house.monitors.load(place).taken


def test_a_hint_that_is_lost_is_sent_again_with_a_later_batch() -> None:
    house = House()
    house.tell([event(1)])
    house.steps.queue.messages.clear()
    house.tell([event(2)])
    assert house.deliver() == 0
    house.clock.advance(PACE.total_seconds())
    house.tell([event(3)])
    house.deliver()
    assert rows(house) == 3


@pytest.mark.parametrize("a_second", [1, 8])
def test_a_version_that_is_told_of_all_the_time_is_written_once_a_second(
    a_second: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House()
    written, told, most_behind = counted(house, monkeypatch), 0, 0.0
    settled, seconds = 24, 24
    for step in range((settled + seconds) * a_second):
        now = step / a_second
        if now == settled:
            written.clear()
        house.tell([event(step, now)])
        told += 1
        house.deliver()
        most_behind = max(most_behind, (told - rows(house)) / a_second)
        house.clock.advance(1 / a_second)
    assert len(written) <= seconds
    assert most_behind <= PACE.total_seconds() + 1
    house.clock.advance(PACE.total_seconds())
    house.ask("POST", "/steps/overdue", headers={})
    house.deliver()
    assert rows(house) == told


def test_a_clock_that_was_ahead_holds_no_sum_up() -> None:
    house = House()
    house.clock.advance(3600)
    for number in range(2 * AT_ONCE):
        house.tell([event(number)])
        house.deliver()
    house.clock.advance(-3600)  # it was set right
    house.tell([event(99)])
    house.deliver()
    assert rows(house) == 2 * AT_ONCE + 1


ACTS = st.lists(st.sampled_from(["store", "mark", "take", "read", "end", "die"]), max_size=60)


@settings(max_examples=100, deadline=None)
@given(ACTS, st.integers(0, 9))
def test_whatever_the_order_what_is_stored_is_read_after_that_or_is_due(
    acts: list[str], seed: int
) -> None:
    """Of several who store and mark, and of one who holds the step at a time."""
    chance, now, found = random.Random(seed), 0, FRESH
    stored, marked, known, last = 0, 0, 0, 0
    sums = False
    waiting: list[int] = []
    for act in acts:
        now += chance.randrange(3 * SECOND)
        if act == "store":
            stored += 1
            waiting.append(stored)
        elif act == "mark" and waiting:
            marked = max(marked, waiting.pop(chance.randrange(len(waiting))))
            found = monitor.tell(found, [7], now)
        elif act == "take":
            found, sums, last = monitor.take(monitor.inherited(found), 9, now), True, 0
        elif act == "read" and sums:
            last = stored
        elif act == "end" and sums and last:
            found, sums, known = monitor.summed(found, "u", now), False, max(known, last)
        elif act == "die":
            sums = False
        assert marked <= known or found.told or found.taken
