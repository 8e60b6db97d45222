"""Calls belong to the credential that made them, and no credential lies on the queue's disk."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import contents_of, wait_until

ANN = {"Authorization": "Bearer ann-key"}
BEN = {"Authorization": "Bearer ben-key"}
QUICK = {"com.openfaas.retry.min_wait": "50ms", "com.openfaas.retry.max_wait": "100ms"}
CODE = """
import flask, json, os

def handle(request):
    file = request.args["file"]
    with open(file, "a") as noted:
        noted.write(json.dumps(dict(request.headers)) + "\\n")
    ready = os.path.exists(file + ".go")
    return flask.Response("done" if ready else "not yet", 200 if ready else 503)
"""


@pytest.fixture(scope="module")
def fn(gateway: Any) -> str:
    gateway.deploy("owned")
    return "/async-function/owned/status?code=201"


def accepted(gateway: Any, path: str, headers: dict[str, str]) -> str:
    status, fields, body = gateway.call("POST", path, "x", headers)
    assert status == 202, body
    return str(fields["x-call-id"])


def seen(gateway: Any, call_id: str, headers: dict[str, str], method: str = "GET") -> Any:
    """Status and, where there is one, the state that this asker is told."""
    status, _, body = gateway.call(method, f"/async-function/{call_id}", None, headers)
    return status, json.loads(body).get("state") if body and status == 200 else None


def test_an_outcome_is_told_to_the_credential_that_made_the_call(gateway: Any, fn: str) -> None:
    call_id = accepted(gateway, fn, ANN)
    wait_until(lambda: seen(gateway, call_id, ANN) == (200, "succeeded"))
    assert seen(gateway, call_id, {"X-Api-Key": "ann-key"}) == (200, "succeeded")
    assert seen(gateway, call_id, {"Authorization": gateway.token()}) == (200, "succeeded")
    for other in (
        {},
        BEN,
        {"Authorization": "Basic YWRtaW46d3Jvbmc="},
        {"Authorization": "Step ann-key"},
        {"Cookie": "ann-key"},
        {**ANN, "X-Api-Key": "ben-key"},
    ):
        assert seen(gateway, call_id, other) == (404, None), other


def test_to_others_it_is_as_if_there_were_no_call(gateway: Any, fn: str) -> None:
    call_id = accepted(gateway, fn, ANN)
    wait_until(lambda: seen(gateway, call_id, ANN) == (200, "succeeded"))
    for asker in ({}, BEN):
        there = gateway.call("GET", f"/async-function/{call_id}", None, asker)
        missing = gateway.call("GET", "/async-function/no-such-call", None, asker)
        assert there[0] == missing[0] == 404
        assert there[2].replace(call_id.encode(), b"no-such-call") == missing[2]


def test_a_call_without_a_credential_is_for_the_password_alone(gateway: Any, fn: str) -> None:
    call_id = accepted(gateway, fn, {})
    wait_until(
        lambda: seen(gateway, call_id, {"Authorization": gateway.token()}) == (200, "succeeded")
    )
    for asker in ({}, ANN, {"Authorization": ""}, {"X-Api-Key": ""}):
        assert seen(gateway, call_id, asker) == (404, None)


def test_queued_and_running_calls_are_their_owner_s_to_see_and_cancel(
    gateway: Any, hold: Any, tmp_path: Path
) -> None:
    scale = {"autoscaling.knative.dev/max-scale": "1"}
    gateway.deploy("occupied", containerConcurrency=1, annotations=scale)
    running = accepted(gateway, f"/async-function/occupied{hold.path}", ANN)
    hold.wait(1)
    waiting = accepted(gateway, f"/async-function/occupied/note?file={tmp_path}/notes", ANN)
    assert seen(gateway, running, ANN) == (200, "running")
    assert seen(gateway, waiting, ANN) == (200, "queued")
    for call_id in (running, waiting):
        for stranger in ({}, BEN):
            assert seen(gateway, call_id, stranger) == (404, None)
            assert seen(gateway, call_id, stranger, "DELETE") == (404, None)
    assert seen(gateway, running, ANN) == (200, "running")
    assert seen(gateway, waiting, ANN) == (200, "queued")
    for call_id in (waiting, running):
        assert seen(gateway, call_id, ANN, "DELETE") == (202, None)
    cancelled = {(200, "cancelled")}
    wait_until(lambda: {seen(gateway, each, ANN) for each in (waiting, running)} == cancelled)
    assert not (tmp_path / "notes").exists()


def test_two_owners_may_use_one_call_id(gateway: Any, fn: str, hold: Any) -> None:
    name = {"X-Call-Id": "same-id"}
    accepted(gateway, fn, {**ANN, **name})
    wait_until(lambda: seen(gateway, "same-id", ANN) == (200, "succeeded"))
    accepted(gateway, f"/async-function/owned{hold.path}", {**BEN, **name})
    hold.wait(1)
    assert seen(gateway, "same-id", BEN) == (200, "running")
    assert seen(gateway, "same-id", ANN) == (200, "succeeded")
    hold.let_go()
    wait_until(lambda: seen(gateway, "same-id", BEN) == (200, "succeeded"))
    bodies = [
        json.loads(gateway.call("GET", "/async-function/same-id", None, asker)[2])["body"]
        for asker in (ANN, BEN)
    ]
    assert bodies[0] == "as asked"
    assert bodies[1].isdecimal()  # what a call of `/hold` answers


def on_disk(folder: Path, word: str) -> bool:
    return any(word.encode() in content for content in contents_of(folder))


def test_no_credential_lies_on_the_queue_s_disk(
    own_broker: Any, own_gateway: Any, tmp_path: Path
) -> None:
    gateway = own_gateway
    gateway.signal(signal.SIGTERM)
    gateway.nats_port = own_broker.port
    gateway.start()
    given = {
        "Authorization": "Bearer hidden-bearer",
        "X-Api-Key": "hidden-key",
        "Cookie": "session=hidden-cookie",
        "X-Plain": "plainly-there",
    }
    folder = str(gateway.write_function("later", code=CODE))
    gateway.deploy("later", image=folder, annotations={**QUICK, "com.openfaas.retry.attempts": "2"})
    file = tmp_path / "calls"
    accepted(gateway, f"/async-function/later/?file={file}", given)
    wait_until(lambda: '"later"' in given_up(gateway))  # a dead letter, kept for good
    store = tmp_path / "nats"
    assert on_disk(store, "plainly-there")
    for word in ("hidden-bearer", "hidden-key", "hidden-cookie"):
        assert not on_disk(store, word), word
    got = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(got) == 2
    for fields in got:
        assert {name: fields[name] for name in given} == given


def given_up(gateway: Any) -> str:
    lines = gateway.log().splitlines()
    return "\n".join(line for line in lines if "queued call given up" in line)


def test_the_key_survives_a_kill_and_only_its_owner_can_read_it(
    own_gateway: Any, tmp_path: Path
) -> None:
    gateway = own_gateway
    folder = str(gateway.write_function("survivor", code=CODE))
    gateway.deploy("survivor", image=folder, annotations=QUICK)
    file = tmp_path / "calls"
    call_id = accepted(gateway, f"/async-function/survivor/?file={file}", ANN)
    wait_until(file.exists)
    gateway.end()
    gateway.start()
    (tmp_path / "calls.go").touch()
    wait_until(lambda: seen(gateway, call_id, ANN) == (200, "succeeded"))
    assert json.loads(file.read_text().splitlines()[-1])["Authorization"] == "Bearer ann-key"
    key = gateway.data / "queue-key"
    assert (key.stat().st_mode & 0o777, key.stat().st_uid) == (0o600, os.getuid())


def test_what_another_key_sealed_fails_and_says_so(own_gateway: Any, tmp_path: Path) -> None:
    gateway = own_gateway
    folder = str(gateway.write_function("resealed", code=CODE))
    slow = {"com.openfaas.retry.min_wait": "3s", "com.openfaas.retry.max_wait": "3s"}
    gateway.deploy("resealed", image=folder, annotations=slow)
    file = tmp_path / "calls"
    call_id = accepted(gateway, f"/async-function/resealed/?file={file}", ANN)
    wait_until(file.exists)
    gateway.end()
    (gateway.data / "queue-key").write_bytes(os.urandom(32))
    gateway.start()
    token = {"Authorization": gateway.token()}
    wait_until(lambda: seen(gateway, call_id, token) == (200, "failed"))
    error = gateway.ask("GET", f"/async-function/{call_id}")[1]["error"]
    assert "sealed with another key" in error
    assert '"resealed"' in given_up(gateway)  # a dead letter
    assert len(file.read_text().splitlines()) == 1
