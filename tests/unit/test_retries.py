"""Calls while a function starts: functions and web ask a platform again, over real sockets."""

import time
from typing import Any

import httpx
import pytest

from functions.kit.adapters.calls import retries as of_functions
from functions.kit.adapters.calls.function_addresses import BY_PATH, FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.config import Settings
from functions.kit.contract.errors import Away
from tests.support.pages.starting import FUNCTION_S, PLATFORM_S, Said, platform
from web.addresses import Addresses
from web.client.calls.training import Training
from web.client.errors import Failure
from web.client.transport import retries as of_web
from web.client.transport import time_limits
from web.client.transport.endpoint import Endpoint

OK = Said(200, b"[1]")
STARTS, _ = PLATFORM_S["envoy"]
SETTINGS = Settings("p", "b", "http://gateway", "s", 1)


@pytest.fixture(params=[of_functions, of_web], ids=["functions", "web"])
def retries(request: pytest.FixtureRequest) -> Any:
    return request.param


def response(said: Said) -> httpx.Response:
    return httpx.Response(said.status, content=said.body, headers=said.fields)


@pytest.mark.parametrize("name", PLATFORM_S)
def test_a_platform_s_answer_is_known_and_what_may_be_made_again(retries: Any, name: str) -> None:
    said, never_arrived = PLATFORM_S[name]
    assert retries.may_repeat(response(said), repeatable=True)
    assert retries.may_repeat(response(said), repeatable=False) is never_arrived


@pytest.mark.parametrize("said", FUNCTION_S.values(), ids=FUNCTION_S)
def test_a_function_s_own_answer_is_final(retries: Any, said: Said) -> None:
    assert not retries.may_repeat(response(said), repeatable=True)


def test_both_know_the_same_methods_for_repeatable() -> None:
    assert of_functions.REPEATABLE == of_web.REPEATABLE


@pytest.mark.parametrize("name", PLATFORM_S)
def test_a_function_calls_another_again_while_that_starts(name: str) -> None:
    said, _ = PLATFORM_S[name]
    with platform(said, said, OK) as found:
        calls = Calls("training", SETTINGS, FunctionAddresses(found.url + BY_PATH))
        assert calls.call("models", "POST", "/models/m/versions", list[int], {"a": 1}) == [1]
    assert found.received == [("POST", "/function/models/models/m/versions", b'{"a":1}')] * 3


def test_a_function_s_own_503_goes_to_the_caller_at_once() -> None:
    with platform(FUNCTION_S["away"], OK) as found:
        calls = Calls("training", SETTINGS, FunctionAddresses(found.url + BY_PATH))
        with pytest.raises(Away, match="it starts"):
            calls.call("models", "GET", "/models/m", list[int])
    assert len(found.received) == 1


def test_tries_end() -> None:
    began = time.monotonic()
    with platform(STARTS) as found, httpx.Client(base_url=found.url) as client:
        answer = of_functions.answered(lambda: client.get("/"), repeatable=True, seconds=0.5)
    assert answer.status_code == 503
    assert 0.3 <= time.monotonic() - began < 5
    assert len(found.received) == 3  # at once, after 0.1 s, after 0.2 s more; 0.4 s would be over


def endpoint(url: str) -> Endpoint:
    return Endpoint(httpx.Client(), Addresses(url + BY_PATH), "training")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_page_asks_again_what_it_may_repeat(method: str) -> None:
    with platform(STARTS, STARTS, OK) as found:
        assert endpoint(found.url).call(list[int], method, "/jobs") == [1]
    assert [one[0] for one in found.received] == [method] * 3


def test_what_is_told_to_be_repeatable_is_sent_again_whole() -> None:
    with platform(STARTS, OK) as found:
        asked = endpoint(found.url)
        assert asked.call(list[int], "POST", "/x", json={"a": 1}, repeatable=True) == [1]
    assert found.received == [("POST", "/function/training/x", b'{"a":1}')] * 2


def test_a_training_is_begun_again_under_the_same_key() -> None:
    job = b'{"id": "a", "state": "queued", "dataset": "d", "target": "t"}'
    with platform(STARTS, Said(200, job)) as found:
        assert Training(endpoint(found.url)).start({"dataset": "d"}, "k").id == "a"
        assert found.keys == ["k", "k"]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_may_have_arrived_is_not_sent_twice(method: str) -> None:
    with platform(STARTS, OK) as found, pytest.raises(Failure, match="is away"):
        endpoint(found.url).call(list[int], method, "/jobs", json={})
    assert len(found.received) == 1


def test_what_never_arrived_is_sent_again() -> None:
    said, _ = PLATFORM_S["our gateway, not ready"]
    with platform(said, OK) as found:
        assert endpoint(found.url).call(list[int], "POST", "/jobs", json={}) == [1]
    assert len(found.received) == 2


def test_a_stream_that_is_read_once_is_sent_once() -> None:
    said, _ = PLATFORM_S["our gateway, not ready"]
    with platform(said, OK) as found, pytest.raises(Failure, match="it starts"):
        endpoint(found.url).call(list[int], "PUT", "/file", content=(b"x" for _ in range(2)))
    assert len(found.received) == 1


def test_a_page_keeps_half_of_its_time() -> None:
    began = time.monotonic()
    time_limits.begin_page(1.0)
    try:
        with platform(STARTS) as found, pytest.raises(Failure, match="is away"):
            endpoint(found.url).call(list[int], "GET", "/jobs")
        assert time.monotonic() - began < 1.0
        assert len(found.received) == 3
    finally:
        time_limits.begin_page(None)
