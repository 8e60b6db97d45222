"""When an asynchronous call is tried again, for how long, and where it ends."""

import asyncio
import itertools
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.js.api import RawStreamMsg

from tests.support.processes import wait_until

PREFIX = "com.openfaas.retry."
CODE = """
import time, flask

def handle(request):
    with open(request.args["file"], "a") as file:
        file.write(f"{time.time()} {request.headers['X-Call-Id']}\\n")
    fields = {"Retry-After": request.args["after"]} if "after" in request.args else {}
    return flask.Response("so", int(request.args["code"]), headers=fields)
"""


def deploy(gateway: Any, name: str, **settings: str) -> None:
    quick = {"attempts": "3", "min_wait": "50ms", "max_wait": "200ms", **settings}
    annotations = {PREFIX + key: value for key, value in quick.items()}
    folder = str(gateway.write_function(name, code=CODE))
    spec = {"service": name, "image": folder, "annotations": annotations}
    assert gateway.ask("POST", "/system/functions", spec)[0] == 202


def call(gateway: Any, name: str, file: Path, code: int, after: str = "") -> str:
    query = f"file={file}&code={code}" + (f"&after={after}" if after else "")
    status, headers, _ = gateway.call("POST", f"/async-function/{name}/?{query}", "the body")
    assert status == 202
    return str(headers["x-call-id"])


def tries(file: Path) -> list[tuple[float, str]]:
    lines = file.read_text().splitlines() if file.exists() else []
    return [(float(at), call_id) for at, call_id in (line.split() for line in lines)]


@pytest.mark.parametrize(
    ("code", "attempts"),
    [(408, 3), (429, 3), (500, 3), (502, 3), (503, 3), (504, 3), (400, 1), (404, 1), (501, 1),
     (200, 1)],
)  # fmt: skip
def test_which_statuses_are_tried_again(
    gateway: Any, tmp_path: Path, code: int, attempts: int
) -> None:
    deploy(gateway, "tried", min_wait="10ms", max_wait="20ms")
    call_id = call(gateway, "tried", tmp_path / "tries", code)
    assert gateway.end_of(call_id) == ("succeeded" if code == 200 else "failed")
    assert [found for _, found in tries(tmp_path / "tries")] == [call_id] * attempts


def test_annotations_override_codes_and_attempts(gateway: Any, tmp_path: Path) -> None:
    deploy(gateway, "own-codes", codes="418, 503", attempts="2")
    for code, attempts in ((418, 2), (500, 1)):
        file = tmp_path / str(code)
        assert gateway.end_of(call(gateway, "own-codes", file, code)) == "failed"
        assert len(tries(file)) == attempts


# What a busy machine may add to a wait, in seconds. Where a wait is not to be, it would be longer.
SLACK = 9.0


@pytest.mark.parametrize(
    ("longest", "wanted"),
    [
        ("100ms", [0.05] + [0.1] * 8),  # without an end the last would be 10 s at least
        ("60s", [0.05, 0.1, 0.2]),  # the longest from the beginning would be 48 s at least
    ],
)
def test_waits_grow_up_to_the_longest(
    gateway: Any, tmp_path: Path, longest: str, wanted: list[float]
) -> None:
    attempts = str(len(wanted) + 1)
    deploy(gateway, "patient", attempts=attempts, min_wait="50ms", max_wait=longest)
    gateway.end_of(call(gateway, "patient", tmp_path / "tries", 500))
    times = [at for at, _ in tries(tmp_path / "tries")]
    waits = [later - earlier for earlier, later in itertools.pairwise(times)]
    for wait, middle in zip(waits, wanted, strict=True):
        assert 0.8 * middle * 0.95 <= wait <= middle + SLACK  # jitter takes a fifth at most


@pytest.mark.parametrize(
    ("code", "after", "least"), [(429, "1", 0.95), (503, "1", 0.95), (500, "30", 0.0)]
)
def test_retry_after_is_honoured(
    gateway: Any, tmp_path: Path, code: int, after: str, least: float
) -> None:
    deploy(gateway, "told", attempts="2", min_wait="10ms", max_wait="20ms")
    gateway.end_of(call(gateway, "told", tmp_path / "tries", code, after=after))
    (first, _), (second, _) = tries(tmp_path / "tries")
    assert least <= second - first <= least + SLACK


def test_what_is_given_up_lies_on_the_dead_letter_subject(gateway: Any, tmp_path: Path) -> None:
    deploy(gateway, "buried", attempts="2")
    call_id = call(gateway, "buried", tmp_path / "tries", 503)
    assert gateway.end_of(call_id) == "failed"
    message = asyncio.run(last_dead(gateway.nats_port, "buried"))
    headers, data = message.headers or {}, message.data or b""
    assert message.subject == "mayfly.async.dead.openfaas-fn.buried"
    assert (headers["Mayfly-Status"], headers["Mayfly-Attempts"]) == ("503", "2")
    assert call_id.encode() in data
    assert b"the body" in data


async def last_dead(port: int, name: str) -> RawStreamMsg:
    client = await nats.connect(f"nats://127.0.0.1:{port}")
    try:
        stream = client.jetstream()
        return await stream.get_last_msg("mayfly-async-dead", f"mayfly.async.dead.*.{name}")
    finally:
        await client.close()


def test_a_call_that_waits_for_its_next_try_can_be_cancelled(gateway: Any, tmp_path: Path) -> None:
    deploy(gateway, "halted", attempts="9", min_wait="60s", max_wait="60s")
    file = tmp_path / "tries"
    call_id = call(gateway, "halted", file, 500)
    wait_until(lambda: len(tries(file)) == 1)
    wait_until(lambda: state(gateway, call_id) == "queued")
    assert gateway.ask("DELETE", f"/async-function/{call_id}") == (202, b"")
    assert state(gateway, call_id) == "cancelled"
    assert len(tries(file)) == 1


def test_a_call_whose_function_is_removed_meanwhile_fails(gateway: Any, tmp_path: Path) -> None:
    deploy(gateway, "short-lived", attempts="9", min_wait="500ms", max_wait="500ms")
    call_id = call(gateway, "short-lived", tmp_path / "tries", 500)
    wait_until(lambda: len(tries(tmp_path / "tries")) == 1)
    gone = {"functionName": "short-lived"}
    assert gateway.ask("DELETE", "/system/functions", gone)[0] == 202
    assert gateway.end_of(call_id) == "failed"
    result = gateway.ask("GET", f"/async-function/{call_id}")[1]
    assert (result["status"], result["error"]) == (404, "the function is not deployed")


def state(gateway: Any, call_id: str) -> str:
    return str(gateway.ask("GET", f"/async-function/{call_id}")[1]["state"])


@pytest.mark.parametrize(
    "settings",
    [
        {"attempts": "0"},
        {"attempts": "x"},
        {"codes": "abc"},
        {"codes": "99"},
        {"min_wait": "soon"},
        {"max_wait": "-1s"},
        {"min_wait": "9s", "max_wait": "1s"},
    ],
)
def test_wrong_settings_are_refused_by_name(gateway: Any, settings: dict[str, str]) -> None:
    annotations = {PREFIX + key: value for key, value in settings.items()}
    folder = str(gateway.write_function("unsettled", code=CODE))
    spec = {"service": "unsettled", "image": folder, "annotations": annotations}
    status, answer = gateway.ask("POST", "/system/functions", spec)
    assert (status, PREFIX in answer["detail"]) == (400, True)
