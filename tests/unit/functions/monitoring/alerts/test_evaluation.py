"""What windows say becomes alerts and notices: once, grouped, held back where somebody said so."""

import datetime as dt
from typing import Any

import pytest

from functions.kit.contract.access.workspaces import Place
from functions.monitoring.model.alerts import alert
from functions.monitoring.model.alerts.alert import Alert
from functions.monitoring.model.alerts.points import without_gaps
from functions.monitoring.model.windows.measures import Point
from functions.monitoring.service.alerts import alerts
from tests.support.in_memory.alert_house import (
    DAY,
    HOUR,
    IRIS,
    MAIL,
    MINUTE,
    RULE,
    TITANIC,
    AlertHouse,
    model,
)

SPANS = 3
"""Of the rules that come with a model: each one's windows are read once."""


@pytest.fixture
def house() -> AlertHouse:
    """Return a house with a channel that is everybody's."""
    house = AlertHouse()
    house.made("/channels", MAIL)
    return house


def test_an_alert_from_its_beginning_to_its_end(house: AlertHouse) -> None:
    rule = house.rule(for_windows=2, severity="critical")
    house.measure(50)
    house.look()
    assert (house.state(rule), house.alerts()) == ("ok", [])
    house.measure(200)
    house.look()
    assert (house.state(rule), house.alerts()) == ("pending", [])
    house.measure(300)
    house.look()
    [alert] = house.alerts()
    assert (house.state(rule), alert["state"], alert["value"]) == ("firing", "firing", 300)
    assert (
        alert["looks_for"]
        == "milliseconds for 95 of 100 calls above 100, over each of 2 minutes in a row"
    )
    assert alert["started_at"] == "2026-01-31T12:01:00Z"
    assert house.inbox.said == [[("Slow", "firing")]]
    house.measure(50)
    house.look()
    [alert] = house.alerts()
    assert (house.state(rule), alert["state"]) == ("resolved", "resolved")
    assert house.inbox.said == [[("Slow", "firing")], [("Slow", "resolved")]]
    said = [one["what"] for one in alert["events"]]
    assert said == [
        "firing: Milliseconds for 95 of 100 calls: 300 ms",
        "told 1 channel",
        "resolved",
    ]
    assert len(alert["notices"]) == 2


def test_a_window_that_is_corrected_to_and_fro_fires_anew(house: AlertHouse) -> None:
    house.rule()
    house.measure(200)
    house.look()
    kept = house.series.kept["w", "titanic", "p95", "minute"]
    for value in (50, 300):  # as late labels do
        house.clock.advance(1)
        kept[-1] = kept[-1]._replace(value=value)
        house.look()
    assert [(one["state"], one["value"]) for one in house.alerts()] == [
        ("firing", 300), ("resolved", 200),
    ]  # fmt: skip
    assert house.inbox.said == [[("Slow", change)] for change in ("firing", "resolved", "firing")]
    assert len({notice.id for _, notice in house.inbox.taken}) == 3


def test_looking_again_tells_nobody_anything(house: AlertHouse) -> None:
    house.rule()
    house.measure(200)
    for _ in range(3):
        house.look()
        house.clock.advance(1)
    assert house.inbox.said == [[("Slow", "firing")]]
    assert len(house.alerts()) == 1


def test_what_turns_at_once_is_one_notice(house: AlertHouse) -> None:
    for name in ("A", "B", "C"):
        house.rule(name=name)
    house.rule(IRIS, name="Another model's")
    house.measure(200)
    house.measure(200, place=IRIS)
    house.look()
    house.look(IRIS)
    assert [{name for name, _ in one} for one in house.inbox.said] == [
        {"A", "B", "C"},
        {"Another model's"},
    ]


def test_each_channel_hears_of_its_own_rules(house: AlertHouse) -> None:
    ops = house.made("/channels", MAIL | {"everybody": False})["id"]
    house.rule(name="All")
    house.rule(name="Ops", channels=[ops])
    house.rule(name="None", channels=[])
    house.measure(200)
    house.look()
    said = {channel: [line.name for line in one.lines] for channel, one in house.inbox.taken}
    assert said.pop(ops) == ["Ops"]
    assert list(said.values()) == [["All"]]
    [silent] = [one for one in house.alerts() if one["name"] == "None"]
    assert silent["events"][-1]["what"] == "there is no channel to tell"


def test_after_a_notice_the_next_one_waits(house: AlertHouse) -> None:
    house.rule(cooldown_minutes=10)
    first_look(house, 200, 50, 200, 200)
    assert house.inbox.said == [[("Slow", "firing")], [("Slow", "resolved")]]
    first_look(house, *[200] * 7)
    assert house.inbox.said[2:] == [[("Slow", "firing")]]


def first_look(house: AlertHouse, *values: float) -> None:
    for value in values:
        house.measure(value)
        house.look()


