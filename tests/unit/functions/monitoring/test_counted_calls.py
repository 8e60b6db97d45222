"""Calls that failed or were refused, and loads, become measures of windows: each event once."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.adapters.manual_clock import START
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.telemetry.predictions import COUNTED, Counted, Counts, Event
from functions.monitoring.model.logged import Life
from functions.monitoring.model.windows.hour_counts import HourCounts
from functions.monitoring.model.windows.operations import operation_readings
from functions.monitoring.model.windows.sums import Sum, from_bytes, whole
from functions.monitoring.model.windows.window import Monitored
from tests.support.in_memory.monitoring import House, event

OF = Monitored(Place("w", "titanic"), 1)
FIRST = int(START.timestamp()) // 60
HOUR = 3600.0


def counted(name: str, minute: int = 0, uid: str = "first", **counts: int) -> Event:
    """Return an event of a minute after START."""
    data = Counted("w", "titanic", 1, uid, FIRST + minute, Counts(**counts))
    raw = msgspec.Raw(msgspec.json.encode(data))
    return Event(name, "/", COUNTED, START.isoformat(), raw)


def measures(house: House, span: str) -> list[dict[str, Any]]:
    """Return what was counted in each window."""
    names = ("calls", "errors", "refused", "quota_hits", "cold_starts", "error_rate")
    return [
        {name: one["measures"][name].get("value") for name in names} for one in house.shown(span)
    ]


def test_counts_are_measures_beside_calls() -> None:
    house = House()
    house.tell([event(number, uid="first", age=1.0) for number in range(8)])
    house.tell([counted("a", errors=1, quota_hits=2, cold_starts=1), counted("b", 1, refused=3)])
    house.deliver()
    first = {
        "calls": 8.0, "errors": 1.0, "refused": 0.0, "quota_hits": 2.0, "cold_starts": 1.0,
        "error_rate": pytest.approx(1 / 11),
    }  # fmt: skip
    second = {
        "calls": 0.0, "errors": 0.0, "refused": 3.0, "quota_hits": 0.0, "cold_starts": 0.0,
        "error_rate": 0.0,
    }  # fmt: skip
    assert measures(house, "minute") == [first, second]
    [hour] = measures(house, "hour")
    assert (hour["calls"], hour["errors"], hour["refused"]) == (8.0, 1.0, 3.0)
    assert hour["error_rate"] == pytest.approx(1 / 14)
    query = {"measure": "errors", "span": "minute", "last": 9}
    points = house.ask("GET", "/models/titanic/series", query_string=query)[1]["points"]
    assert [one["value"] for one in points] == [1.0, 0.0]


def test_an_event_that_comes_again_counts_once() -> None:
    house = House()
    for _ in range(3):
        house.tell([counted("a", errors=1), counted("a", errors=1), counted("b", errors=2)])
        house.deliver()
        house.clock.advance(10)
    house.ask("POST", "/steps/overdue", headers={})
    house.deliver()
    assert [one["errors"] for one in measures(house, "minute")] == [3.0]
    assert [one["errors"] for one in measures(house, "hour")] == [3.0]


def test_calls_that_fail_have_windows_without_any_prediction_and_loads_have_none() -> None:
    house = House()
    house.tell([counted("a", cold_starts=1)])
    house.deliver()
    assert house.shown("minute") == []
    house.tell([counted("b", errors=4)])
    house.deliver()
    [minute] = house.shown("minute")
    assert (minute["rows"], minute["measures"]["error_rate"]["value"]) == (0, 1.0)
    assert measures(house, "minute")[0]["cold_starts"] == 1.0


def test_counts_of_another_model_that_had_the_name_are_not_its_own() -> None:
    house = House()
    house.tell([counted("a", errors=4), event(1, uid="first", age=1.0)])
    house.deliver()
    house.models.lives[OF.model] = Life("second", 0)
    house.clock.advance(10)
    house.tell([counted("b", uid="second", errors=1)])
    house.deliver()
    assert [one["errors"] for one in measures(house, "minute")] == [1.0]
    house.models.lives.pop(OF.model)
    house.tell([counted("c", uid="second", errors=1)])
    house.deliver()
    assert house.counts._kept == {}


def test_what_is_no_count_keeps_no_other_out() -> None:
    house = House()
    strange = Event("x", "/", COUNTED, START.isoformat(), msgspec.Raw(b'{"minute": -1}'))
    told = Counted("", "../x", 1, "first", FIRST, Counts(errors=1))
    nobody = Event("y", "/", COUNTED, START.isoformat(), msgspec.Raw(msgspec.json.encode(told)))
    assert house.tell([strange, nobody, counted("a", errors=1)]) == 204
    house.deliver()
    assert [one["errors"] for one in measures(house, "minute")] == [1.0]


def test_old_counts_go() -> None:
    house = House()
    for day in range(32):
        house.tell([counted(f"e{day}", day * 1440, errors=1)])
        house.tell([event(day, day * 24 * HOUR, uid="first", age=1.0)])
        house.deliver()
        for _ in range(24):
            house.clock.advance(HOUR)
            house.ask("POST", "/steps/overdue", headers={})
            house.deliver()
    assert len(house.counts._kept) in {30, 31}


def test_an_hour_with_more_errors_than_usual_is_off_its_band() -> None:
    house = House()
    for hour in range(7):
        last = hour == 6
        house.tell([event(100 * hour + n, hour * HOUR, uid="first", age=1.0) for n in range(50)])
        house.tell([counted(f"e{hour}", hour * 60, errors=40 if last else hour % 2)])
        house.deliver()
        house.clock.advance(HOUR)
    for _ in range(2):
        house.ask("POST", "/steps/overdue", headers={})
        house.deliver()
    found = [one["measures"] for one in house.shown("hour")][:7]
    assert [one["errors"].get("alarm", False) for one in found] == [False] * 6 + [True]
    assert [one["error_rate"].get("alarm", False) for one in found] == [False] * 6 + [True]


def test_of_no_calls_there_is_no_rate() -> None:
    found = operation_readings(Sum())
    assert (found["error_rate"].value, found["errors"].value) == (None, 0.0)
    assert found["error_rate"].why


_COUNTS = st.builds(Counts, *[st.integers(0, 10**6)] * 4)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc"), _COUNTS)), st.randoms())
def test_counts_add_up_in_whatever_order_they_come_again(told: Any, random: Any) -> None:
    one = {name: (minute, name, counts) for minute, name, counts in told}
    found, other = HourCounts(), HourCounts()
    for minute, name, counts in one.values():
        found = found.plus(minute, name, counts)
    mixed = [*one.values(), *one.values()]
    random.shuffle(mixed)
    for minute, name, counts in mixed:
        other = other.plus(minute, name, counts)
    assert found == other
    sums = [Sum(counts=counts) for counts in found.minutes.values()]
    total = whole(sums)
    assert total == whole(sums[::-1])
    assert from_bytes(total.to_bytes()) == total
    assert total.counts.errors == sum(counts.errors for _, _, counts in one.values())
