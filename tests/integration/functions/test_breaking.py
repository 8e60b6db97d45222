"""An answer that fails in the middle, served as in a container: its client sees an error."""

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import PATIENCE, Emulator, free_port, received_until_closed

FUNCTION = """
import time, flask

def failing(pieces):
    for _ in range(pieces):
        yield b"a part"
    raise ValueError("the source failed")

def slow():
    for _ in range(300):
        yield b"whole "
        time.sleep(0.005)

def handle(request):
    path = request.path
    if path == "/sized":
        return flask.Response(failing(1), headers={"Content-Length": "1000"})
    if path.startswith("/raises/"):
        return flask.Response(failing(int(path[8:])))
    if path == "/slow":
        return flask.Response(slow())
    return "ok"
"""
TIMES = 20


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The container's app under its server, with threads for those who wait meanwhile."""
    (tmp_path / "main.py").write_text(FUNCTION)
    monkeypatch.setenv("FUNCTION_SOURCE", str(tmp_path / "main.py"))
    port = free_port()
    monkeypatch.setenv("PORT", str(port))
    with Emulator("functions.kit.http.serve", [], port, f"http://127.0.0.1:{port}/"):
        yield port


def read(port: int, path: str) -> bytes:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, PATIENCE)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read()


@pytest.mark.parametrize("path", ["/raises/0", "/raises/1", "/raises/500", "/sized"])
def test_it_is_no_whole_answer(port: int, path: str) -> None:
    for _ in range(TIMES):
        with pytest.raises((http.client.IncompleteRead, http.client.HTTPException, OSError)):
            read(port, path)
        assert read(port, "/") == b"ok"


def test_nothing_but_the_part_is_seen(port: int) -> None:
    for version in ("1.1", "1.0"):
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as raw:
            raw.sendall(f"GET /raises/3 HTTP/{version}\r\nHost: x\r\n\r\n".encode())
            pieces: list[bytes] = []
            with pytest.raises(ConnectionResetError):
                pieces.extend(iter(lambda: raw.recv(65536), b""))
            seen = b"".join(pieces)
            assert seen.count(b"a part") == 3
            assert b"\0" not in seen


def test_others_go_on(port: int) -> None:
    answers: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: answers.append(read(port, "/slow"))) for _ in range(4)
    ]
    idle = http.client.HTTPConnection("127.0.0.1", port, PATIENCE)
    idle.request("GET", "/")
    assert idle.getresponse().read() == b"ok"
    for thread in threads:
        thread.start()
    for _ in range(TIMES):
        with pytest.raises((http.client.HTTPException, OSError)):
            read(port, "/raises/1")
    for thread in threads:
        thread.join()
    assert answers == [b"whole " * 300] * 4
    idle.request("GET", "/")
    assert idle.getresponse().read() == b"ok"
    idle.close()


def test_a_client_that_reads_slowly_gets_no_whole_answer(port: int) -> None:
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.connect(("127.0.0.1", port))
        raw.sendall(b"GET /raises/800000 HTTP/1.1\r\nHost: x\r\n\r\n")
        threading.Event().wait(0.5)  # it reads nothing for a while
        with pytest.raises(ConnectionResetError):
            received_until_closed(raw)
