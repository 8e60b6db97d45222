"""One connection of the storage emulator, over a pair of sockets."""

import errno
import logging
import socket

import pytest

from emulators.storage.transport.http.connection import Connection
from emulators.storage.transport.http.messages import Request, Response

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def served(error: OSError) -> None:
    """Serve one request whose answer fails so."""

    def fail(_: Request) -> Response:
        raise error

    def refuse(status: int, why: str) -> Response:
        raise AssertionError(f"refused: {status} {why}")

    ours, client = socket.socketpair()
    with ours, client:
        client.sendall(GET)
        Connection(ours, fail, refuse).serve()
        assert client.recv(1) == b""


def test_a_file_that_cannot_be_read_is_told(caplog: pytest.LogCaptureFixture) -> None:
    served(OSError(errno.EIO, "Input/output error"))
    [line] = caplog.records
    assert line.levelno == logging.WARNING
    assert "Input/output error" in line.getMessage()


def test_a_client_that_goes_is_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    served(BrokenPipeError())
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []
