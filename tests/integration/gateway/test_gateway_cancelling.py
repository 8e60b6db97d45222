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
