"""The package's routes, served by threads, with every failure answered."""

import contextlib
import errno
import functools
import http.server
import logging
import threading
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gcp_storage_emulator.exceptions import BadRequest, Conflict, NotFound
from gcp_storage_emulator.handlers.buckets import create_bucket
from gcp_storage_emulator.server import RequestHandler, Router

from emulators.kit.door import Door
from emulators.storage import bodies, guard
from emulators.storage.objects import DurableObjects, PreconditionFailed

logger = logging.getLogger(__name__)

_STATUSES = (
    (PreconditionFailed, HTTPStatus.PRECONDITION_FAILED),
    (BadRequest, HTTPStatus.BAD_REQUEST),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    ((MemoryError, OverflowError), HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
)
# The package takes a request's fields and values as they come, without a look.
_UNCHECKED = (ValueError, TypeError, LookupError, AttributeError, NameError, RecursionError)

# A client that sends nothing for this long is gone.
STALLED = 120.0
# What SIGTERM leaves to requests in flight, and to connections that may have just sent one.
GRACE = 10.0
HEAD_GRACE = 1.0
# Of a body that nobody wants.
DRAIN_BYTES = 1 << 20
DRAIN_SECONDS = 2.0


class NoRouteError(Exception):
    """The package has no route for a method and a path."""


bodies.install()


class StorageServer(http.server.ThreadingHTTPServer):
    """A thread for each connection: the package's single one let a stalled client block all."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, host: str, port: int, objects: DurableObjects, bucket: str, hosts: tuple[str, ...]
    ) -> None:
        create_bucket(bucket, objects)
        self.door = Door(hosts, bound=host)
        self._open = self._busy = 0
        self._idle = threading.Condition()
        super().__init__((host, port), functools.partial(StorageHandler, objects))

    def process_request(self, request: Any, client_address: Any) -> None:
        """Begin a connection's thread."""
        with self._idle:
            self._open += 1
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer a connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._idle:
                self._open -= 1
                self._idle.notify_all()

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Count a request as in flight."""
        with self._idle:
            self._busy += 1
        try:
            yield
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def stop(self) -> None:
        """Take no more connections, and wait for what is in flight."""
        self.shutdown()
        self.server_close()
        with self._idle:
            self._idle.wait_for(lambda: self._open == 0, timeout=HEAD_GRACE)
            self._idle.wait_for(lambda: self._busy == 0, timeout=GRACE)


class StorageHandler(RequestHandler):  # type: ignore[misc]  # the package has no types
    """Answers one request."""

    timeout = STALLED
    storage: DurableObjects
    server: StorageServer
    body_read = False
    command = ""
    path = ""

    def _answer(self) -> None:
        """Answer a request, of whatever method; a browser's OPTIONS is refused as a stranger's."""
        try:
            with self.server.holding():
                self._admit()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    # The names that http.server calls.
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815 - as above

    def _admit(self) -> None:
        if refused := guard.stranger(self.headers, self.server.door):
            self._refuse(HTTPStatus.FORBIDDEN, refused)
        elif flaw := guard.flaw(self.path, self.headers):
            self._refuse(HTTPStatus.BAD_REQUEST, flaw)
        else:
            self._route()

    def _route(self) -> None:
        url = urlsplit("http://storage" + self.path)
        if url.path == "/wipe":
            # The package's own route: one GET, from any web page, would delete everything.
            self._refuse(HTTPStatus.NOT_FOUND, "there is no such route")
            return
        generation = parse_qs(url.query).get("ifGenerationMatch", [None])[0]
        try:
            with self.storage.expecting(generation):
                Router(self).handle(self.command)
        except (ConnectionError, TimeoutError):
            raise
        except Exception as error:  # noqa: BLE001 - the edge: every error becomes an answer
            self._refuse(*self._told(error))

    def _told(self, error: Exception) -> tuple[HTTPStatus, str]:
        """Return the status and the words for what the package, or a part of ours, raised."""
        if isinstance(error, NoRouteError):
            return HTTPStatus.NOT_FOUND, f"there is no route {self.command} {self.path[:200]!r}"
        for kind, status in _STATUSES:
            if isinstance(error, kind):
                return status, str(error) or status.phrase
        if isinstance(error, OSError):
            return _status(error), f"the disk does not take it: {error.strerror}"
        logger.error("%s %s failed", self.command, self.path, exc_info=error)
        if isinstance(error, _UNCHECKED):
            return HTTPStatus.BAD_REQUEST, f"the request cannot be understood: {error!r}"
        return HTTPStatus.INTERNAL_SERVER_ERROR, repr(error)

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        self._drain()
        body = bodies.refusal(status, message).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _drain(self) -> None:
        """Read what is left of a small body: closing before would lose the client our answer."""
        self.connection.settimeout(DRAIN_SECONDS)
        length = self.headers.get("Content-Length", "") if hasattr(self, "headers") else ""
        if length.isascii() and length.isdecimal() and len(length) < 9 and not self.body_read:
            self.rfile.read(min(int(length), DRAIN_BYTES))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what http.server cannot read, in the shape of every other refusal."""
        self.close_connection = True
        self.request_version = "HTTP/1.0"  # else a line that is no request gets a body alone
        # A method or a version that there is not: the client's fault, as all that ends here.
        status = HTTPStatus({501: 405, 505: 400}.get(code, code))
        with contextlib.suppress(ConnectionError, TimeoutError):
            self._refuse(status, message or explain or status.phrase)

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin an answer; the package says 501, without a body, where it has no route."""
        if code == HTTPStatus.NOT_IMPLEMENTED:
            raise NoRouteError
        self._disposition = ""
        super().send_response(code, message)

    def send_header(self, keyword: str, value: object) -> None:
        """Send a field; its value may be what an uploader gave, or the address."""
        if keyword.lower() == "content-disposition":
            self._disposition = guard.field_text(value)
        else:
            super().send_header(keyword, guard.field_text(value))

    def end_headers(self) -> None:
        """End the head: whatever a browser gets from here it saves, and does not run."""
        kept = self._disposition if self._disposition.startswith("attachment") else "attachment"
        if self.command == "GET" and self.path != "/":
            super().send_header("Content-Disposition", kept)
        for field in guard.SAFE:
            super().send_header(*field)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Keep quiet: the gateway's log has the calls that caused these."""


def _status(error: OSError) -> HTTPStatus:
    """507 is not retried by the clients: a full disk is said at once, not after minutes."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return HTTPStatus.INSUFFICIENT_STORAGE
    return HTTPStatus.INTERNAL_SERVER_ERROR
