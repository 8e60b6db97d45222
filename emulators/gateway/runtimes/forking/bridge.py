"""Between granian's WSGI worker and the app that a replica serves."""

import contextlib
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

_SENT_WITHIN = 0.02  # seconds in which granian has sent what it was given, as a rule

_now = time.monotonic
_this_thread = threading.get_ident


class Bridge:
    """Carries one request from granian to the WSGI app and back.

    Differs from granian's own bridge: an answer of known, small length goes back in one piece (much
    cheaper than an iterator); a request body that the app left unread is read to its end, so that
    an early refusal reaches a client that is still sending; no answer is longer than its
    Content-Length; and one that fails in the middle breaks its connection, where granian would end
    it as if it were whole.

    Args:
        app: The WSGI app.
        address: Path of the socket that granian listens on.
    """

    _SMALL = 256 * 1024

    def __init__(self, app: Any, address: str) -> None:
        self._app = app
        self._address = address
        self._began: dict[int, float] = {}  # by thread, each of which works on one call
        self._base = dict(os.environ) | {
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SCRIPT_NAME": "",
            "SERVER_SOFTWARE": "Granian",
            "wsgi.errors": sys.stderr,
            "wsgi.input_terminated": True,
            "wsgi.multiprocess": False,
            "wsgi.multithread": True,
            "wsgi.run_once": False,
            "wsgi.version": (1, 0),
        }

    def __call__(self, protocol: Any, scope: dict[str, Any]) -> int:
        """Answer one request; granian's worker threads call this."""
        environ = self._base | scope
        environ["REMOTE_ADDR"] = ""
        head = _Head()
        thread = _this_thread()
        self._began[thread] = _now()
        try:
            body = self._app(environ, head)
        finally:
            del self._began[thread]
        if head.length is not None and head.length <= self._SMALL:
            content = b"".join(body)
            _finish(body, environ)
            if len(content) == head.length:
                protocol.response_bytes(head.status, head.headers, content)
            else:  # granian counts what it is given in pieces, and keeps to the head
                protocol.response_iter(head.status, head.headers, iter((content,)))
        else:
            stream = _Stream(body, environ, self._address, scope["REMOTE_ADDR"])
            protocol.response_iter(head.status, head.headers, stream)
        return head.status

    def running(self) -> list[float]:
        """Return the seconds that each call has taken so far which the app works on."""
        now = _now()
        return [now - began for began in list(self._began.values())]


class _Head:
    __slots__ = ("headers", "length", "status")

    def __init__(self) -> None:
        self.status = 200
        self.headers: list[tuple[str, str]] = []
        self.length: int | None = None

    def __call__(self, status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
        self.status = int(status[:3])
        self.headers = headers
        for name, value in headers:
            if name.lower() == "content-length":
                self.length = int(value)


class _Stream:
    __slots__ = ("_address", "_environ", "_inner", "_next", "_peer")

    def __init__(self, inner: Any, environ: dict[str, Any], address: str, peer: str) -> None:
        self._inner = inner
        self._environ = environ
        self._next = iter(inner).__next__
        self._address = address
        self._peer = peer

    def __next__(self) -> bytes:
        try:
            piece: bytes = self._next()
        except StopIteration:
            raise
        except BaseException:
            time.sleep(_SENT_WITHIN)
            break_off(self._address, self._peer)
            raise  # granian writes it to the log
        return piece

    def close(self) -> None:
        _finish(self._inner, self._environ)


def break_off(address: str, peer: str) -> None:
    """End a connection that granian serves, before an answer on it is whole.

    Granian does not say which descriptor it is. But the gateway gives its end of each connection a
    name; whoever else connects has none, and shares the end of others without one.

    Args:
        address: The listener's path.
        peer: The other end's name.
    """
    for number in os.listdir("/dev/fd"):  # noqa: PTH208 - numbers are wanted
        with contextlib.suppress(OSError), _borrowed(int(number)) as raw:
            if raw.getsockname() == address and raw.getpeername() == peer:
                raw.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def _borrowed(number: int) -> Iterator[socket.socket]:
    """Give the socket of a descriptor, which stays open."""
    raw = socket.socket(fileno=number)
    try:
        yield raw
    finally:
        raw.detach()


def _finish(body: Any, environ: dict[str, Any]) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()
    # Whatever the method: one without a route may have a body, too.
    if "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ:
        with contextlib.suppress(OSError):  # the sender is gone: nothing is left to read
            while environ["wsgi.input"].read(1 << 16):
                pass
