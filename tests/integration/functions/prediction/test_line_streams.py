"""JSON Lines over a connection, from the server that containers run: both sides flow."""

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator

import pytest

from tests.support.processes import PATIENCE, Emulator, free_port

FUNCTION = """
from functions.kit.http import wsgi
from tests.support.models.mixed import mixed
from tests.support.in_memory.predicting import House

API = House({"values": mixed("regression")}, most_bytes=1_000_000).api
wsgi.install(API)

def handle(request):
    return API.handle(request)
"""
PATH = "/models/values/predict"
HEAD = (
    f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer mf_free\r\n"
    "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
)
ROW = b'{"rooms": 3, "note": "a text of some length, as rows have them"}\n'
BLOCK = 1000


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("lines")
    (folder / "main.py").write_text(FUNCTION)
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FUNCTION_SOURCE", str(folder / "main.py"))
        patch.setenv("PORT", str(port))
        with Emulator("functions.kit.http.serve", [], port, f"http://127.0.0.1:{port}/_/health"):
            yield port


class Lines:
    """A call of lines on a connection of its own."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        connection.sendall(HEAD.encode())
        self._answer: http.client.HTTPResponse | None = None

    def send(self, rows: bytes) -> None:
        self._connection.sendall(b"%x\r\n%b\r\n" % (len(rows), rows))

    def end(self) -> None:
        self._connection.sendall(b"0\r\n\r\n")

    def read(self, lines: int) -> list[bytes]:
        """Return so many lines of the answer, or as many as there are."""
        if self._answer is None:
            self._answer = http.client.HTTPResponse(self._connection, method="POST")
            self._answer.begin()
            assert self._answer.status == 200
        found = (self._answer.readline() for _ in range(lines))
        return [line for line in found if line]


@pytest.fixture
def call(port: int) -> Iterator[Lines]:
    with contextlib.closing(socket.create_connection(("127.0.0.1", port), PATIENCE)) as connection:
        yield Lines(connection)


def test_the_first_block_is_answered_while_others_are_still_to_come(call: Lines) -> None:
    call.send(ROW * (BLOCK + 500))
    first = call.read(BLOCK)
    assert len(first) == BLOCK
    call.send(ROW * (BLOCK - 500) + b'{"rooms": "x"}')
    call.end()
    *second, last = call.read(2 * BLOCK)
    assert len(second) == BLOCK
    assert json.loads(last)["error"]["errors"][0]["row"] == 2 * BLOCK + 1


def test_who_sends_all_before_reading_any_gets_all(call: Lines) -> None:
    rows = 20 * BLOCK
    for _ in range(20):
        call.send(ROW * BLOCK)
    call.end()
    assert len(call.read(rows + 1)) == rows
