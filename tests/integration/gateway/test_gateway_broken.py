"""An answer that fails in the middle ends its connection with an error, not as if it were whole."""

import contextlib
import http.client
import os
import signal
import socket
import threading
from typing import Any

import pytest

from tests.support.processes import PATIENCE, received, received_until_closed, wait_until

FUNCTION = """
import os, time, flask

def wait_for(file):
    while not os.path.exists(file):
        time.sleep(0.01)

def failing():
    yield b"a part"
    raise ValueError("the source failed")

def handle(request):
    path, file = request.path, request.args.get("file")
    if path == "/raises":
        return flask.Response(failing())
    if path == "/raises-sized":
        return flask.Response(failing(), headers={"Content-Length": "1000000"})
    if path == "/raises-events":
        return flask.Response(failing(), mimetype="text/event-stream")
    if path == "/shorter":
        return flask.Response(["a part"], headers={"Content-Length": "50"})
    if path == "/stream":
        def pieces():
            yield str(os.getpid()).encode()
            wait_for(file)
            yield b" whole"
        return flask.Response(pieces())
    return str(os.getpid())
"""
PROGRAM = """
import os, signal, socket, struct, threading

OK = b"HTTP/1.1 200 OK\\r\\n"
HEADS = {
    "sized": OK + b"Content-Length: 100\\r\\n\\r\\na part",
    "chunked": OK + b"Transfer-Encoding: chunked\\r\\n\\r\\n6\\r\\na part\\r\\n",
    "unsized": OK + b"\\r\\na part",
    "old": b"HTTP/1.0 200 OK\\r\\n\\r\\na part",
}

def serve(raw):
    path = raw.recv(65536).split()[1].decode()
    _, head, _, end = path.split("-") if path.count("-") == 3 else ("", "", "", "")
    raw.sendall(HEADS.get(head, OK + b"Content-Length: 2\\r\\n\\r\\nok"))
    if not end:
        raw.close()
        return
    if end == "reset":
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if end == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    raw.close()

listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""


@pytest.fixture(scope="module")
def fn(gateway: Any) -> str:
    folder = gateway.write_function("breaks", code=FUNCTION)
    gateway.deploy_ready("breaks", image=str(folder))
    return "/function/breaks"


@pytest.fixture(scope="module")
def program(gateway: Any) -> str:
    folder = gateway.folder / "breaks-program"
    folder.mkdir()
    (folder / "server.py").write_text(PROGRAM)
    container = {"command": ["python", "server.py"]}
    gateway.deploy_ready("breaks-program", image=str(folder), container=container)
    return "/function/breaks-program"


def assert_broken(gateway: Any, path: str) -> None:
    """Neither an HTTP/1.1 nor an HTTP/1.0 client takes what it got for whole."""
    with contextlib.closing(gateway.connection()) as connection:
        connection.request("GET", path)
        with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
            connection.getresponse().read()
    with socket.create_connection(("127.0.0.1", gateway.port), PATIENCE) as raw:
        raw.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            received_until_closed(raw)


@pytest.mark.parametrize("path", ["/raises", "/raises-sized", "/raises-events"])
def test_a_function_whose_source_fails(gateway: Any, fn: str, path: str) -> None:
    assert_broken(gateway, fn + path)
    assert gateway.call("GET", fn)[0] == 200


def test_a_function_that_says_less_than_its_content_length(gateway: Any, fn: str) -> None:
    """Whether the head is out by then is granian's affair: it is an error either way."""
    with contextlib.suppress(http.client.IncompleteRead, ConnectionResetError):
        assert gateway.call("GET", fn + "/shorter")[0] == 502


def test_one_answer_breaks_and_no_other(gateway: Any, fn: str, hold: Any) -> None:
    """The replica finds the one connection among all that it serves."""
    answers: list[bytes] = []

    def stream() -> None:
        answers.append(gateway.call("GET", f"{fn}/stream?file={hold.file}")[2])

    threads = [threading.Thread(target=stream) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        assert_broken(gateway, fn + "/raises")
    hold.let_go()
    for thread in threads:
        thread.join()
    assert [answer.partition(b" ")[2] for answer in answers] == [b"whole"] * 8


def test_a_function_s_replica_that_is_killed(gateway: Any, fn: str, hold: Any) -> None:
    with contextlib.closing(gateway.connection()) as connection:
        connection.request("GET", f"{fn}/stream?file={hold.file}")
        answer = connection.getresponse()
        os.kill(int(answer.read1()), signal.SIGKILL)
        with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
            answer.read()


@pytest.mark.parametrize("end", ["closed", "reset"])
@pytest.mark.parametrize("head", ["sized", "chunked"])
def test_a_program_that_breaks_off(gateway: Any, program: str, head: str, end: str) -> None:
    assert_broken(gateway, f"{program}/x-{head}-is-{end}")


@pytest.mark.parametrize("head", ["sized", "chunked", "unsized", "old"])
def test_a_program_that_is_killed(gateway: Any, program: str, head: str) -> None:
    """Also where a close would be the end: the end of the process is not."""
    assert_broken(gateway, f"{program}/x-{head}-is-killed")


@pytest.mark.parametrize("head", ["unsized", "old"])
def test_an_answer_that_ends_with_its_connection_may_be_reset(
    gateway: Any, program: str, head: str
) -> None:
    assert_broken(gateway, f"{program}/x-{head}-is-reset")


@pytest.mark.parametrize("head", ["unsized", "old"])
def test_an_answer_that_ends_with_its_connection_is_whole(
    gateway: Any, program: str, head: str
) -> None:
    assert gateway.call("GET", f"{program}/x-{head}-is-closed")[2] == b"a part"
    with socket.create_connection(("127.0.0.1", gateway.port), PATIENCE) as raw:
        raw.sendall(f"GET {program}/x-{head}-is-closed HTTP/1.0\r\n\r\n".encode())
        assert received(raw, b"a part").endswith(b"a part")
        assert raw.recv(1) == b""


def test_a_queued_call_whose_answer_breaks_has_failed(gateway: Any, fn: str) -> None:
    annotations = {"com.openfaas.retry.attempts": "1"}
    gateway.deploy_ready(
        "breaks-queued", image=str(gateway.folder / "breaks"), annotations=annotations
    )
    call_id = gateway.call("POST", "/async-function/breaks-queued/raises")[1]["x-call-id"]

    def state() -> Any:
        return gateway.ask("GET", f"/async-function/{call_id}")[1]  # nobody's: the password's

    wait_until(lambda: state()["state"] not in ("queued", "running"), what="its end")
    assert (state()["state"], state()["status"]) == ("failed", 502)
