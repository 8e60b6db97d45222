"""What came of an accepted call is told, also when the queue's server fails in that moment."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gateway.conftest import Broker, Hold
from tests.support.processes import wait_until

ONCE = {"com.openfaas.retry.attempts": "1"}


@pytest.fixture
def parts(own_broker: Broker, own_gateway: Any) -> tuple[Any, Broker]:
    """A gateway and its broker, and a function; a call is delivered again after 2 s."""
    join(own_gateway, own_broker)
    return own_gateway, own_broker


def join(gateway: Any, broker: Broker) -> None:
    gateway.signal(signal.SIGTERM)
    gateway.nats_port = broker.port
    gateway.start()
    gateway.deploy_ready("kept", annotations=ONCE)


def begin(gateway: Any, hold: Hold, name: str = "kept") -> str:
    """Makes a call that is being carried out when this returns."""
    status, headers, _ = gateway.call("POST", f"/async-function/{name}{hold.path}", "x")
    assert status == 202
    hold.wait(1)
    return str(headers["x-call-id"])


def found(gateway: Any, call_id: str) -> Any:
    status, answer = gateway.ask("GET", f"/async-function/{call_id}")
    return answer if status == 200 else {"state": status}


def ended(gateway: Any, call_id: str) -> bool:
    return found(gateway, call_id)["state"] == "succeeded"


def troubled(gateway: Any) -> None:
    wait_until(lambda: "outcome not kept yet" in gateway.log(), 15, gateway.log())


def begun(hold: Hold) -> int:
    return Path(hold.file + ".begun").stat().st_size


def test_an_outcome_waits_for_a_server_that_hangs(parts: tuple[Any, Broker], hold: Hold) -> None:
    gateway, broker = parts
    call_id = begin(gateway, hold)
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        hold.let_go()
        troubled(gateway)
    finally:
        os.kill(broker.pid, signal.SIGCONT)
    wait_until(lambda: ended(gateway, call_id))
    assert begun(hold) == 1  # though it was delivered again meanwhile


def test_an_outcome_waits_for_a_server_that_was_killed(
    parts: tuple[Any, Broker], hold: Hold
) -> None:
    gateway, broker = parts
    call_id = begin(gateway, hold)
    broker.kill()
    hold.let_go()
    troubled(gateway)
    broker.start()
    wait_until(lambda: ended(gateway, call_id))
    assert begun(hold) == 1


def test_a_gateway_that_cannot_keep_an_outcome_ends_and_the_call_comes_again(
    parts: tuple[Any, Broker], hold: Hold
) -> None:
    gateway, broker = parts
    call_id = begin(gateway, hold)
    broker.kill()
    hold.let_go()
    troubled(gateway)
    assert gateway.signal(signal.SIGTERM) == 0, gateway.log()
    broker.start()
    gateway.start()
    wait_until(lambda: ended(gateway, call_id))
    assert begun(hold) == 2


def test_a_dead_letter_waits_for_the_server_as_well(parts: tuple[Any, Broker], hold: Hold) -> None:
    gateway, broker = parts
    gateway.deploy_ready("fails-late", image=str(_failing(gateway)), annotations=ONCE)
    call_id = begin(gateway, hold, "fails-late")
    broker.kill()
    hold.let_go()
    troubled(gateway)
    broker.start()
    wait_until(lambda: found(gateway, call_id)["state"] == "failed")
    assert begun(hold) == 1


def _failing(gateway: Any) -> Path:
    """A function whose `/hold` fails in the end."""
    code = """
import os, time

def handle(request):
    with open(request.args["file"] + ".begun", "a") as file:
        file.write("x")
    while not os.path.exists(request.args["file"]):
        time.sleep(0.01)
    return "sorry", 503
"""
    return Path(gateway.write_function("fails-late", code=code))
