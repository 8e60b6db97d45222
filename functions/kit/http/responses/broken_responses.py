"""Responses whose source fails in the middle end with a reset, not as if they were whole.

granian's WSGI server writes the last chunk whatever ended the answer, and does not say which of its
sockets an answer goes to. So the one is looked for: all that it can be are corked, the failed
answer gives one more piece of an unlikely size, and the socket that holds just as much back is
reset. A reset throws away what is held back: no client sees that piece. (An answer of known length
needs none of this: granian itself breaks one that falls short.)

It can be told apart no better. granian 2.8.7 gives a WSGI app its client's address without the
port, and no object that leads to the socket. Where a slow client's send buffer is full, the piece
waits in granian: the kernel shows nothing of it, and one that comes late looks like an idle
connection. Then all connections of the address are reset, for a wrong end that looks right is
worse. Below our gateway that does not happen: it names its end of each connection.
"""

import contextlib
import ctypes
import fcntl
import os
import random
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import structlog

from functions.kit.http.responses.streaming import is_logged

log = structlog.get_logger()

_UNSENT = 0x894B  # SIOCOUTQNSD of Linux: bytes written and not sent yet
_CORKED_FOR = 0.15  # seconds; the kernel keeps a cork for 0.2
_PAUSE = 0.001
_SENT_WITHIN = 0.02  # seconds in which granian has sent what it was given, as a rule
_SMALLEST, _LARGEST = 200, 1000  # bytes of the piece: less than a packet holds, so that it waits
_ADDRESS_SIZE = 16

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class BrokenResponses:
    """A WSGI app whose failed responses break off.

    Args:
        app: The app.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        said: list[tuple[str, str]] = []

        def note(status: str, headers: list[tuple[str, str]], failed: Any = None) -> Any:
            nonlocal said
            said = headers
            return start(status, headers, failed)

        body = self._app(environ, note)
        if isinstance(body, list) or environ["REQUEST_METHOD"] == "HEAD":
            return body
        is_sized = any(name.lower() == "content-length" for name, _ in said)
        return body if is_sized else _Stream(body, environ)


class _Stream:
    """An answer of unknown length."""

    def __init__(self, inner: Iterable[bytes], environ: dict[str, Any]) -> None:
        self._inner = inner
        self._next = iter(inner).__next__
        self._environ = environ
        self._search: _Search | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._search is not None:
            self._search.reset()
            raise StopIteration
        try:
            return self._next()
        except StopIteration:
            raise
        except Exception as error:
            if not is_logged(error):
                log.exception("answer broken off", path=self._environ.get("PATH_INFO"))
            self._search = _Search(self._environ)
            return self._search.piece

    def close(self) -> None:
        """Let the source go: the server is through with it."""
        close = getattr(self._inner, "close", None)
        if close is not None:
            close()


class _Search:
    """The look for the socket of one answer.

    Args:
        environ: The request's.

    Attributes:
        piece: What the answer has to say next.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        self.piece = bytes(random.randint(_SMALLEST, _LARGEST))  # noqa: S311 - tells apart, no secret
        chunked = environ["SERVER_PROTOCOL"] != "HTTP/1"
        framing = len(f"{len(self.piece):x}\r\n\r\n") if chunked else 0
        self._held = len(self.piece) + framing
        time.sleep(_SENT_WITHIN)  # what came before must not be held back with it
        self._sockets = _accepted(environ["REMOTE_ADDR"], int(environ["SERVER_PORT"]))
        for one in self._sockets:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)

    def reset(self) -> None:
        """Reset it; where its client is too slow to tell which it is, all of that address."""
        for one in self._found() or self._sockets:
            _reset(one)
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
            one.close()

    def _found(self) -> list[socket.socket]:
        until = time.monotonic() + _CORKED_FOR
        while time.monotonic() < until:
            found = [one for one in self._sockets if _unsent(one) == self._held]
            if found:
                return found
            time.sleep(_PAUSE)
        return []


def _accepted(peer: str, port: int) -> list[socket.socket]:
    """Return this process's connections from an address to a port, each as a socket of our own."""
    found = []
    for number in os.listdir("/proc/self/fd"):  # noqa: PTH208 - numbers are wanted
        with contextlib.suppress(OSError):
            one = socket.socket(fileno=int(number))
            try:
                if _leads(one, peer, port):
                    found.append(one.dup())
            finally:
                one.detach()  # it is the server's: not ours to close
    return found


def _leads(one: socket.socket, peer: str, port: int) -> bool:
    with contextlib.suppress(OSError):
        internet = one.family in (socket.AF_INET, socket.AF_INET6)
        return internet and one.getsockname()[1] == port and one.getpeername()[0] == peer
    return False


def _unsent(one: socket.socket) -> int:
    (size,) = struct.unpack("i", fcntl.ioctl(one.fileno(), _UNSENT, bytes(4)))
    return int(size)


def _reset(one: socket.socket) -> None:
    """Have the kernel forget the connection, and what is still to be sent on it."""
    nowhere = struct.pack(f"H{_ADDRESS_SIZE - 2}x", socket.AF_UNSPEC)
    ctypes.CDLL(None).connect(one.fileno(), nowhere, _ADDRESS_SIZE)
