"""Small parts: hashes, work after an answer, where a call comes from, how refusals are said."""

import threading

import pytest
import structlog
from flask import Flask, Request
from werkzeug.test import EnvironBuilder

from functions.accounts.adapters import later
from functions.accounts.adapters.argon2_hasher import Argon2Hasher, Cost
from functions.accounts.adapters.later import BackgroundThread
from functions.accounts.model.refusals import Forbidden, NotSignedIn, Slowed
from functions.accounts.transport.refusals import answered
from functions.accounts.transport.visitors import LONGEST_AGENT, visitor_of
from functions.kit.contract.errors import DomainError
from functions.kit.http.responses.problems import Problem
from tests.support.in_memory.accounts_house import CHEAP, PASSWORD, CountingHasher

# Hashes


def test_a_hash_is_verified_and_is_another_each_time() -> None:
    hasher = Argon2Hasher(CHEAP)
    first, second = hasher.hash(PASSWORD), hasher.hash(PASSWORD)
    assert first != second
    assert first.startswith("$argon2id$")
    assert [hasher.verify(one, PASSWORD) for one in (first, second)] == [True, True]
    assert not hasher.verify(first, PASSWORD + " ")


@pytest.mark.parametrize("stored", [None, "no hash", ""])
def test_where_there_is_no_hash_nothing_is_right(stored: str | None) -> None:
    assert Argon2Hasher(CHEAP).verify(stored, PASSWORD) is False


def test_an_accent_is_the_same_however_a_keyboard_makes_it() -> None:
    hasher = Argon2Hasher(CHEAP)
    composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"
    assert hasher.verify(hasher.hash(composed), decomposed)
    assert not hasher.verify(hasher.hash(composed), "cafe au lait")


@pytest.mark.parametrize("known", [True, False])
def test_the_first_one_that_a_replica_verifies_is_the_same_work(known: bool) -> None:
    hasher = CountingHasher()
    stored = Argon2Hasher(CHEAP).hash(PASSWORD) if known else None
    hasher.verify(stored, "a guess")
    assert hasher.work == ["verify", "hash"]


def test_a_hash_of_another_cost_is_verified_and_is_outdated() -> None:
    stored = Argon2Hasher(CHEAP).hash(PASSWORD)
    dearer = Argon2Hasher(Cost(2, 16, 1))
    assert dearer.verify(stored, PASSWORD)
    assert (dearer.is_outdated(stored), Argon2Hasher(CHEAP).is_outdated(stored)) == (True, False)


def test_the_usual_cost_is_owasps() -> None:
    assert "m=19456,t=2,p=1" in Argon2Hasher().hash(PASSWORD)


# After the answer


def test_work_is_done_after_the_answer_in_its_order() -> None:
    thread, done, end = BackgroundThread(), list[int](), threading.Event()
    for number in range(3):
        thread(lambda number=number: done.append(number))  # type: ignore[misc]
    thread(end.set)
    assert end.wait(5)
    assert done == [0, 1, 2]


def test_work_that_fails_is_told_and_the_next_is_done() -> None:
    thread, end = BackgroundThread(), threading.Event()

    def fail() -> None:
        raise ValueError("no luck")

    with structlog.testing.capture_logs() as lines:
        thread(fail)
        thread(end.set)
        assert end.wait(5)
    assert [(line["event"], line["error"]) for line in lines] == [
        ("work after an answer failed", "no luck")
    ]


def test_what_is_too_much_is_dropped_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(later, "MOST", 2)
    thread, go, end, done = BackgroundThread(), threading.Event(), threading.Event(), list[str]()
    with structlog.testing.capture_logs() as lines:
        thread(lambda: done.append(str(go.wait(5))))
        thread(end.set)
        thread(lambda: done.append("too much"))
        go.set()
        assert end.wait(5)
    assert ([line["log_level"] for line in lines], done) == (["error"], ["True"])


# Where a call comes from

PEER = "192.0.2.9"


def request(forwarded: list[str], agent: str = "", peer: str = PEER) -> Request:
    builder = EnvironBuilder(environ_base={"REMOTE_ADDR": peer})
    for one in forwarded:
        builder.headers.add("X-Forwarded-For", one)
    builder.headers["User-Agent"] = agent
    return Request(builder.get_environ())


@pytest.mark.parametrize(
    ("forwarded", "hops", "address"),
    [
        ([], 1, PEER),
        (["203.0.113.1"], 0, PEER),
        (["203.0.113.1"], 1, "203.0.113.1"),
        (["6.6.6.6, 203.0.113.1"], 1, "203.0.113.1"),
        (["6.6.6.6", "203.0.113.1"], 1, "203.0.113.1"),
        (["6.6.6.6, 203.0.113.1, 10.0.0.1"], 2, "203.0.113.1"),
        (["203.0.113.1"], 2, "203.0.113.1"),
        (["6.6.6.6, nonsense"], 1, "unknown"),
        (["::ffff:203.0.113.1"], 1, "203.0.113.1"),
        (["2001:db8:1:2:3:4:5:6"], 1, "2001:db8:1:2::/64"),
        (["[2001:db8:1:2::1]:4000"], 1, "2001:db8:1:2::/64"),
        (["203.0.113.1:4000"], 1, "203.0.113.1"),
        (["nonsense:4000"], 1, "unknown"),
        ([" , "], 1, PEER),
    ],
)
def test_the_address_is_the_one_that_our_own_proxies_saw(
    forwarded: list[str], hops: int, address: str
) -> None:
    assert visitor_of(request(forwarded), hops).address == address


def test_a_browser_says_so_much_of_itself() -> None:
    assert visitor_of(request([], "Firefox"), 1).agent == "Firefox"
    assert len(visitor_of(request([], "x" * 999), 1).agent) == LONGEST_AGENT


# Refusals


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (NotSignedIn("no"), 401, {"WWW-Authenticate": 'Bearer realm="mayfly"'}),
        (Forbidden("no"), 403, {}),
        (Slowed("no", 7), 429, {"Retry-After": "7"}),
    ],
)
def test_refusals_have_a_status(error: DomainError, status: int, headers: dict[str, str]) -> None:
    with Flask("x").app_context(), pytest.raises(Problem) as told, answered():
        raise error
    assert (told.value.status, told.value.detail, told.value.headers) == (status, "no", headers)
