"""Channels: what is secret of one is taken in, sealed where it lies, and never shown again."""

import datetime as dt
from typing import Any

import msgspec
import pytest

from functions.kit.contract.access.over_quota import OverQuota
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Gone
from functions.monitoring.adapters.alerts.sealing import Seal
from functions.monitoring.model.alerts import words
from functions.monitoring.model.alerts.channels import MOST_CHANNELS
from functions.monitoring.model.alerts.testing import (
    MOST,
    MOST_OF_CHANNEL,
    Lately,
    Trial,
    counted,
)
from functions.monitoring.service.alerts.channels import secret_place, url_place
from tests.support.in_memory.alert_house import MAIL, AlertHouse

URL = "https://hooks.example.org:8443/services/T0/token?x=1"
HOOK: dict[str, Any] = {"kind": "webhook", "url": URL}
SECRET = "a secret of somebody's"


def test_a_new_secret_is_shown_once_and_a_given_one_never() -> None:
    house = AlertHouse()
    made = house.made("/channels", HOOK)
    assert made["secret"].startswith("whsec_")
    given = house.made("/channels", HOOK | {"secret": SECRET})
    assert given["secret"] is None
    for found in (house.ask("GET", f"/channels/{made['id']}")[1], house.ask("GET", "/channels")[1]):
        text = str(found)
        assert made["secret"] not in text
        assert "token" not in text
        assert "sealed" not in text
        assert "hooks.example.org:8443" in text


def test_what_is_stored_is_sealed_for_its_place() -> None:
    house = AlertHouse()
    made = house.made("/channels", HOOK | {"secret": SECRET})
    kept = house.channels.find(Place("w", made["id"]))
    assert kept is not None
    assert SECRET not in str(kept)
    assert "token" not in str(kept)
    assert house.seal.opened(kept.sealed_secret, secret_place(kept)) == SECRET
    assert house.seal.opened(kept.sealed_url, url_place(kept)) == URL
    with pytest.raises(Gone, match="give it anew"):
        house.seal.opened(kept.sealed_secret, "w/another/secret")
    with pytest.raises(Gone, match="give it anew"):
        Seal("another step secret").opened(kept.sealed_secret, secret_place(kept))


def test_a_change_keeps_what_it_says_nothing_of() -> None:
    house = AlertHouse()
    made = house.made("/channels", HOOK | {"secret": SECRET})
    place, path = Place("w", made["id"]), f"/channels/{made['id']}"
    changed = {"kind": "webhook", "name": "Ops", "everybody": False}
    status, found = house.ask("PUT", path, json=changed, headers={"If-Match": '"1"'})
    assert (status, found["name"], found["revision"]) == (200, "Ops", 2)
    assert house.ask("PUT", path, json=changed, headers={"If-Match": '"1"'})[0] == 412
    kept = house.channels.find(place)
    assert kept is not None
    assert house.seal.opened(kept.sealed_secret, secret_place(kept)) == SECRET
    assert house.services.channels.everybody("w") == []
    assert house.ask("PUT", path, json=MAIL)[0] == 422
    assert house.ask("DELETE", path, headers={"If-Match": '"2"'})[0] == 204
    assert house.ask("GET", path)[0] == 404


def test_a_repeated_request_makes_one_channel_and_shows_no_secret_again() -> None:
    house = AlertHouse()
    headers = {"Idempotency-Key": "k"}
    first, again = (house.ask("POST", "/channels", json=HOOK, headers=headers)[1] for _ in "ab")
    assert again == first | {"secret": None}
    assert len(house.ask("GET", "/channels")[1]["items"]) == 1


def test_a_key_of_another_channel_is_refused_and_a_repeat_needs_no_room() -> None:
    house = AlertHouse()
    headers = {"Idempotency-Key": "k"}
    for _ in range(MOST_CHANNELS - 1):
        house.made("/channels", MAIL)
    made = [house.ask("POST", "/channels", json=MAIL, headers=headers) for _ in "ab"]
    assert made[0] == made[1]
    for other in (MAIL | {"to": ["bob@example.org"]}, MAIL | {"name": "Ops"}, HOOK):
        status, problem = house.ask("POST", "/channels", json=other, headers=headers)
        assert (status, "was used for another request" in problem["detail"]) == (409, True)


@pytest.mark.parametrize(
    ("body", "column", "reason"),
    [
        ({"kind": "email", "to": ["ann"]}, "to[0]", "Expected an e-mail address"),
        ({"kind": "email", "to": ["a@b.c\nBcc: d@e.f"]}, "to[0]", "Expected an e-mail address"),
        ({"kind": "webhook"}, "url", "Expected the address"),
        (HOOK | {"url": "ftp://example.org"}, "url", "Expected a URL"),
        (HOOK | {"url": "https://ann:pass@example.org"}, "url", "without a user's name"),
        (HOOK | {"secret": "whsec_no base64 here"}, "secret", "Expected base64"),
    ],
)
def test_what_cannot_be_is_named(body: dict[str, Any], column: str, reason: str) -> None:
    status, problem = AlertHouse().ask("POST", "/channels", json=body)
    assert status == 422
    [flaw] = problem["errors"]
    assert flaw["column"] == column
    assert reason in flaw["reason"]
    assert "pass" not in str(problem)


