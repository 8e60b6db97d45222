"""Callbacks: to public addresses, to what is allowed, and to the gateway's own functions."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import nats
import pytest

from emulators.gateway.model.queued_call import QueuedRequest, encode
from tests.support.outward import serving
from tests.support.processes import wait_until

CODE = """
import flask, json, os

def handle(request):
    if request.path == "/told":
        seen = {k.lower(): v for k, v in request.headers.items()}
        seen |= {"method": request.method, "body": request.get_data(as_text=True)}
        with open(request.args["file"] + "~", "w") as file:
            json.dump(seen, file)
        os.rename(request.args["file"] + "~", request.args["file"])
        return "told"
    fields = {"X-Mine": "yes", "Authorization": "Bearer forged", "X-Api-Key": "forged",
              "Set-Cookie": "a=forged", "Cookie": "a=forged", "Host": "forged",
              "X-Forwarded-For": "6.6.6.6"}
    return flask.Response("made", 201, headers=fields)
"""
KEY = {"Authorization": "Bearer caller-key", "Cookie": "session=caller", "X-Api-Key": "caller-x"}


@pytest.fixture(scope="module")
def fn(gateway: Any) -> str:
    for name in ("maker", "taker"):
        folder = str(gateway.write_function(name, code=CODE))
        gateway.deploy_ready(name, image=folder)
    return "/async-function/maker/make"


def failures(gateway: Any, name: str) -> float:
    head = f'gateway_async_callbacks_failed{{function_name="{name}"}} '
    found = [line for line in gateway.metrics().splitlines() if line.startswith(head)]
    return float(found[0].removeprefix(head)) if found else 0


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.2:9/", "http://[::1]:9/", "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/", "http://[::ffff:10.0.0.1]/", "http://0.0.0.0:9/", "http://2130706433/",
        "http://0x7f.1/", "http://user@127.0.0.1:9/", "file:///etc/passwd",
        "http://127.0.0.1:PORT/system/functions", "http://localhost:PORT/apis/apps/v1",
        "http://127.0.0.1:PORT/async-function/maker", "http://gateway.openfaas:8080/system/info",
        "http://127.0.0.1:METRICS/metrics", "http://127.0.0.1:NATS/", "http://127.0.0.1:8200/shutdown",
    ],
)  # fmt: skip
def test_private_addresses_and_the_parts_are_refused_at_once(
    gateway: Any, fn: str, url: str
) -> None:
    url = url.replace("PORT", str(gateway.port)).replace("METRICS", str(gateway.metrics_port))
    given = {"X-Callback-Url": url.replace("NATS", str(gateway.nats_port)), "X-Call-Id": "inward"}
    status, headers, body = gateway.call("POST", fn, "x", given)
    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert json.loads(body)["detail"].startswith("X-Callback-Url: ")
    assert gateway.ask("GET", "/async-function/inward")[0] == 404


def test_what_an_earlier_gateway_took_is_checked_when_it_is_called(gateway: Any, fn: str) -> None:
    before = failures(gateway, "maker")
    assert gateway.call("POST", fn, "x")[0] == 202  # somebody works on its queue from now on
    with serving("127.0.0.2") as server, serving("127.0.0.1") as allowed:
        for host, port in (("127.0.0.2", server.port), ("127.0.0.1", allowed.port)):
            asyncio.run(queue(gateway, f"http://{host}:{port}/done"))
        wait_until(lambda: len(allowed.received) == 1 and failures(gateway, "maker") == before + 1)
        assert server.received == []


async def queue(gateway: Any, callback: str) -> None:
    """Puts a call on the queue past the gateway's door."""
    request = QueuedRequest(
        f"by-hand-{callback}",
        "maker",
        "openfaas-fn",
        "POST",
        b"/make",
        ((b"host", b"maker"),),
        b"x",
        time.time_ns(),
        callback,
    )
    client = await nats.connect(f"nats://127.0.0.1:{gateway.nats_port}")
    try:
        subject = "mayfly.async.call.openfaas-fn.maker.by-hand"
        await client.jetstream().publish(subject, encode(request))
    finally:
        await client.close()


def told(gateway: Any, tmp_path: Path, headers: dict[str, str]) -> Any:
    """What a function is told when it is the callback of a call with these headers."""
    file = tmp_path / "told"
    url = f"http://127.0.0.1:{gateway.port}/function/taker/told?file={file}"
    status = gateway.call(
        "POST", "/async-function/maker/make", "x", {**headers, "X-Callback-Url": url}
    )[0]
    assert status == 202
    wait_until(file.exists)
    return json.loads(file.read_text())


