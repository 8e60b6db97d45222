"""What reports ask other functions, over a transport in this process."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from functions.kit.adapters.calls import step_tokens
from functions.kit.adapters.calls.function_addresses import BY_PATH, FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.config import Settings
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away
from functions.reports.adapters.other_functions import HttpFunctions

SETTINGS = Settings(
    project="p", bucket="b", gateway_url="http://gateway", step_secret="s", max_json_bytes=1
)
MODEL = Place("north", "people")


def functions(network: Callable[[httpx.Request], httpx.Response]) -> HttpFunctions:
    addresses = FunctionAddresses("http://gateway" + BY_PATH)
    return HttpFunctions(Calls("reports", SETTINGS, addresses, httpx.MockTransport(network)))


def problem(status: int, detail: str = "no") -> httpx.Response:
    told = {"type": "about:blank", "title": "x", "status": status, "detail": detail}
    return httpx.Response(status, json={**told, "instance": "/x"})


def windows(*days: int, version: int = 1) -> httpx.Response:
    told = [
        {
            "id": f"day-{day}",
            "version": version,
            "span": "day",
            "start": f"2026-01-{day:02d}T00:00:00Z",
            "end": f"2026-01-{day + 1:02d}T00:00:00Z",
            "rows": day,
            "measures": {"drift": {"value": 0.2}},
        }
        for day in days
    ]
    return httpx.Response(200, json={"version": version, "windows": told})


def test_a_call_with_a_query_is_signed_for_its_path() -> None:
    asked: list[httpx.Request] = []

    def gateway(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        profile: dict[str, Any] = {"revision": 1, "rows": 0, "target": "a b&c"}
        more: dict[str, Any] = {"columns": [], "correlations": [], "warnings": []}
        return httpx.Response(200, content=json.dumps(profile | more))

    assert functions(gateway).profile(MODEL, "a b&c").target == "a b&c"
    [request] = asked
    assert dict(request.url.params) == {"target": "a b&c"}
    token = request.headers["Authorization"].removeprefix("Step ")
    call = step_tokens.Call("GET", "datasets", "/datasets/people/profile")
    assert step_tokens.signer_of(token, "s", call) == ("reports", "north")


def test_windows_are_of_days_or_else_of_hours() -> None:
    answers = {"day": windows(3, 2, 1), "hour": windows(1, 2, 3, 4, 5)}
    found = functions(lambda request: answers[request.url.params["span"]]).windows(MODEL, 1)
    assert [one.rows for one in found or ()] == [1, 2, 3, 4, 5]
    answers["day"] = windows(4, 3, 2, 1)
    found = functions(lambda request: answers[request.url.params["span"]]).windows(MODEL, 1)
    assert [one.rows for one in found or ()] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (problem(404), []),
        (windows(), []),
        (windows(1, version=2), []),
        (problem(401), None),
        (problem(503), None),
        (httpx.Response(200, text="no json"), None),
    ],
)
def test_windows_that_are_not_there_are_told_from_those_that_are_not_known(answer, found) -> None:
    assert functions(lambda _: answer).windows(MODEL, 1) == found


def test_a_job_that_is_no_more_is_none_and_one_that_cannot_be_asked_for_is_waited_for() -> None:
    assert functions(lambda _: problem(404)).job(MODEL) is None
    with pytest.raises(Away):
        functions(lambda _: problem(503)).job(MODEL)