def test_what_is_over_before_its_cooldown_is_history_alone(house: AlertHouse) -> None:
    house.rule(cooldown_minutes=60)
    first_look(house, 200, 50, 200, 50)
    assert house.inbox.said == [[("Slow", "firing")], [("Slow", "resolved")]]
    held, told = house.alerts()
    assert "held back until 2026-01-31 13:01 UTC" in str(held["events"])
    assert (held["notices"], len(told["notices"])) == ([], 2)


def test_silence_holds_notices_back_until_it_ends(house: AlertHouse) -> None:
    rule = house.rule()
    first_look(house, 200)
    [alert] = house.alerts()
    until = (house.clock.now() + HOUR).isoformat()
    status, found = house.ask("POST", f"/alerts/{alert['id']}/silence", json={"until": until})
    assert (status, found["events"][-1]["by"]) == (200, "ann")
    first_look(house, 50, 200, 200)
    assert house.inbox.said == [[("Slow", "firing")], [("Slow", "resolved")]]
    assert house.state(rule) == "firing"
    house.wait(HOUR + MINUTE)
    assert house.inbox.said[2:] == [[("Slow", "firing")]]


def test_until_when_a_notice_is_held_back_is_said_in_utc(house: AlertHouse) -> None:
    house.rule(silenced_until="2026-02-01T05:00:00+05:00")
    first_look(house, 200)
    assert "held back until 2026-02-01 00:00 UTC" in str(house.alerts()[0]["events"])


