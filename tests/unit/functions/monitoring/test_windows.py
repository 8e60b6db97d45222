"""Predictions are summed into windows: each once, whatever comes again, late, or not at all."""

import datetime as dt
import hashlib
import random
from typing import Any

import numpy as np
import pytest

from functions.kit.adapters.manual_clock import START
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away
from functions.kit.contract.models.reference import (
    ColumnReference,
    Reference,
    numbers_of,
    words_of,
)
from functions.kit.contract.models.registration import ModelFile
from functions.kit.contract.requests.pages import cursor_after
from functions.kit.contract.steps import LEASE
from functions.kit.contract.telemetry.predictions import Event, Output
from functions.kit.service.upkeep import CROWD
from functions.monitoring.model.drift.comparing import NO_REFERENCE, NOT_SUMMED, TOO_FEW
from functions.monitoring.model.logged import Life
from functions.monitoring.model.windows import monitor as monitored
from functions.monitoring.model.windows.window import COUNT, Monitored, Span
from functions.monitoring.service.windows import summing, viewing
from functions.monitoring.service.windows.longer import Longer
from functions.monitoring.service.windows.subject import Subject
from tests.support.in_memory.monitoring import KEEP, House, event, id_of

HOUR = 3600.0
OF = Monitored(Place("w", "titanic"), 1)
FIRST = int(START.timestamp()) // 60


