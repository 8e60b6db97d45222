"""Notices go out until they are taken or given up; whoever dies, none is lost."""

import datetime as dt
from typing import Any

import pytest

from functions.kit.contract.errors import Away, NoRoom
from functions.kit.contract.steps import LEASE, MOST_DEATHS
from functions.monitoring.model.alerts.notices import GIVE_UP, Notice
from functions.monitoring.service.alerts.ports import NotTaken
from tests.support.in_memory.alert_house import DAY, HOUR, MAIL, AlertHouse


@pytest.fixture
def house() -> AlertHouse:
    house = AlertHouse()
    house.made("/channels", MAIL)
    return house


def fire(house: AlertHouse) -> Any:
    """Make an alert; return its notice as it is after the first try."""
    house.rule()
    house.measure(200)
    house.look()
    return notice(house)


def notice(house: AlertHouse) -> Any:
    [ident] = house.alerts()[0]["notices"]
    status, found = house.ask("GET", f"/notices/{ident}")
    assert status == 200
    return found


def test_a_channel_that_is_away_is_tried_after_ever_longer(house: AlertHouse) -> None:
    house.inbox.refusals = [NotTaken("busy") for _ in range(4)]
    began = house.clock.now()
    found = fire(house)
    assert (found["state"], found["tries"], found["problem"]) == ("due", 1, "busy")
    house.wait(HOUR, dt.timedelta(seconds=5))
    found = notice(house)
    assert (found["state"], found["tries"], len(house.inbox.taken)) == ("sent", 5, 1)
    took = dt.datetime.fromisoformat(found["ended_at"]) - began
    assert 5 + 10 + 20 + 40 <= took.total_seconds() - 60 < 200  # the window itself took a minute


def test_who_asks_to_be_left_alone_is(house: AlertHouse) -> None:
    house.inbox.refusals = [NotTaken("busy", wait=600)]
    found = fire(house)
    at = dt.datetime.fromisoformat(found["at"])
    assert (at - house.clock.now()).total_seconds() == 600


def test_what_is_refused_for_good_is_given_up_at_once(house: AlertHouse) -> None:
    house.inbox.refusals = [NotTaken("550 never", for_good=True)]
    found = fire(house)
    assert (found["state"], found["tries"], found["problem"]) == ("failed", 1, "550 never")
    house.wait(HOUR)
    assert house.inbox.taken == []


def test_a_channel_that_stays_away_is_given_up_after_a_day(house: AlertHouse) -> None:
    house.inbox.refusals = [NotTaken("away") for _ in range(1000)]
    fire(house)
    house.wait(2 * DAY, dt.timedelta(minutes=5))
    found = notice(house)
    assert found["state"] == "failed"
    made, ended = (dt.datetime.fromisoformat(found[one]) for one in ("created_at", "ended_at"))
    assert GIVE_UP - HOUR - HOUR / 12 <= ended - made <= GIVE_UP
    assert found["tries"] > 20


def test_a_channel_that_is_gone_is_named(house: AlertHouse) -> None:
    [channel] = house.ask("GET", "/channels")[1]["items"]
    house.queue.is_open = False
    fire(house)
    assert house.ask("DELETE", f"/channels/{channel['id']}")[0] == 204
    house.queue.is_open = True
    house.wait(HOUR)
    assert notice(house)["problem"] == f"There is no channel '{channel['id']}' any more."


def test_a_queue_that_is_away_delays_and_loses_nothing(house: AlertHouse) -> None:
    house.queue.is_open = False
    found = fire(house)
    assert (found["state"], found["tries"]) == ("due", 0)
    house.queue.is_open = True
    house.wait(HOUR)
    assert house.inbox.said == [[("Slow", "firing")]]


def test_a_doubled_hint_sends_nothing_twice(house: AlertHouse) -> None:
    fire(house)
    for _ in range(3):
        house.run(f"/workspaces/w/notices/{notice(house)['id']}/steps/send")
    assert len(house.inbox.taken) == 1


def test_who_dies_after_the_channel_took_it_has_the_same_sent_once_more(house: AlertHouse) -> None:
    house.inbox.killed = True
    with pytest.raises(KeyboardInterrupt):
        fire(house)
    house.queue.messages.clear()
    house.inbox.killed = False
    house.clock.advance(LEASE.total_seconds() + 1)
    house.wait(HOUR)
    (_, first), (_, second) = house.inbox.taken
    assert isinstance(first, Notice)
    assert first.id == second.id
    assert notice(house)["state"] == "sent"


@pytest.mark.parametrize("error", [NoRoom("Firestore is full."), Away("Firestore is away.")])
def test_nothing_is_sent_where_that_cannot_be_noted(
    house: AlertHouse, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Else it would be sent again and again, until it can."""

    def refuse(*_: Any) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(house.watches.notices, "update", refuse)
        house.rule()
        house.measure(200)
        house.look()
        house.wait(HOUR)
        assert house.inbox.taken == []
    house.wait(HOUR)
    assert len(house.inbox.taken) == 1
    assert (notice(house)["state"], notice(house)["tries"]) == ("sent", 1)


def test_a_notice_that_kills_is_given_up(house: AlertHouse) -> None:
    house.inbox.killed = True
    house.rule()
    house.measure(200)
    deaths = 0
    with pytest.raises(KeyboardInterrupt):
        house.look()
    for _ in range(200):
        house.clock.advance(LEASE.total_seconds() + 1)
        try:
            house.services.lookout.look()
            house.deliver()
        except KeyboardInterrupt:
            deaths += 1
    assert notice(house)["state"] == "failed"
    assert notice(house)["problem"] == "Process after process ended over this notice."
    assert deaths + 1 == MOST_DEATHS


def test_the_test_button_tells_each_channel_that_it_is_a_test(house: AlertHouse) -> None:
    ops = house.made("/channels", MAIL | {"name": "Ops"})["id"]
    rule = house.rule(channels=[ops])
    status, found = house.ask("POST", f"/models/titanic/rules/{rule}/test")
    [told] = found["notices"]
    assert (status, told["state"], told["channel"]) == (202, "due", ops)
    house.deliver()
    assert house.ask("GET", f"/notices/{told['id']}")[1]["state"] == "sent"
    assert house.inbox.said == [[("Slow", "test")]]
    assert house.alerts() == []
    assert house.state(rule) == "ok"


def test_a_rule_without_a_channel_cannot_be_tried() -> None:
    house = AlertHouse()
    rule = house.rule()
    status, problem = house.ask("POST", f"/models/titanic/rules/{rule}/test")
    assert (status, problem["detail"]) == (
        409,
        "The rule 'Slow' has no channel to tell; make one first.",
    )


def test_a_notice_is_its_workspace_s_and_its_model_s(house: AlertHouse) -> None:
    found = fire(house)
    path = f"/notices/{found['id']}"
    assert [house.ask("GET", path, who)[0] for who in ("one", "other", "eve")] == [200, 404, 404]
    assert "Slow" in str(found["lines"])
