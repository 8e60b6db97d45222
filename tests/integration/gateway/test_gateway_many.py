"""More calls at one moment than a replica's server takes connections: each is answered."""

import asyncio
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.support.tools import lacking

CALLS = 5000
ALL_WITHIN = 60.0
ONE = {"autoscaling.knative.dev/max-scale": "1"}
FUNCTION = "def handle(request):\n    return request.path[1:]\n"
# Takes what comes, on a thread each; its backlog is 5.
THREADED = """
import http.server, os

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.path[1:].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
SINGLE = THREADED.replace("Threading", "")  # and this one takes one connection at a time
ASGI = """
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"][1:].encode()})
"""


@pytest.fixture(autouse=True)
def _files() -> Iterator[None]:
    """One open file for each call."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2 * CALLS:
        lacking(f"{CALLS} calls at once need as many open files; the limit is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * CALLS), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Caller(asyncio.Protocol):
    """One call on a connection of its own."""

    def __init__(self, name: str, number: int) -> None:
        head = f"GET /function/{name}/{number} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        self._request = head.encode()
        self._right = b"%d" % number
        self._answer = b""
        self._transport: Any = None
        self.outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def ask(self) -> None:
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._answer += data

    def connection_lost(self, exc: Exception | None) -> None:
        head, _, body = self._answer.partition(b"\r\n\r\n")
        if b"chunked" in head:
            body = body.partition(b"\r\n")[2].partition(b"\r\n")[0]
        line = head.partition(b"\r\n")[0].decode()
        self.outcome.set_result("right" if body == self._right else line or repr(exc))

    def give_up(self) -> None:
        self._transport.abort()


async def all_at_once(port: int, name: str, calls: int) -> Counter[str]:
    """Opens all connections, then asks on all."""
    loop, callers = asyncio.get_running_loop(), []
    for number in range(calls):
        _, caller = await loop.create_connection(partial(Caller, name, number), "127.0.0.1", port)
        callers.append(caller)
    for caller in callers:
        caller.ask()
    outcomes = [caller.outcome for caller in callers]
    _, late = await asyncio.wait(outcomes, timeout=ALL_WITHIN)
    for caller in callers:
        caller.give_up()
    await asyncio.wait(outcomes)
    return Counter(["late" if one in late else one.result() for one in outcomes])


def check(gateway: Any, name: str, calls: int, figure: Callable[[str], None]) -> None:
    assert gateway.call("GET", f"/function/{name}/warm")[2] == b"warm"
    began = time.monotonic()
    seen = asyncio.run(all_at_once(gateway.port, name, calls))
    figure(
        f"{calls} calls at once of one replica ({name}): all in {time.monotonic() - began:.1f} s"
    )
    assert seen == {"right": calls}


def test_a_function_answers_all(gateway: Any, figure: Callable[[str], None]) -> None:
    folder = gateway.write_function("many", code=FUNCTION)
    gateway.deploy_ready("many", image=str(folder), annotations=ONE)
    check(gateway, "many", CALLS, figure)


@pytest.mark.parametrize(
    ("name", "code", "command", "calls"),
    [
        ("many-asgi", ASGI, "uvicorn server:app --log-level warning --port $(PORT)", CALLS),
        ("many-threads", THREADED, "python server.py", CALLS),
        ("many-single", SINGLE, "python server.py", 200),
    ],
)
def test_a_program_answers_all(
    gateway: Any, name: str, code: str, command: str, calls: int, figure: Callable[[str], None]
) -> None:
    folder = gateway.folder / name
    folder.mkdir()
    (folder / "server.py").write_text(code)
    gateway.deploy_ready(
        name, image=str(folder), container={"command": command.split()}, annotations=ONE
    )
    check(gateway, name, calls, figure)
