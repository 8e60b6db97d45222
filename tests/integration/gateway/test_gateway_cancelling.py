"""A queued call is cancelled with its outcome, or not at all."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import nats

from tests.integration.gateway.conftest import Broker, Hold
from tests.integration.gateway.test_gateway_outcomes import begin, found, join
from tests.support.processes import wait_until

OUTCOMES = "mayfly-async-outcomes"


async def without_outcomes(port: int, work: Any) -> None:
    """Do `work` while the queue's server has no place for outcomes, but for calls."""
    client = await nats.connect(f"nats://127.0.0.1:{port}")
    try:
        stream = client.jetstream()
        config = (await stream.stream_info(OUTCOMES)).config
        await stream.delete_stream(OUTCOMES)
        try:
            await asyncio.to_thread(work)
        finally:
            await stream.add_stream(config)
    finally:
        with contextlib.suppress(nats.errors.Error):
            await client.close()


def test_a_call_whose_cancelling_cannot_be_recorded_stays(
    own_broker: Broker, own_gateway: Any, hold: Hold, tmp_path: Path
) -> None:
    join(own_gateway, own_broker)
    scale = {"autoscaling.knative.dev/max-scale": "1"}
    own_gateway.deploy("busy", containerConcurrency=1, annotations=scale)
    running = begin(own_gateway, hold, "busy")
    path = f"/async-function/busy/note?file={tmp_path}/notes"
    status, headers, _ = own_gateway.call("POST", path, "x")
    assert status == 202
    waiting = headers["x-call-id"]

    def refused() -> None:
        assert own_gateway.ask("DELETE", f"/async-function/{waiting}")[0] == 503
        assert found(own_gateway, waiting)["state"] == "queued"

    asyncio.run(without_outcomes(own_broker.port, refused))
    assert own_gateway.ask("DELETE", f"/async-function/{waiting}")[0] == 202
    assert found(own_gateway, waiting)["state"] == "cancelled"
    hold.let_go()
    wait_until(lambda: found(own_gateway, running)["state"] == "succeeded")
    assert not (tmp_path / "notes").exists()


def calling_back(gateway: Any, hold: Hold, call_id: str) -> None:
    """Make a call with an outcome and a callback that is under way when this returns."""
    headers = {
        "X-Call-Id": call_id,
        "X-Callback-Url": f"http://127.0.0.1:{gateway.port}/function/taking{hold.path}",
    }
    assert gateway.call("POST", "/async-function/making/x", "x", headers)[0] == 202
    hold.wait(1)


def test_a_call_that_waits_for_its_callback_has_ended(gateway: Any, hold: Hold) -> None:
    for name in ("making", "taking"):
        gateway.deploy_ready(name)
    calling_back(gateway, hold, "told")
    outcome = found(gateway, "told")
    assert (outcome["state"], outcome["status"]) == ("succeeded", 200)
    refused = gateway.ask("DELETE", "/async-function/told")
    assert (refused[0], refused[1]["detail"]) == (409, "the call 'told' has ended")
    assert found(gateway, "told") == outcome
    hold.let_go()
    assert gateway.ask("DELETE", "/async-function/told")[0] == 409
    assert found(gateway, "told") == outcome
    assert gateway.call("DELETE", "/async-function/told")[0] == 404


def test_a_namesake_of_a_call_that_has_ended_can_be_cancelled(
    gateway: Any, hold: Hold, tmp_path: Path
) -> None:
    scale = {"autoscaling.knative.dev/max-scale": "1"}
    for name in ("making", "taking"):
        gateway.deploy_ready(name)
    gateway.deploy_ready("full", containerConcurrency=1, annotations=scale)
    calling_back(gateway, hold, "twice")
    other = Hold(tmp_path / "other")
    running = begin(gateway, other, "full")
    path = f"/async-function/full/note?file={tmp_path}/notes"
    assert gateway.call("POST", path, "x", {"X-Call-Id": "twice"})[0] == 202
    assert found(gateway, "twice")["state"] == "queued"
    assert gateway.ask("DELETE", "/async-function/twice")[0] == 202
    hold.let_go()
    wait_until(lambda: found(gateway, "twice")["state"] == "cancelled")
    other.let_go()
    wait_until(lambda: found(gateway, running)["state"] == "succeeded")
    assert not (tmp_path / "notes").exists()
