"""Calls between functions, over a transport in this process."""

from collections.abc import Callable

import httpx
import msgspec
import pytest

from functions.kit.adapters.calls import step_tokens
from functions.kit.adapters.calls.function_addresses import BY_PATH, FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.config import Settings
from functions.kit.contract.errors import Away, DomainError, Flaw, Invalid
from functions.kit.http.responses.problems import document, problem_of
from tests.support.servers import sources

SETTINGS = Settings(
    project="p", bucket="b", gateway_url="http://gateway", step_secret="s", max_json_bytes=1
)


def calling(network: Callable[[httpx.Request], httpx.Response]) -> Calls:
    addresses = FunctionAddresses("http://gateway" + BY_PATH)
    return Calls("training", SETTINGS, addresses, httpx.MockTransport(network))


def test_a_queued_call_carries_a_step_token_and_gives_its_id() -> None:
    def gateway(request: httpx.Request) -> httpx.Response:
        assert request.url == "http://gateway/async-function/training/jobs/1/steps/finish"
        token = request.headers["Authorization"].removeprefix("Step ")
        call = step_tokens.Call("POST", "training", "/jobs/1/steps/finish")
        assert step_tokens.signer_of(token, "s", call) == ("training", "")
        return httpx.Response(202, headers={"X-Call-Id": "7"})

    calls = calling(gateway)
    assert calls.enqueue("training", "/jobs/1/steps/finish") == "7"


def test_a_queue_that_refuses_or_is_away_is_a_503_that_may_be_tried_again() -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    for gateway in (lambda _: httpx.Response(500, text="full"), away):
        with pytest.raises(DomainError) as caught:
            calling(gateway).enqueue("training", "/x")
        assert isinstance(caught.value, Away)
        assert caught.value.retry_after == 1


@pytest.mark.parametrize("answer", [sources.SHORT, sources.CHUNKED])
def test_an_answer_that_breaks_off_is_none(answer: bytes) -> None:
    with sources.breaking_off(answer) as url:
        calls = Calls("training", SETTINGS, FunctionAddresses(url + BY_PATH))
        with pytest.raises(DomainError, match="does not answer") as caught:
            calls.call("datasets", "GET", "/x", list[int])
    assert isinstance(caught.value, Away)


def test_no_client_is_made_before_the_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(httpx, "Client", lambda **_: made.append(1))
    Calls("training", SETTINGS, FunctionAddresses.from_env({}))
    assert made == []


def test_a_function_s_problem_is_passed_on_with_its_flaws() -> None:
    body = msgspec.json.encode(document(problem_of(Invalid("Bad.", Flaw("x", row=1))), "/a"))
    calls = calling(lambda _: httpx.Response(422, content=body))
    with pytest.raises(DomainError, match="Bad") as caught:
        calls.call("datasets", "GET", "/a", dict)
    assert isinstance(caught.value, Invalid)
    assert caught.value.flaws == [Flaw("x", row=1)]


@pytest.mark.parametrize("body", [b"<html>", b'{"detail": "\xff"}', b'{"x": ' + b"[" * 100_000])
@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_that_cannot_be_read_is_a_503(status: int, body: bytes) -> None:
    calls = calling(lambda _: httpx.Response(status, content=body))
    with pytest.raises(DomainError, match=r"^datasets (gave|answered)") as caught:
        calls.call("datasets", "GET", "/a", dict)
    assert isinstance(caught.value, Away)


def test_the_gateway_s_own_404_does_not_say_that_the_thing_is_missing() -> None:
    told = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "no function"}
    calls = calling(lambda _: httpx.Response(404, json=told))
    with pytest.raises(DomainError, match="datasets answered 404: no function") as caught:
        calls.call("datasets", "GET", "/datasets/x", dict)
    assert isinstance(caught.value, Away)
