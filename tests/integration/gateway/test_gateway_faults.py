"""Load and faults, each with its figure: kills, rolls under load, thousands that wait."""

import contextlib
import os
import resource
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gateway.conftest import SERVICES
from tests.support.processes import wait_until
from tests.support.tools import lacking

CALLS = 1000
AT_ONCE = 64  # calls of one function without a limit that are carried out at the same time
BEFORE = 300  # calls that are carried out before the kill comes
SENDERS = 4
RATE, SECONDS, CLIENTS = 200, 30, 8
WAITING = 10_000
MOST_MEMORY = 300 << 20
GATED = """
import os, time

def handle(request):
    number = int(request.get_data())
    with open(request.args["file"], "a") as file:
        file.write(f"{request.headers['X-Call-Id']} {number}\\n")
    while number >= int(request.args["before"]) and not os.path.exists(request.args["gate"]):
        time.sleep(0.01)
    return "noted"
"""
NEVER = "import time\n\ntime.sleep(3600)\n"


class Notes:
    """What was carried out: call ids, each as often as it was."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Counter[str]:
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        return Counter(line.split()[0] for line in lines)


def send(gateway: Any, target: str, numbers: range, accepted: list[str]) -> None:
    """Sends numbered calls over one connection; each must be accepted."""
    with contextlib.closing(gateway.connection()) as connection:
        for number in numbers:
            connection.request("POST", target, str(number))
            answer = connection.getresponse()
            assert answer.status == 202, answer.read()
            assert answer.read() == b""
            accepted.append(str(answer.getheader("X-Call-Id")))


@pytest.mark.parametrize("victims", [("gateway",), ("nats",), ("gateway", "nats")], ids="+".join)
def test_no_accepted_call_is_lost(
    own_gateway: Any,
    own_broker: Any,
    tmp_path: Path,
    victims: tuple[str, ...],
    figure: Callable[[str], None],
) -> None:
    own_gateway.signal(signal.SIGTERM)
    own_gateway.nats_port = own_broker.port
    own_gateway.start()
    own_gateway.deploy("gated", image=str(own_gateway.write_function("gated", code=GATED)))
    notes, gate = Notes(tmp_path / "notes"), tmp_path / "gate"
    target = f"/async-function/gated/?file={tmp_path / 'notes'}&gate={gate}&before={BEFORE}"
    accepted: list[str] = []
    send(own_gateway, target, range(BEFORE), accepted)
    parts = [range(start, CALLS, SENDERS) for start in range(BEFORE, BEFORE + SENDERS)]
    threads = [
        threading.Thread(target=send, args=(own_gateway, target, part, accepted)) for part in parts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(accepted)) == CALLS
    wait_until(lambda: len(notes.read()) > BEFORE, 30, "some are done, and some begun")

    if "gateway" in victims:
        own_gateway.signal(signal.SIGKILL)
    if "nats" in victims:
        own_broker.kill()
    before = len(notes.read())
    gate.touch()
    if "nats" in victims:
        own_broker.start()
    if "gateway" in victims:
        own_gateway.start()
    began = time.monotonic()
    wait_until(lambda: len(notes.read()) == CALLS, 60, "every call")

    seen = notes.read()
    again = seen.total() - len(seen)
    figure(
        f"kill -9 of {' and '.join(victims)} with {before} of {CALLS} calls begun: "
        f"{len(set(accepted) - set(seen))} lost, {again} carried out again, all done "
        f"{time.monotonic() - began:.1f} s after the restart"
    )
    assert set(seen) == set(accepted)
    assert again <= AT_ONCE


def test_scaling_and_rolling_under_load_costs_no_answer(
    own_gateway: Any, figure: Callable[[str], None]
) -> None:
    one, two = (str(own_gateway.write_function(f"busy-{v}", v)) for v in "12")
    put(own_gateway, one, "one")
    assert own_gateway.call("GET", "/function/busy/")[0] == 200
    begin, statuses = time.monotonic(), Counter[Any]()
    threads = [
        threading.Thread(target=load, args=(own_gateway, begin + n / RATE, statuses))
        for n in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    steps: list[Callable[[], Any]] = [
        *(lambda n=n: own_gateway.scale("busy", n) for n in (3, 1, 4)),
        lambda: put(own_gateway, two, "two"),
        lambda: put(own_gateway, two, "two", traffic="one"),
        lambda: put(own_gateway, two, "two"),
    ]
    for number, step in enumerate(steps, start=1):
        pause(begin + number * SECONDS / (len(steps) + 1))
        step()
    for thread in threads:
        thread.join()
    took = time.monotonic() - begin
    assert own_gateway.call("GET", "/function/busy/")[2] == b"version 2 /"
    figure(
        f"{statuses.total() / took:.0f} requests/s for {took:.0f} s, scaled 3, 1, 4, rolled and "
        f"back: {dict(statuses)}"
    )
    assert set(statuses) == {200}


def put(gateway: Any, folder: str, revision: str, traffic: str = "") -> None:
    """Deploys a folder as a revision of its own name; ``traffic`` pins another."""
    template = {
        "metadata": {"name": f"busy-{revision}"},
        "spec": {"containers": [{"image": folder}]},
    }
    spec: dict[str, Any] = {"template": template}
    if traffic:
        spec["traffic"] = [{"revisionName": f"busy-{traffic}", "percent": 100}]
    service = {"metadata": {"name": "busy"}, "spec": spec}
    assert gateway.apply(SERVICES, service)[0] in (200, 201)


def pause(until: float) -> None:
    time.sleep(max(0.0, until - time.monotonic()))


def load(gateway: Any, begin: float, statuses: Counter[Any]) -> None:
    """One client's share of the rate, on one connection; a late one does not wait."""
    with contextlib.closing(gateway.connection()) as connection:
        for number in range(RATE * SECONDS // CLIENTS):
            pause(begin + number * CLIENTS / RATE)
            try:
                connection.request("GET", "/function/busy/")
                answer = connection.getresponse()
                answer.read()
                statuses[answer.status] += 1
            except OSError as error:
                statuses[repr(error)] += 1


def test_ten_thousand_may_wait_and_the_next_is_refused(
    own_gateway: Any, figure: Callable[[str], None]
) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < WAITING + 1000:
        lacking(f"{WAITING} connections need as many open files; the limit is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    own_gateway.signal(signal.SIGTERM)
    own_gateway.env["GATEWAY_START_LIMIT"] = "300"
    own_gateway.start()
    own_gateway.deploy("never", image=str(own_gateway.write_function("never", code=NEVER)))
    before = resident(own_gateway)
    with contextlib.ExitStack() as stack:
        for _ in range(WAITING):
            raw = stack.enter_context(socket.create_connection(("127.0.0.1", own_gateway.port)))
            raw.sendall(b"GET /function/never/ HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: waiting(own_gateway) == WAITING, 60, f"{WAITING} requests wait")
        memory = resident(own_gateway)
        began = time.monotonic()
        status, _, body = own_gateway.call("GET", "/function/never/")
        took = time.monotonic() - began
    figure(
        f"{WAITING} requests wait in {memory >> 20} MB ({before >> 20} MB before); the next "
        f"gets {status} after {took * 1000:.0f} ms"
    )
    assert memory < MOST_MEMORY
    assert (status, b"activator" in body) == (503, True)


def resident(gateway: Any) -> int:
    pages = Path(f"/proc/{gateway.process.pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def waiting(gateway: Any) -> int:
    lines = gateway.metrics().splitlines()
    found = [line for line in lines if line.startswith("gateway_revision_waiting{")]
    return sum(int(float(line.split()[-1])) for line in found)