def test_a_function_of_the_gateway_is_called_back_with_the_caller_s_rights(
    gateway: Any, fn: str, tmp_path: Path
) -> None:
    seen = told(gateway, tmp_path, {**KEY, "X-Call-Id": "chained"})
    assert (seen["method"], seen["body"], seen["x-mine"]) == ("POST", "made", "yes")
    assert (seen["authorization"], seen["cookie"]) == ("Bearer caller-key", "session=caller")
    assert seen["x-api-key"] == "caller-x"
    assert (seen["x-function-name"], seen["x-function-status"]) == ("maker", "201")
    assert (seen["x-call-id"], seen["x-forwarded-for"]) == ("chained", "127.0.0.1")
    assert seen["host"] == f"127.0.0.1:{gateway.port}"


def test_what_the_caller_said_goes_along_and_the_answer_does_not_say_it(
    gateway: Any, fn: str, tmp_path: Path
) -> None:
    said = {"X-Place": "there", "X-Mine": "callers", "X-Function-Status": "999"}
    seen = told(gateway, tmp_path, {**KEY, **said})
    assert (seen["x-place"], seen["x-mine"]) == ("there", "callers")
    assert seen["x-function-status"] == "201"


def test_a_caller_without_rights_gains_none(gateway: Any, fn: str, tmp_path: Path) -> None:
    seen = told(gateway, tmp_path, {})
    assert not {"authorization", "cookie", "x-api-key", "set-cookie"} & set(seen)
    assert seen["body"] == "made"


def test_credentials_never_go_to_an_address_outside(gateway: Any, fn: str) -> None:
    with serving() as server:
        given = {**KEY, "X-Callback-Url": f"http://127.0.0.1:{server.port}/done"}
        assert gateway.call("POST", fn, "x", given)[0] == 202
        wait_until(lambda: bool(server.received))
    [(_, fields, body)] = server.received
    assert body == b"made"
    assert not {"authorization", "cookie", "x-api-key", "set-cookie"} & set(fields)
    assert (fields["x-mine"], fields["host"]) == ("yes", f"127.0.0.1:{server.port}")


def test_a_redirect_is_not_followed_and_counts_as_a_failure(gateway: Any, fn: str) -> None:
    before = failures(gateway, "maker")
    with serving() as inner, serving() as outer:
        to = f"http://127.0.0.1:{inner.port}/inner"
        given = {"X-Callback-Url": f"http://127.0.0.1:{outer.port}/moved?to={to}"}
        assert gateway.call("POST", fn, "x", given)[0] == 202
        wait_until(lambda: failures(gateway, "maker") == before + 1)
        assert (len(outer.received), inner.received) == (1, [])


def test_a_callback_that_changes_the_protocol_is_told_once(gateway: Any, fn: str) -> None:
    before = failures(gateway, "maker")
    with serving() as server:
        given = {"X-Callback-Url": f"http://127.0.0.1:{server.port}/switch", **KEY}
        assert gateway.call("POST", fn, "x", given | {"X-Call-Id": "switched"})[0] == 202
        wait_until(lambda: failures(gateway, "maker") == before + 1)
        depth = 'gateway_async_queue_depth{function_name="maker'  # the call is done with
        wait_until(lambda: depth not in gateway.metrics())
        assert len(server.received) == 1


def test_a_callback_to_a_function_that_is_not_there_is_counted(gateway: Any, fn: str) -> None:
    before = failures(gateway, "maker")
    given = {"X-Callback-Url": f"http://127.0.0.1:{gateway.port}/function/../system/functions"}
    assert gateway.call("POST", fn, "x", given)[0] == 202
    wait_until(lambda: failures(gateway, "maker") == before + 1)


def test_without_a_setting_loopback_is_closed(own_gateway: Any) -> None:
    gateway = own_gateway
    gateway.end()
    gateway.env["MAYFLY_ALLOWED_ADDRESSES"] = ""
    gateway.start()
    gateway.deploy("closed")
    given = {"X-Callback-Url": "http://localhost:9999/"}
    status, _, body = gateway.call("POST", "/async-function/closed/x", "x", given)
    assert status == 400
    assert "MAYFLY_ALLOWED_ADDRESSES" in json.loads(body)["detail"]
