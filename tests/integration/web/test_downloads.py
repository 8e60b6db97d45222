"""Downloads by way of the pages, under their real server, from a gateway that breaks off."""

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.support.callers.seats import cookie
from tests.support.processes import PATIENCE, Emulator, free_port, received

PIECES = [b"x" * 50_000] * 3
DIGEST = "sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:"


class Source:
    """A gateway: answers a call whose path names how its body ends."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                line, _ = self._listener.accept()
                with line:
                    head = received(line, b"\r\n\r\n").split(b" ", 2)[1]
                    self._answer(line, whole=b"whole" in head, known=b"onnx" in head)

    def _answer(self, line: socket.socket, *, whole: bool, known: bool) -> None:
        size = sum(map(len, PIECES))
        length = f"Content-Length: {size}\r\nRepr-Digest: {DIGEST}"
        told = length if known else "Transfer-Encoding: chunked"
        line.sendall(f"HTTP/1.1 200 OK\r\nConnection: close\r\n{told}\r\n\r\n".encode())
        for piece in PIECES if whole else PIECES[:-1]:
            line.sendall(piece if known else b"%x\r\n%b\r\n" % (len(piece), piece))
        if whole and not known:
            line.sendall(b"0\r\n\r\n")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The pages, as the launcher starts them."""
    source, port = Source(), free_port()
    with contextlib.closing(source), pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAYFLY_GATEWAY_URL", source.url)
        patch.setenv("MAYFLY_WEB_SECRET", "secret")
        options = ["-k", "gevent", "--no-control-socket", "-b", f"127.0.0.1:{port}", "web.main:app"]
        with Emulator("gunicorn", options, port, f"http://127.0.0.1:{port}/healthz") as pages:
            yield port
            pages.stop()


def fetch(port: int, path: str) -> tuple[http.client.HTTPMessage, bytes]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(line):
        name, text = cookie("secret", f"127.0.0.1:{port}")
        line.request("GET", path, headers={"Cookie": f"{name}={text}"})
        answer = line.getresponse()
        assert answer.status == 200
        return answer.headers, answer.read()


CSV, FILE = "/datasets/{}/export.csv", "/models/{}/versions/1/model.onnx"


@pytest.mark.parametrize("path", [CSV, FILE])
def test_a_whole_download(port: int, path: str) -> None:
    headers, body = fetch(port, path.format("whole"))
    assert body == b"".join(PIECES)
    known = path == FILE
    assert headers["Content-Length"] == (str(len(body)) if known else None)
    assert headers["Repr-Digest"] == (DIGEST if known else None)


@pytest.mark.parametrize("path", [CSV, FILE])
def test_one_whose_source_breaks_off_breaks_off(port: int, path: str) -> None:
    with pytest.raises(http.client.IncompleteRead):
        fetch(port, path.format("part"))
