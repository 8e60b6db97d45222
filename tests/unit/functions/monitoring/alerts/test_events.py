"""Alerts as server-sent events."""

import datetime as dt

from msgspec.structs import replace

from functions.kit.adapters.manual_clock import START, ManualClock
from functions.monitoring.model.alerts.alert import Alert
from functions.monitoring.transport.alerts import events
from tests.support.in_memory.alert_house import IRIS, TITANIC, AlertHouse

SECOND = dt.timedelta(seconds=1)


def alert(house: AlertHouse | None = None) -> Alert:
    house = house or AlertHouse()
    house.rule()
    house.measure(200)
    house.look()
    [found] = house.watches.alerts.all("w")
    return found


def test_each_change_is_told_once() -> None:
    found, clock = alert(), ManualClock()
    looks = iter(range(100))
    told = list(
        events.stream(lambda *_: [found] if next(looks) < 3 else [], START, lambda: True, clock)
    )
    [event] = [one for one in told if b"event: alert" in one]
    assert event.startswith(f"id: {found.changed_at.isoformat()}\nevent: alert\ndata: {{".encode())
    assert event.endswith(b"\n\n")
    assert clock.monotonic() >= events.LONGEST_SECONDS
    assert b": still here\n\n" in told


def test_who_may_not_watch_any_more_is_told_no_more() -> None:
    answers = iter([True, False])
    told = list(events.stream(lambda *_: [], START, lambda: next(answers), ManualClock()))
    assert told == [b": alerts\n\n"]


def test_a_client_goes_on_after_what_it_has() -> None:
    last = (START + SECOND).isoformat()
    assert events.since_of(last, START, START + 9 * SECOND) == START + SECOND
    for odd in (None, "yesterday", "2026-01-31T12:00:00"):
        assert events.since_of(odd, START, START + 9 * SECOND) == START
    assert events.since_of(None, None, START) == START


def test_more_than_a_look_takes_are_all_told() -> None:
    house = AlertHouse()
    for place in (TITANIC, IRIS):
        for number in range(90):
            house.rule(place, name=f"rule {number}")
    since = house.clock.now().isoformat().replace("+", "%2B")
    house.measure(200)
    house.series.kept["w", "iris", "p95", "minute"] = house.series.kept[
        "w", "titanic", "p95", "minute"
    ]
    for place in (TITANIC, IRIS):
        house.services.evaluation.evaluate(place)
        house.clock.advance(1)
    _, body = house.stream(f"/alerts/events?since={since}")
    assert body.count(b"event: alert") == 180


def test_a_moment_may_be_as_early_as_there_are_any() -> None:
    status, body = AlertHouse().stream("/alerts/events?since=0001-01-01T00:00:00Z")
    assert (status, body.startswith(b": alerts")) == (200, True)


def test_a_change_by_a_clock_that_is_ahead_hides_no_later_ones() -> None:
    clock = ManualClock(START)
    one = alert()
    ahead = replace(one, id="ahead", changed_at=START + 3600 * SECOND)
    late = replace(one, id="late", changed_at=START + 20 * SECOND)

    def changed(since: dt.datetime, _: int) -> list[Alert]:
        there = [late, ahead] if clock.now() >= late.changed_at else [ahead]
        return [found for found in there if found.changed_at > since]

    told = b"".join(events.stream(changed, START, lambda: True, clock))
    assert (told.count(b'"id":"ahead"'), told.count(b'"id":"late"')) == (1, 1)
    assert events.since_of(ahead.changed_at.isoformat(), None, START) == START


def test_the_route_gives_what_changed() -> None:
    house = AlertHouse()
    found = alert(house)
    since = (found.fired_at - SECOND).isoformat().replace("+", "%2B")
    status, body = house.stream(f"/alerts/events?since={since}")
    assert status == 200
    assert found.id.encode() in body