@pytest.mark.parametrize("beyond", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_a_moment_beyond_all_calendars_is_refused(house: AlertHouse, beyond: str) -> None:
    rule = RULE | {"silenced_until": beyond}
    status, problem = house.ask("POST", "/models/titanic/rules", json=rule)
    assert (status, problem["errors"][0]["column"]) == (422, "silenced_until")
    house.rule()
    first_look(house, 200)
    path = f"/alerts/{house.alerts()[0]['id']}/silence"
    assert house.ask("POST", path, json={"until": beyond})[0] == 422
    assert house.ask("GET", "/alerts", query_string={"since": beyond})[0] == 400


def test_silence_can_end_early_and_does_not_begin_in_the_past(house: AlertHouse) -> None:
    house.rule()
    first_look(house, 200)
    [alert] = house.alerts()
    path = f"/alerts/{alert['id']}/silence"
    for until in ("2020-01-01T00:00:00Z", "2026-02-01T00:00:00"):
        status, problem = house.ask("POST", path, json={"until": until})
        assert (status, problem["errors"][0]["column"]) == (422, "until")
    house.ask("POST", path, json={"until": "2027-01-01T00:00:00Z"})
    first_look(house, 50, 200)
    house.ask("POST", path, json={"until": None})
    house.look()
    assert house.inbox.said[-1] == [("Slow", "firing")]


def test_who_has_it_in_hand_is_noted_once(house: AlertHouse) -> None:
    house.rule()
    first_look(house, 200)
    path = f"/alerts/{house.alerts()[0]['id']}"
    assert house.ask("POST", f"{path}/acknowledge", "one")[1]["acknowledged_by"] == "one"
    assert house.ask("POST", f"{path}/acknowledge")[1]["acknowledged_by"] == "one"
    assert house.ask("GET", path, "other")[0] == 404
    assert house.ask("GET", path, "eve")[0] == 404
    assert house.alerts("other") == []


def test_no_calls_are_noticed_by_the_schedule_alone(house: AlertHouse) -> None:
    rule = house.rule(
        name="Quiet", measure="calls", span="hour", condition={"when": "below", "value": 1},
        for_windows=3,
    )  # fmt: skip
    house.measure(9, 9, of="calls", span="hour")
    house.look()
    assert house.state(rule) == "ok"
    house.wait(3 * HOUR + MINUTE, MINUTE)
    assert house.state(rule) == "firing"
    assert house.inbox.said == [[("Quiet", "firing")]]
    house.clock.advance(59 * 60)
    house.measure(5, of="calls", span="hour")
    house.look()
    assert house.inbox.said[1:] == [[("Quiet", "resolved")]]


def test_hours_without_calls_are_zero_calls_from_when_the_rule_was_made() -> None:
    now = dt.datetime(2026, 1, 31, 15, 30, tzinfo=dt.UTC)
    hour = now.replace(minute=0)
    kept = Point(hour - 2 * HOUR, hour - HOUR, 3, 3.0, None, None, alarm=False)
    found = without_gaps([kept], "hour", hour - 3 * HOUR, now, 10)
    assert [(one.end, one.value) for one in found] == [
        (hour - 2 * HOUR, 0), (hour - HOUR, 3), (hour, 0),
    ]  # fmt: skip
    assert without_gaps([kept], "hour", hour - 3 * HOUR, now, 1) == found[-1:]


def test_a_window_that_is_not_over_alarms_early_where_that_cannot_be_undone(
    house: AlertHouse,
) -> None:
    rule = house.rule()
    house.measure(50)
    house.look()
    start = house.clock.now()
    house.clock.advance(10)

    def open_window(value: float, rows: int) -> None:
        found = Point(start, start + MINUTE, rows, value, None, None, alarm=False)
        kept = house.series.kept["w", "titanic", "p95", "minute"]
        kept[1:] = [found]
        house.look()

    open_window(500, 3)
    assert house.state(rule) == "ok"  # three calls say nothing
    open_window(500, 30)
    assert house.state(rule) == "firing"
    open_window(90, 60)
    assert house.state(rule) == "firing"  # it is not over: nothing is in order yet
    house.clock.advance(60)
    house.look()
    assert house.state(rule) == "resolved"
    assert house.inbox.said == [[("Slow", "firing")], [("Slow", "resolved")]]


def test_a_window_of_a_clock_that_is_ahead_says_nothing_yet(house: AlertHouse) -> None:
    rule, now = house.rule(), house.clock.now()
    kept = house.series.kept["w", "titanic", "p95", "minute"]
    kept.append(Point(now + DAY, now + DAY + MINUTE, 100, 500, None, None, alarm=False))
    house.look()
    assert (house.state(rule), house.alerts()) == ("ok", [])
    kept[:] = []
    first_look(house, 200)
    assert house.state(rule) == "firing"


def test_drift_waits_for_its_window_to_be_over(house: AlertHouse) -> None:
    rule = house.rule(measure="drift", condition={"when": "alarm"})
    house.measure(0.001, of="drift", alarm=True)
    house.clock.advance(-30)
    house.look()
    assert house.state(rule) == "ok"
    house.wait(MINUTE)
    assert house.state(rule) == "firing"


def test_what_cannot_be_told_neither_fires_nor_resolves(house: AlertHouse) -> None:
    rule = house.rule(for_windows=2)
    first_look(house, 200)
    house.measure(None)
    house.look()
    assert house.state(rule) == "pending"
    first_look(house, 200)
    assert house.state(rule) == "firing"


def test_worse_than_in_training_is_of_the_version_that_answers(house: AlertHouse) -> None:
    rule = house.rule(measure="quality:accuracy", condition={"when": "worse", "margin": 0.05})
    house.measure(0.86, of="quality:accuracy")
    house.look()
    assert house.state(rule) == "ok"
    house.measure(0.84, of="quality:accuracy")
    house.look()
    assert house.state(rule) == "firing"


def test_an_old_version_is_noticed(house: AlertHouse) -> None:
    rule = house.rule(measure="age", condition={"when": "above", "value": 7})
    house.look()
    assert house.state(rule) == "ok"
    house.wait(6 * DAY + HOUR, HOUR)
    assert house.state(rule) == "firing"


def test_a_model_that_is_no_more_is_at_rest_and_comes_back(house: AlertHouse) -> None:
    rule = house.rule()
    first_look(house, 200)
    kept = house.registered.models.pop(TITANIC)
    house.look()
    assert house.alerts()[0]["why_resolved"] == "the model is no more"
    assert house.inbox.said[1:] == [[("Slow", "resolved")]]
    watch = house.watches.find(TITANIC)
    assert watch is not None
    assert watch.next_at is None
    house.registered.models[TITANIC] = kept
    first_look(house, 200)
    assert house.state(rule) == "firing"


def test_another_model_by_the_name_is_watched_anew(house: AlertHouse) -> None:
    rule = house.rule()
    first_look(house, 200)
    house.registered.models[TITANIC] = model("titanic", uid="other")
    house.series.kept.clear()
    house.look()
    assert house.state(rule) == "ok"
    assert house.alerts()[0]["why_resolved"] == "another model has the name now"
    assert house.inbox.said[1:] == [[("Slow", "resolved")]]


def test_a_rule_that_is_off_is_not_looked_at(house: AlertHouse) -> None:
    rule = house.rule(enabled=False)
    first_look(house, 200)
    assert (house.state(rule), house.inbox.taken) == ("ok", [])


def test_what_changes_nothing_is_not_written(
    house: AlertHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.rule()
    house.measure(50)
    house.services.evaluation.evaluate(TITANIC)
    before = house.watches.find(TITANIC)
    monkeypatch.delattr(type(house.watches), "change")
    house.services.evaluation.evaluate(TITANIC)
    assert house.watches.find(TITANIC) == before


def test_several_rules_of_one_span_read_its_windows_once(house: AlertHouse) -> None:
    for value in range(20):
        house.rule(condition={"when": "above", "value": value})
    house.look()
    assert house.series.reads == SPANS


def test_a_batch_after_a_batch_is_evaluated_now_and_then(house: AlertHouse) -> None:
    house.rule()
    for _ in range(5):
        house.services.evaluation.after([TITANIC])
    assert house.series.reads == SPANS
    house.clock.advance(5)
    house.services.evaluation.after([TITANIC])
    assert house.series.reads == 2 * SPANS


def test_lists_are_filtered_paged_and_followed(house: AlertHouse) -> None:
    house.rule(name="A", severity="info")
    house.rule(IRIS, name="B", severity="critical")
    began = house.clock.now()
    house.measure(200)
    house.look()
    house.measure(200, place=IRIS)
    house.look(IRIS)
    names: Any = lambda **query: [one["name"] for one in house.alerts(**query)]  # noqa: E731 - a name for it reads best
    assert names() == ["B", "A"]
    assert names(model="titanic") == ["A"]
    assert names(severity="critical", state="firing") == ["B"]
    assert names(state="resolved") == []
    _, first = house.ask("GET", "/alerts?limit=1")
    assert house.ask("GET", f"/alerts?limit=1&cursor={first['next']}")[1]["items"][0]["name"] == "A"
    assert names(since=began.isoformat()) == ["A", "B"]
    assert names(since=house.alerts(model="titanic")[0]["changed_at"]) == ["B"]
    assert house.ask("GET", "/alerts?since=2026-01-31T12:00:00")[0] == 400


def test_open_alerts_are_found_among_many_that_are_over(
    house: AlertHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read of the others, however many there are; all are counted by the store."""
    for number in range(6):
        house.rule(name=f"rule {number}", severity="info")
    first_look(house, 200)
    for _ in range(3):
        house.clock.advance(120)
        first_look(house, 50)
        house.clock.advance(120)
        first_look(house, 200)
    store = house.watches.alerts
    read: list[int] = []
    genuine = store.page

    def page(*asked: Any) -> list[Alert]:
        found = genuine(*asked)
        read.append(len(found))
        return found

    monkeypatch.setattr(store, "page", page)
    _, found = house.ask("GET", "/alerts?state=firing&count=true&limit=4")
    assert ([one["state"] for one in found["items"]], found["count"]) == (["firing"] * 4, 6)
    _, rest = house.ask("GET", f"/alerts?state=firing&limit=4&cursor={found['next']}")
    assert (len(rest["items"]), rest["next"]) == (2, None)
    assert sum(read) == 6
    read.clear()
    _, found = house.ask("GET", "/alerts?model=titanic&severity=info&state=resolved&count=true")
    assert (len(found["items"]), found["count"]) == (18, 18)
    for query, count in (("", 24), ("&model=iris", 0), ("&severity=critical", 0)):
        assert house.ask("GET", f"/alerts?count=true{query}")[1]["count"] == count
    assert "count" not in house.ask("GET", "/alerts")[1]


def test_a_page_goes_on_behind_an_alert_that_is_over_by_now(house: AlertHouse) -> None:
    for number in range(3):
        house.rule(name=f"rule {number}")
    first_look(house, 200)
    _, first = house.ask("GET", "/alerts?state=firing&limit=1")
    ident = first["items"][0]["id"]
    place = Place(TITANIC.workspace, ident)
    house.watches.alerts.update(place, lambda one: alert.resolved(one, house.clock.now()))
    _, rest = house.ask("GET", f"/alerts?state=firing&cursor={first['next']}")
    assert len(rest["items"]) == 2
    assert ident not in {one["id"] for one in rest["items"]}


def test_others_changes_hide_none_of_those_that_are_asked_for(
    house: AlertHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "MOST_CHANGED", 5)
    for number in range(9):
        house.rule(IRIS, name=f"rule {number}")
    house.rule()
    began = house.clock.now().isoformat()
    for place in (IRIS, TITANIC):
        house.measure(200, place=place)
        house.look(place)
    assert [one["name"] for one in house.alerts(since=began, model="titanic")] == ["Slow"]


def test_alerts_of_one_moment_come_together(house: AlertHouse) -> None:
    for number in range(5):
        house.rule(name=f"rule {number}")
    began = house.clock.now().isoformat()
    house.measure(200)
    house.look()
    assert len(house.alerts(since=began, limit=2)) == 5


def test_old_alerts_and_notices_go(house: AlertHouse) -> None:
    house.rule()
    first_look(house, 200, 50)
    [alert] = house.alerts()
    house.wait(31 * DAY, DAY)
    assert house.ask("GET", f"/notices/{alert['notices'][0]}")[0] == 404
    assert len(house.alerts()) == 1
    house.wait(340 * DAY, DAY)
    assert house.alerts() == []


def test_a_rule_named_by_nobody_is_of_no_use(house: AlertHouse) -> None:
    assert house.ask("POST", "/models/titanic/rules", json=RULE | {"name": ""})[0] == 422