@pytest.mark.parametrize("body", [{"kind": "pager"}, {"kind": "email", "to": []}, {}])
def test_a_body_that_is_no_channel_is_refused(body: dict[str, Any]) -> None:
    assert AlertHouse().ask("POST", "/channels", json=body)[0] == 422


def test_a_workspace_has_so_many_channels_at_most() -> None:
    house = AlertHouse()
    for _ in range(MOST_CHANNELS):
        house.made("/channels", MAIL)
    assert house.ask("POST", "/channels", json=MAIL)[0] == 409


def test_channels_are_their_workspace_s() -> None:
    house = AlertHouse()
    made = house.made("/channels", MAIL)
    assert house.ask("GET", f"/channels/{made['id']}", "eve")[0] == 404
    assert house.ask("GET", "/channels", "eve")[1]["items"] == []


def test_a_channel_is_tested_by_a_notice_that_says_so() -> None:
    house = AlertHouse()
    made = house.made("/channels", MAIL | {"name": "Team"})
    status, notice = house.ask("POST", f"/channels/{made['id']}/test")
    assert status == 202
    assert notice["state"] == "due"
    house.deliver()
    assert house.ask("GET", f"/notices/{notice['id']}")[1]["state"] == "sent"
    assert house.inbox.said == [[("Team", "test")]]
    sent = house.inbox.taken[0][1]
    assert words.subject(sent) == "[test] Team"
    assert "whether this channel is heard" in words.text(sent, "https://pages.example.org")
    assert "https://" not in words.text(sent, "https://pages.example.org")
    assert house.ask("POST", "/channels/nope/test")[0] == 404


def test_tests_of_a_channel_are_bounded() -> None:
    house = AlertHouse()
    first, second = (house.made("/channels", MAIL)["id"] for _ in "ab")
    for _ in range(MOST_OF_CHANNEL):
        assert house.ask("POST", f"/channels/{first}/test")[0] == 202
        house.clock.advance(60)
    answer = house.call("POST", f"/channels/{first}/test")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    problem = msgspec.json.decode(answer.data)
    assert "Within 10 minutes 5 tests of a channel are sent, and no more" in problem["detail"]
    assert "wait 300 s" in problem["detail"]
    assert house.ask("POST", f"/channels/{second}/test")[0] == 202
    assert house.ask("POST", f"/channels/{first}/test")[0] == 429  # a refusal puts nothing off
    house.clock.advance(300)
    assert house.ask("POST", f"/channels/{first}/test")[0] == 202
    house.deliver()
    assert len(house.inbox.said) == MOST_OF_CHANNEL + 2


def test_a_channel_made_anew_and_a_rule_s_test_count_as_well() -> None:
    house = AlertHouse()
    sent = 0
    while sent < MOST:
        made = house.made("/channels", MAIL | {"everybody": False})
        for _ in range(MOST_OF_CHANNEL):
            assert house.ask("POST", f"/channels/{made['id']}/test")[0] == 202
            sent += 1
        path = f"/channels/{made['id']}"
        assert house.ask("DELETE", path, headers={"If-Match": '"1"'})[0] == 204
    house.made("/channels", MAIL)
    path = f"/models/titanic/rules/{house.rule()}/test"
    status, problem = house.ask("POST", path)
    assert status == 429
    assert "20 tests of all channels of yours together" in problem["detail"]
    house.clock.advance(600)
    assert house.ask("POST", path)[0] == 202
    for _ in range(MOST_OF_CHANNEL - 1):
        assert house.ask("POST", path)[0] == 202
    assert house.ask("POST", path)[0] == 429


EVERYBODY = [f"everybody{number}" for number in range(MOST_CHANNELS)]


@pytest.mark.parametrize(
    ("earlier", "channels", "wait"),
    [
        ([], ["a"], None),
        ([("a", 599)] * 5, ["a"], 1),
        ([("a", 600)] * 5, ["a"], None),
        ([("a", 300), *[("a", 10)] * 4], ["a"], 300),
        ([("a", 10)] * 5, ["b"], None),
        ([("a", 10)] * 4, ["a", "a"], 590),
        ([("a", -5)] * 5, ["a"], 605),  # by a replica whose clock is ahead
        ([("a", 3), *[("a", -5)] * 4], ["a"], 597),
        ([*[("a", -5)] * 4, ("a", 3)], ["a"], 597),  # which wrote before another that is not
        ([("a", -600)] * 5, ["a"], None),  # by a clock that was wrong
        ([(f"c{number % 7}", 20) for number in range(20)], ["new"], 580),
        ([(f"c{number % 7}", 20) for number in range(18)], ["x", "y"], None),
        ([(f"c{number % 7}", 20 - number) for number in range(19)], ["x", "y"], 580),
        ([], EVERYBODY, None),
        ([("a", 600)] * 5, EVERYBODY, None),
        ([("a", 20)], EVERYBODY, 580),
    ],
)
def test_when_there_is_room_again(
    earlier: list[tuple[str, int]], channels: list[str], wait: int | None
) -> None:
    now = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
    tests = [Trial(channel, now - dt.timedelta(seconds=ago)) for channel, ago in earlier]
    if wait is None:
        after = counted(Lately(tests), channels, now)
        assert [one.channel for one in after.tests[-len(channels) :]] == channels
        assert len(after.tests) <= max(MOST, len(channels))
        return
    with pytest.raises(OverQuota, match=f"wait {wait} s") as caught:
        counted(Lately(tests), channels, now)
    assert caught.value.retry_after == wait
