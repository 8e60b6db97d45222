"""Nobody gets another's answer, whatever comes from other clients or from the replica itself."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.integration.gateway.mixed import (
    EVIL,
    Target,
    answers,
    beside,
    bodies,
    both_ways,
    upgrades,
)

SHORT, LONG = 1500, 20_000
NUMBERS = [SHORT, pytest.param(LONG, marks=pytest.mark.slow)]
FUNCTION = f"""
import flask

EVIL = {EVIL!r}

def failing():
    yield b"a part"
    raise ValueError("the source failed")

def handle(request):
    path = request.path
    if path.startswith("/echo/"):
        return path[6:]
    if path == "/refuse":
        return flask.Response("no", 422)
    if path == "/longer":
        return flask.Response([EVIL], headers={{"Content-Length": "3"}})
    if path == "/longer-stream":
        return flask.Response((EVIL for _ in range(3)), headers={{"Content-Length": "3"}})
    if path == "/shorter":
        return flask.Response(["x"], headers={{"Content-Length": "50"}})
    if path == "/empty":
        return flask.Response(EVIL, 204)
    if path == "/unchanged":
        return flask.Response(EVIL, 304)
    if path == "/fails":
        return flask.Response(failing())
    return flask.Response("other", 404)
"""
FUNCTION_ANSWERS = (
    "/longer", "/longer-stream", "/shorter", "/empty", "/unchanged", "/fails",
)  # fmt: skip
# A server that breaks every rule: it reads no bodies, and answers what it takes for a request.
PROGRAM = f"""
import os, socket, threading, time

EVIL = {EVIL!r}
OK = b"HTTP/1.1 200 OK\\r\\n"

def sized(body, head=OK):
    return head + b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body

def serve(raw):
    with raw:
        file = raw.makefile("rb")
        while line := file.readline():
            while file.readline() not in (b"\\r\\n", b""):
                pass
            if not answer(raw, line.split()):
                return

def answer(raw, line):
    if len(line) < 2:
        return False
    method, path = line[0], line[1].decode()
    if path.startswith("/echo/"):
        raw.sendall(sized(path[6:].encode()))
    elif path == "/excess":
        raw.sendall(sized(b"short") + EVIL)
    elif path == "/excess-head":
        raw.sendall(sized(b"short") + EVIL[:20])
    elif path == "/excess-late":
        raw.sendall(sized(b"short"))
        time.sleep(0.003)
        raw.sendall(EVIL)
    elif path == "/idle-bytes":
        raw.sendall(sized(b"short"))
        time.sleep(0.03)
        raw.sendall(EVIL)
    elif path == "/empty":
        raw.sendall(b"HTTP/1.1 204 No Content\\r\\n\\r\\n" + EVIL)
    elif path == "/unchanged":
        raw.sendall(b"HTTP/1.1 304 Not Modified\\r\\nContent-Length: 9\\r\\n\\r\\n")
        raw.sendall(EVIL)
    elif path == "/interim":
        raw.sendall(b"HTTP/1.1 103 Early Hints\\r\\nLink: x\\r\\n\\r\\n" + sized(b"short") + EVIL)
    elif path == "/switch":
        raw.sendall(b"HTTP/1.1 101 Switching\\r\\nConnection: upgrade\\r\\nUpgrade: x\\r\\n\\r\\n")
        raw.sendall(EVIL)
    elif path == "/switch-bare":
        raw.sendall(b"HTTP/1.1 101 Switching\\r\\n\\r\\n" + EVIL)
    elif path == "/two-lengths":
        raw.sendall(OK + b"Content-Length: 2\\r\\n" + sized(EVIL, b""))
    elif path == "/two-framings":
        raw.sendall(OK + b"Transfer-Encoding: chunked\\r\\n" + sized(b"0\\r\\n\\r\\n" + EVIL, b""))
    elif path == "/contradicts":
        raw.sendall(sized(b"short", OK + b"Connection: keep-alive, close\\r\\n"))
        raw.sendall(EVIL)
    elif path == "/closes":
        raw.sendall(sized(b"short", OK + b"Connection: keep-alive\\r\\n"))
        return False
    elif path == "/until-closed":
        raw.sendall(OK + b"\\r\\n" + EVIL)
        return False
    elif path == "/no-http":
        raw.sendall(b"what?\\r\\n\\r\\n" + EVIL)
    else:
        raw.sendall(sized(b"no", b"HTTP/1.1 422 No\\r\\n"))
    return True

listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=256)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""
PROGRAM_ANSWERS = (
    "/excess", "/excess-head", "/excess-late", "/idle-bytes", "/empty", "/unchanged", "/interim",
    "/switch", "/switch-bare", "/two-lengths", "/two-framings", "/contradicts", "/closes",
    "/until-closed", "/no-http", "/echo/x",
)  # fmt: skip


def deploy_program(gateway: Any, name: str) -> list[Target]:
    """A program of one replica."""
    folder = gateway.folder / name
    folder.mkdir(exist_ok=True)
    (folder / "server.py").write_text(PROGRAM)
    gateway.deploy_ready(
        name, image=str(folder), container={"command": ["python", "server.py"]},
        annotations={"autoscaling.knative.dev/max-scale": "1"},
    )  # fmt: skip
    return both_ways(gateway.port, name)


def deploy_function(gateway: Any, name: str) -> list[Target]:
    """A function of one replica: all calls share its connections."""
    gateway.deploy_ready(
        name, image=str(gateway.write_function(name, code=FUNCTION)),
        annotations={"autoscaling.knative.dev/max-scale": "1"},
    )  # fmt: skip
    return both_ways(gateway.port, name)


def attacks(targets: Sequence[Target], paths: Sequence[str]) -> list[tuple[int, bytes]]:
    kinds = (upgrades, bodies, lambda to: answers(to, paths))
    return [(to.port, payload) for to in targets for kind in kinds for payload in kind(to)]


@pytest.mark.parametrize("calls", NUMBERS)
def test_a_function_s_callers_get_their_own_answers(
    gateway: Any, calls: int, figure: Callable[[str], None]
) -> None:
    targets = deploy_function(gateway, "mixed-function")
    tally = asyncio.run(beside(targets, attacks(targets, FUNCTION_ANSWERS), calls))
    figure(f"function: {tally.right} right, {len(tally.wrong)} wrong beside {tally.attacks}")
    assert (tally.wrong, tally.others) == ([], {})
    assert tally.right == calls
    assert tally.attacks > len(FUNCTION_ANSWERS)


@pytest.mark.parametrize("calls", NUMBERS)
def test_a_program_s_callers_get_their_own_answers(
    gateway: Any, calls: int, figure: Callable[[str], None]
) -> None:
    targets = deploy_program(gateway, "mixed-program")
    tally = asyncio.run(beside(targets, attacks(targets, PROGRAM_ANSWERS), calls))
    figure(f"program: {tally.right} right, {len(tally.wrong)} wrong beside {tally.attacks}")
    assert (tally.wrong, tally.others) == ([], {})
    assert tally.right == calls
    assert tally.attacks > len(PROGRAM_ANSWERS)


@pytest.mark.parametrize("path", PROGRAM_ANSWERS)
def test_each_fault_of_a_program_alone_reaches_nobody_else(gateway: Any, path: str) -> None:
    targets = deploy_program(gateway, "mixed-one" + path.replace("/", "-"))
    faulty = [(to.port, raw) for to in targets for raw in answers(to, [path])]
    tally = asyncio.run(beside(targets, faulty, 300))
    assert (tally.wrong, tally.others) == ([], {})