def refer(house: House, rows: int = 2000) -> Reference:
    """Give the version a reference of normal ages and two towns."""
    ages = np.random.default_rng(1).normal(30, 5, rows)
    found = Reference(
        rows,
        [
            ColumnReference("age", "number", rows, 0, numbers_of(ages)),
            ColumnReference("town", "category", rows, 0, None, words_of(["x", "y"], [rows - 9, 9])),
        ],
        words_of(["yes", "no"], [rows // 2, rows // 2]),
    )
    path, data = "models/titanic/reference.json", found.to_bytes()
    house.bucket.write(path, data, "application/json")
    house.references[OF] = ModelFile(path, hashlib.sha256(data).hexdigest(), len(data))
    return found


def batch(first: int, count: int, second: float = 0.0, **inputs: Any) -> list[Event]:
    """Return events of a batch; the inputs are functions of the number, or values."""
    chance = random.Random(first)
    return [
        event(
            number,
            second,
            output=Output(chance.choice(("yes", "no")), 0.75),
            **({"age": chance.gauss(30, 5), "town": "x"} | inputs),
        )
        for number in range(first, first + count)
    ]


def rows(house: House, span: str) -> list[tuple[int, int]]:
    """Return each window's first minute after START, and how many predictions it has."""
    return [(int(one["id"].split("-")[1]) - FIRST, one["rows"]) for one in house.shown(span)]


def test_predictions_are_summed_by_minute_hour_and_day() -> None:
    house = House()
    house.tell(batch(0, 3) + batch(3, 2, 70))
    assert house.deliver() > 0
    assert rows(house, "minute") == [(0, 3), (1, 2)]
    assert rows(house, "hour") == [(0, 5)]
    assert rows(house, "day") == [(-12 * 60, 5)]
    [hour] = house.shown("hour")
    assert (hour["start"], hour["end"]) == ("2026-01-31T12:00:00Z", "2026-01-31T13:00:00Z")
    assert hour["measures"]["calls"]["value"] == 5.0
    assert 1.5 <= hour["measures"]["p50"]["value"] <= 1.5 * 2 ** (1 / 8)
    assert hour["measures"]["drift"] == {"why": NO_REFERENCE}


def test_what_comes_again_in_whatever_batches_counts_once() -> None:
    house = House()
    events = batch(0, 30) + batch(30, 30, 59.9) + batch(60, 30, 60)
    for _ in range(40):
        some = random.Random(5).sample(events, 40)
        house.tell([*some, *some[:3]])
        random.shuffle(events)
    house.tell(events)
    house.tell(events[:45])
    house.deliver()
    assert rows(house, "minute") == [(0, 60), (1, 30)]
    house.clock.advance(LEASE.total_seconds())
    house.ask("POST", "/steps/overdue", headers={})
    house.deliver()
    assert rows(house, "hour") == [(0, 90)]


def test_windows_are_the_same_whatever_order_their_predictions_came_in() -> None:
    events = batch(0, 500) + batch(500, 400, 61) + batch(900, 300, 7300) + batch(1200, 50, 7400)
    shown = []
    for seed in range(4):
        house = House()
        refer(house)
        mixed = events if not seed else random.Random(seed).sample(events, len(events))
        house.clock.advance(7400)
        for first in range(0, len(mixed), 170):
            house.tell(mixed[first : first + 170])
            house.deliver()
            house.clock.advance(10)
        house.ask("POST", "/steps/overdue", headers={})
        house.deliver()
        shown.append([house.shown(span) for span in ("minute", "hour", "day", "count")])
    assert [len(one) for one in shown[0]] == [4, 2, 1, 1]
    assert shown[0][3][0]["rows"] == 1200
    assert shown == [shown[0]] * 4


def test_files_that_are_merged_change_nothing() -> None:
    house = House()
    for number in range(CROWD):
        house.tell([event(number, number / 10)])
    house.deliver()
    assert rows(house, "minute") == [(0, CROWD)]
    house.tell([event(CROWD, 6)])
    house.deliver()
    assert rows(house, "minute") == [(0, CROWD + 1)]


def test_another_replica_goes_on_from_what_is_kept() -> None:
    house = House()
    house.tell(batch(0, 10))
    house.deliver()
    other = House(beside=house)
    for number in range(3):
        house.tell(batch(10 + number, 1, number))
    other.deliver()
    assert rows(house, "minute") == rows(other, "minute") == [(0, 13)]


def test_a_step_that_dies_is_done_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    house.tell(batch(0, 10))
    step = house.steps.queue.messages[0]
    with monkeypatch.context() as patched:
        patched.setattr(house.windows, "store", _away)
        with pytest.raises(Away):
            house.services.summing.run(OF)
    assert house.steps.store.waiting == [step]
    house.deliver()
    assert rows(house, "hour") == [(0, 10)]


def _away(*_: Any, **__: Any) -> None:
    raise Away("Firestore does not answer.")


def test_who_is_overtaken_while_he_sums_leaves_what_the_other_has_summed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = House()
    house.tell(batch(0, 10))
    other, tallies = House(beside=house), house.services.summing._tools.tallies
    minutes = tallies.minutes

    def slow(*args: Any) -> Any:
        found = minutes(*args)
        house.clock.advance(2 * LEASE.total_seconds())  # and cannot renew
        house.tell(batch(10, 5, 1))
        other.services.summing.run(OF)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(tallies, "minutes", slow)
        house.services.summing.run(OF)
    assert rows(house, "minute") == rows(house, "hour") == [(0, 15)]
    house.deliver()
    assert rows(house, "minute") == [(0, 15)]


def test_a_batch_whose_windows_cannot_be_marked_is_not_acknowledged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = House()
    with monkeypatch.context() as patched:
        patched.setattr(house.monitors, "update", _away)
        assert house.tell(batch(0, 10)) == 503
    house.tell(batch(0, 10))
    house.deliver()
    assert rows(house, "minute") == [(0, 10)]


def test_windows_by_count_are_whole_minutes_until_there_are_enough() -> None:
    house = House()
    house.clock.advance(600)
    house.tell(batch(0, 600, 0) + batch(600, 399, 60))
    house.deliver()
    assert rows(house, "count") == []
    house.clock.advance(60)
    house.tell(batch(1000, 1, 120) + batch(1001, 1500, 180) + batch(2501, 10, 240))
    house.deliver()
    assert rows(house, "count") == [(0, COUNT), (3, 1500)]
    house.clock.advance(60)
    house.tell(batch(3000, 900, 61))  # late: the first window ends sooner
    house.deliver()
    assert rows(house, "count") == [(0, 1899), (2, 1501)]


def test_longer_windows_rest_and_are_summed_in_the_end() -> None:
    house = House()
    house.tell(batch(0, 10))
    house.deliver()
    house.tell(batch(10, 10, 1))
    house.deliver()
    assert (rows(house, "minute"), rows(house, "hour")) == ([(0, 20)], [(0, 10)])
    house.clock.advance(summing.REST.total_seconds())
    assert house.ask("POST", "/steps/overdue", headers={})[0] == 204
    assert house.deliver() == 1
    assert rows(house, "hour") == [(0, 20)]


def test_a_clock_that_was_ahead_has_nobody_rest_for_longer() -> None:
    house = House()
    house.clock.advance(24 * HOUR)
    house.tell(batch(0, 10, 24 * HOUR))
    house.deliver()
    house.clock.advance(-24 * HOUR)  # it was set right
    house.tell(batch(10, 10))
    house.deliver()
    assert rows(house, "hour") == [(0, 10), (1440, 10)]


def test_a_minute_does_not_wait_for_the_longer_windows_of_those_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house, genuine = House(), Longer._sum
    seen: list[tuple[Span, list[tuple[int, int]]]] = []

    def slow(self: Longer, subject: Subject, span: Span, first: int, **more: bool) -> None:
        if not seen:
            house.tell(batch(10, 10, 1))
        genuine(self, subject, span, first, **more)
        seen.append((span, rows(house, "minute")))

    monkeypatch.setattr(Longer, "_sum", slow)
    house.tell(batch(0, 10))
    house.services.summing.run(OF)
    assert seen == [("hour", [(0, 10)]), ("day", [(0, 20)])]
    house.deliver()
    assert rows(house, "hour") == [(0, 10)]
    house.clock.advance(summing.REST.total_seconds())
    assert house.ask("POST", "/steps/overdue", headers={})[0] == 204
    house.deliver()
    assert rows(house, "hour") == [(0, 20)]


def test_a_month_that_comes_at_once_has_the_next_day_wait_no_longer_than_an_hour_does() -> None:
    assert summing.rest(0.01, 1) == summing.rest(0, 0) == summing.REST
    assert summing.rest(1, 1) == summing.SHARE * dt.timedelta(seconds=1)
    assert summing.rest(6, 63) == summing.REST
    assert summing.rest(9, 1) == summing.LONGEST_REST


def test_an_hour_that_is_over_is_looked_at_again_and_silence_is_shown() -> None:
    house = House()
    for hour in range(8):
        house.tell(batch(hour * 100, 100, hour * HOUR))
        house.deliver()
        house.clock.advance(HOUR)
    for _ in range(3):
        house.clock.advance(HOUR)
        house.ask("POST", "/steps/overdue", headers={})
        house.deliver()
    hours = house.shown("hour")
    assert [one["rows"] for one in hours] == [100] * 8 + [0] * 3
    calls = [one["measures"]["calls"] for one in hours]
    assert [one.get("alarm", False) for one in calls] == [False] * 8 + [True] * 3
    assert calls[-1]["low"] > 0
    for _ in range(40):
        house.clock.advance(HOUR)
        house.ask("POST", "/steps/overdue", headers={})
        house.deliver()
    assert house.monitors.load(monitored.place_of(OF)).closes == 0
    assert len(house.shown("hour")) <= 8 + summing.QUIET + 1


def test_drift_is_told_of_the_column_that_is_off() -> None:
    house = House()
    refer(house)
    chance = random.Random(7)
    house.tell(batch(0, 1000))
    house.tell(
        [one for n in range(1000) for one in batch(2000 + n, 1, 60, age=chance.gauss(33, 5))]
    )
    house.tell(
        [
            one
            for n in range(1000)
            for one in batch(4000 + n, 1, 120, town="z" if n % 9 == 0 else "x")
        ]
    )
    house.tell(batch(6000, 5, 180))
    house.deliver()
    plain, shifted, new, few = [one["measures"] for one in house.shown("minute")]
    assert [one["drift"].get("why", "") for one in (plain, shifted, new, few)] == [
        "", "age", "town", TOO_FEW,
    ]  # fmt: skip
    assert [one["drift"].get("alarm", False) for one in (plain, shifted, new)] == [
        False,
        True,
        True,
    ]
    assert shifted["drift:age"]["statistic"] == "wasserstein"
    assert shifted["drift:age"]["value"] == pytest.approx(0.6, abs=0.1)
    assert new["new_words:town"]["alarm"] is True
    assert new["new_words:town"]["value"] == pytest.approx(112 / 1000)


def test_what_was_summed_without_the_reference_is_no_drift_and_holds_nothing_up() -> None:
    house = House()
    house.tell(batch(0, 30))
    house.deliver()
    refer(house)  # it could not be read before, as one of a later release
    house.clock.advance(60)
    house.label([{"id": id_of(1), "label": "no"}])
    house.deliver()
    assert [one["measures"]["drift"] for one in house.shown("hour")] == [{"why": NOT_SUMMED}]


def test_a_column_is_shown_then_and_now() -> None:
    house = House()
    refer(house)
    house.tell(batch(0, 200) + batch(200, 50, town="z") + batch(250, 50, town=None))
    house.deliver()
    window = f"minute-{FIRST}"
    path = f"/models/titanic/windows/{window}/columns"
    status, town = house.ask("GET", f"{path}/town")
    assert (status, town["then_rows"], town["now_rows"]) == (200, 2000, 300)
    assert town["now_missing"] == pytest.approx(50 / 300)
    assert town["new_words"] == {"z": 50}
    [measured] = [one["measures"] for one in house.shown("minute")]
    of_town = {name: found for name, found in measured.items() if name.endswith(":town")}
    assert "drift:town" in of_town
    assert town["measures"] == of_town
    assert town["words"][0] == {"value": "x", "then": 1991 / 2000, "now": 0.8}
    assert town["others"]["now"] == pytest.approx(0.2)
    age = house.ask("GET", f"{path}/age")[1]
    assert sum(one["then"] for one in age["bars"]) == pytest.approx(1)
    assert sum(one["now"] for one in age["bars"]) == pytest.approx(1)
    assert all(one["low"] < one["high"] for one in age["bars"])
    said = house.ask("GET", f"{path}/prediction")[1]
    assert [one["then"] for one in said["words"]] == [0.5, 0.5]
    assert house.ask("GET", f"{path}/nothing")[0] == 404
    assert house.ask("GET", "/models/titanic/windows/minute-1/columns/age")[0] == 404
    assert house.ask("GET", "/models/titanic/windows/x/columns/age")[0] == 404


def test_a_column_may_be_called_whatever_people_call_it() -> None:
    house = House()
    names = ["km/h", "..", "ä ö", "a%2Fb", "x?y#z"]
    of = numbers_of(np.array([29.0, 30.0, 31.0]))
    data = Reference(3, [ColumnReference(name, "number", 3, 0, of) for name in names]).to_bytes()
    house.bucket.write("r.json", data, "application/json")
    house.references[OF] = ModelFile("r.json", hashlib.sha256(data).hexdigest(), len(data))
    house.tell(batch(0, 30, **dict.fromkeys(names, 30.0)))
    house.deliver()
    path = f"/models/titanic/windows/minute-{FIRST}/columns"
    for name in names:
        status, found = house.ask("GET", path, query_string={"name": name, "version": 1})
        assert (status, found["column"], found["then_rows"]) == (200, name, 3)
    assert house.ask("GET", path, "other", query_string={"name": "km/h"})[0] == 404
    assert house.ask("GET", path)[0] == 400


def test_a_series_is_one_measure_over_time() -> None:
    house = House()
    house.tell(batch(0, 4) + batch(4, 2, 61))
    house.deliver()
    query = {"measure": "calls", "span": "minute", "last": 10}
    status, found = house.ask("GET", "/models/titanic/series", query_string=query)
    assert status == 200
    assert [one["value"] for one in found["points"]] == [4.0, 2.0]
    assert house.ask("GET", "/models/titanic/series", "eve", query_string=query)[0] == 404
    assert house.ask("GET", "/models/titanic/series", query_string=query | {"span": "x"})[0] == 400
    assert house.ask("GET", "/models/titanic/series", query_string=query | {"last": 0})[0] == 400
    nothing = house.ask("GET", "/models/iris/windows")
    assert nothing == (200, {"version": None, "windows": [], "next": None})


def test_windows_are_given_with_what_is_asked_for() -> None:
    house = House()
    refer(house)
    house.tell(batch(0, 30))
    house.deliver()
    [whole] = house.shown("minute")
    assert {"drift:age", "psi:age", "calls"} <= whole["measures"].keys()
    [some] = house.shown("minute", measure=["calls", "drift:age", "none", "missing:"])
    kinds = {name for name in whole["measures"] if name.startswith("missing:")}
    assert some["measures"].keys() == {"calls", "drift:age", *kinds}
    assert some["measures"] == {name: whole["measures"][name] for name in some["measures"]}


def test_windows_that_are_too_many_for_an_answer_come_in_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = House()
    for minute in range(25):
        house.tell(batch(minute, 1, 60 * minute))
    house.deliver()
    whole = house.shown("minute", last=20)
    size = len(whole[-1]["measures"])
    monkeypatch.setattr(viewing, "MOST_READINGS", 8 * size)
    path, query = "/models/titanic/windows", {"span": "minute", "last": 20}
    pages: list[list[Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        going_on = {"cursor": cursor} if cursor else {}
        status, found = house.ask("GET", path, query_string=query | going_on)
        assert status == 200
        pages.insert(0, found["windows"])
        cursor = found["next"]
    assert [len(page) for page in pages] == [4, 8, 8]
    assert [one for page in pages for one in page] == whole
    named = house.ask("GET", path, query_string=query | {"measure": "calls"})[1]
    assert (len(named["windows"]), named["next"]) == (20, None)
    keys = ("12", "12-1", "1-12-0", "1-12-1001", "1-a-1", "0-12-1", "1-12-1-1", f"1-{'9' * 11}-1")
    for wrong in ("x", *map(cursor_after, keys)):
        assert house.ask("GET", path, query_string=query | {"cursor": wrong})[0] == 400
    several = {"model": ["titanic", "iris"], "span": "minute", "last": 20}
    first, other = house.ask("GET", "/windows", query_string=several)[1]["models"]
    assert first["windows"] == whole[-4:]
    assert (other["windows"], other["next"]) == ([], None)
    going_on = {"cursor": first["next"], "span": "minute"}
    rest = house.ask("GET", path, query_string=going_on)[1]
    assert rest["windows"] == whole[-12:-4]
    named = house.ask("GET", "/windows", query_string=several | {"measure": "calls"})[1]["models"]
    assert (len(named[0]["windows"]), named[0]["next"]) == (20, None)


def test_windows_of_few_rows_make_no_answer_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    refer(house)
    for minute in range(12):
        house.tell(batch(100 * minute, 1 if minute % 3 == 2 else 30, 60 * minute))
    house.deliver()
    whole = house.shown("minute", last=12)
    sizes = [len(one["measures"]) for one in whole]
    assert sizes[-1] < sizes[-2] == max(sizes)
    room = 2 * max(sizes)
    monkeypatch.setattr(viewing, "MOST_READINGS", room)
    monkeypatch.setattr(viewing, "FEW", 1)
    path, query = "/models/titanic/windows", {"span": "minute", "last": 12}
    pages: list[list[Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        going_on = {"cursor": cursor} if cursor else {}
        found = house.ask("GET", path, query_string=query | going_on)[1]
        pages.insert(0, found["windows"])
        cursor = found["next"]
    assert [one for page in pages for one in page] == whole
    assert max(sum(len(one["measures"]) for one in page) for page in pages) <= room


def test_pages_are_of_the_version_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    for minute in range(6):
        house.tell(batch(minute, 1, 60 * minute))
    house.deliver()
    whole = house.shown("minute", last=6)
    monkeypatch.setattr(viewing, "MOST_READINGS", 3 * len(whole[-1]["measures"]))
    path, query = "/models/titanic/windows", {"span": "minute", "last": 6}
    first = house.ask("GET", path, query_string=query)[1]
    house.tell([event(99, 0.0, version=2)])
    house.deliver()
    assert house.ask("GET", path, query_string=query)[1]["version"] == 2
    going_on = query | {"cursor": first["next"]}
    rest = house.ask("GET", path, query_string=going_on)[1]
    assert (rest["version"], rest["windows"] + first["windows"]) == (1, whole)
    assert house.ask("GET", path, query_string=going_on | {"version": 2})[0] == 400


def test_windows_of_several_models_come_at_once_with_what_is_asked_for() -> None:
    house = House()
    house.tell(batch(0, 4) + batch(4, 2, 61))
    house.deliver()
    query = {"model": ["titanic", "iris", "titanic", "../x"], "measure": ["calls", "p95", "none"]}
    status, found = house.ask("GET", "/windows", query_string=query | {"span": "minute"})
    assert status == 200
    first, *others = found["models"]
    assert (first["model"], first["version"]) == ("titanic", 1)
    assert [one["rows"] for one in first["windows"]] == [4, 2]
    assert {name for one in first["windows"] for name in one["measures"]} == {"calls", "p95"}
    nothing: dict[str, Any] = {"version": None, "windows": [], "next": None}
    assert others == [{"model": name, **nothing} for name in ("iris", "../x")]
    everything = house.ask("GET", "/windows", query_string={"model": "titanic", "span": "minute"})
    assert everything[1]["models"][0]["windows"] == house.shown("minute")
    of_others = house.ask("GET", "/windows", "eve", query_string=query)[1]["models"]
    assert all(one["windows"] == [] for one in of_others)
    for wrong in ({}, {"model": "titanic", "last": 0}, {"model": ["a"] * 51}):
        assert house.ask("GET", "/windows", query_string=wrong)[0] in {400, 422}


def test_a_model_that_gets_the_name_begins_anew() -> None:
    house = House()
    house.tell([event(number, uid="first", age=1.0) for number in range(5)])
    house.deliver()
    house.models.lives[OF.model] = Life("second", 0)
    house.clock.advance(10)
    house.tell([event(9, uid="second", age=1.0)])
    house.deliver()
    assert rows(house, "hour") == [(0, 1)]
    house.models.lives.pop(OF.model)
    house.tell([event(10, uid="second", age=1.0)])
    house.deliver()
    assert house.shown("hour") == []
    assert [name for name in house.bucket.stored if name.startswith("windows/")] == []


def test_late_labels_have_the_hour_looked_at_again() -> None:
    house = House()
    house.tell(batch(0, 3))
    house.deliver()
    asked: list[Any] = []

    class Asks:
        def measure(self, rows: Any) -> dict[str, Any]:
            asked.append((rows.span, rows.table(100)["label"].to_pylist()))
            return {}

    house.services.summing._tools.measuring._measurers = [Asks()]
    house.clock.advance(10)
    house.label([{"id": id_of(1), "label": "no"}])
    house.deliver()
    assert asked == [("hour", [None, "no", None]), ("day", [None, "no", None])]


def test_old_windows_go() -> None:
    house = House()
    for day in range(3):
        house.tell(batch(day * 2000, 1001, day * 24 * HOUR))
        house.deliver()
        for _ in range(24):
            house.clock.advance(HOUR)
            house.ask("POST", "/steps/overdue", headers={})
            house.deliver()
    assert [minute for minute, _ in rows(house, "minute")] == [1440, 2880]
    assert [count for _, count in rows(house, "day")] == [1001] * 3
    house.tell(batch(900_000, 7, 30))  # very late: the hour is right all the same
    house.deliver()
    house.clock.advance(60)
    house.ask("POST", "/steps/overdue", headers={})
    house.deliver()
    assert rows(house, "hour")[0] == (0, 1008)


def days_pass(house: House, days: int) -> None:
    for _ in range(days):
        house.clock.advance(24 * HOUR)
        house.ask("POST", "/steps/overdue", headers={})
        house.deliver()


@pytest.mark.parametrize("count", [3, 1001])
def test_windows_of_what_nobody_asks_any_more_grow_old_too(count: int) -> None:
    house = House()
    house.tell(batch(0, count))
    house.deliver()
    days_pass(house, KEEP.days + 3)
    assert [rows(house, span) for span in ("minute", "hour", "count")] == [[], [], []]
    assert rows(house, "day") == [(-12 * 60, count)]
    [day] = [name for name in house.bucket.stored if name.startswith("windows/")]
    assert "/day-" in day


def test_windows_go_with_a_model_that_nobody_asked_any_more() -> None:
    house = House()
    house.tell(batch(0, 3))
    house.deliver()
    days_pass(house, 3)
    house.models.lives.pop(OF.model)
    days_pass(house, 2)
    assert [name for name in house.bucket.stored if name.startswith("windows/")] == []
    assert house.monitors.find(monitored.place_of(OF)) is None
    assert house.steps.store.waiting == []


def test_a_label_that_comes_as_its_minutes_go_takes_nothing_from_longer_windows() -> None:
    house = House()
    for hour in range(53):
        for half in (0, 1):
            house.tell(batch(hour * 500 + half * 250, 125, (hour + half / 2) * HOUR))
        house.deliver()
        house.clock.advance(HOUR + 60 if hour == 0 else HOUR)
        house.ask("POST", "/steps/overdue", headers={})
        house.deliver()
    spans = ("hour", "day", "count")
    before = [rows(house, span) for span in spans]
    assert len(rows(house, "minute")) < 106  # some are gone
    for hour in (4, 5, 6):
        house.label([{"id": id_of(hour * 500 + 250, (hour + 0.5) * HOUR), "label": "no"}])
    house.clock.advance(60)
    house.ask("POST", "/steps/overdue", headers={})
    house.deliver()
    assert [rows(house, span) for span in spans] == before


def test_labels_of_what_was_never_predicted_bring_no_windows() -> None:
    house = House()
    house.tell(batch(0, 3))
    house.deliver()
    house.clock.advance(10)
    hours = range(-2000, 2000)
    house.label([{"id": id_of(2000 + one, one * HOUR), "label": "no"} for one in hours])
    monitor = house.monitors.load(monitored.place_of(OF))
    assert len(monitor.labelled) <= KEEP.days * 24 + 3  # a document has room for so much
    house.deliver()
    assert rows(house, "hour") == [(0, 3)]
    assert rows(house, "day") == [(-12 * 60, 3)]


def test_a_key_that_is_for_another_model_is_shown_nothing() -> None:
    house = House()
    house.tell(batch(0, 30))
    house.deliver()
    for path in ("windows", "series?measure=calls", f"windows/hour-{FIRST}/columns/age"):
        found = [house.ask("GET", f"/models/titanic/{path}", who)[0] for who in ("one", "other")]
        assert found == [200, 404], path
