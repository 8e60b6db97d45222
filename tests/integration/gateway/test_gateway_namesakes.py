"""Calls of one id, however many, are told apart; what an earlier version queued is carried out."""

import asyncio
import json
import signal
import time
from pathlib import Path
from typing import Any

import nats
from nats.js.api import AckPolicy, ConsumerConfig

from emulators.gateway.model.queued_call import QueuedRequest, encode
from tests.support.processes import wait_until

NAMESAKES = 120
CODE = """
import flask

def handle(request):
    with open(request.args["file"], "a") as file:
        file.write(request.headers["X-Call-Id"] + "\\n")
    return flask.Response("so", int(request.args["code"]))
"""
WAITING = {
    "com.openfaas.retry.attempts": "9",
    "com.openfaas.retry.min_wait": "60s",
    "com.openfaas.retry.max_wait": "60s",
}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def state(gateway: Any, call_id: str, key: str) -> str | None:
    status, _, body = gateway.call("GET", f"/async-function/{call_id}", None, bearer(key))
    return json.loads(body)["state"] if status == 200 else None


def lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def test_any_number_of_namesakes_hides_no_call(gateway: Any, tmp_path: Path) -> None:
    folder = str(gateway.write_function("namesakes", code=CODE))
    gateway.deploy("namesakes", image=folder, annotations=WAITING)
    file = tmp_path / "tries"
    path = f"/async-function/namesakes/?file={file}&code=500"
    for key in ("ben", *["foreign"] * NAMESAKES, "ann"):
        headers = {**bearer(key), "X-Call-Id": "one-for-all"}
        assert gateway.call("POST", path, "x", headers)[0] == 202
    wait_until(lambda: len(lines(file)) == NAMESAKES + 2, what="the first try of each")
    wait_until(lambda: state(gateway, "one-for-all", "ann") == "queued", what="ann's call")

    status, _, _ = gateway.call("DELETE", "/async-function/one-for-all", None, bearer("ann"))

    assert status == 202
    assert state(gateway, "one-for-all", "ann") == "cancelled"
    assert state(gateway, "one-for-all", "ben") == "queued"
    assert state(gateway, "one-for-all", "foreign") == "queued"
    assert state(gateway, "one-for-all", "nobody") is None


def test_what_an_earlier_version_queued_is_carried_out(
    own_broker: Any, own_gateway: Any, tmp_path: Path
) -> None:
    gateway = own_gateway
    gateway.signal(signal.SIGTERM)
    gateway.nats_port = own_broker.port
    gateway.start()
    gateway.deploy("older", image=str(gateway.write_function("older", code=CODE)))
    gateway.signal(signal.SIGTERM)
    file = tmp_path / "tries"
    path = f"/?file={file}&code=200"
    asyncio.run(as_it_was(own_broker.port, path))

    gateway.start()
    headers = {**bearer("ann"), "X-Call-Id": "after"}
    assert gateway.call("POST", f"/async-function/older{path}", "x", headers)[0] == 202

    wait_until(lambda: sorted(lines(file)) == ["after", "before"], what="both calls")
    wait_until(lambda: state(gateway, "after", "ann") == "succeeded")


async def as_it_was(port: int, path: str) -> None:
    """Subscribe and queue as versions did whose subjects named no owner."""
    request = QueuedRequest(
        "before",
        "older",
        "openfaas-fn",
        "POST",
        path.encode(),
        ((b"host", b"older"),),
        b"x",
        time.time_ns(),
    )
    client = await nats.connect(f"nats://127.0.0.1:{port}")
    try:
        stream, prefix = client.jetstream(), "mayfly.async.call.openfaas-fn.older"
        consumer = ConsumerConfig(
            durable_name="openfaas-fn_older_calls",
            filter_subject=f"{prefix}.*",
            ack_policy=AckPolicy.EXPLICIT,
        )
        await stream.add_consumer("mayfly-async", consumer)
        await stream.publish(f"{prefix}.before", encode(request))
    finally:
        await client.close()
