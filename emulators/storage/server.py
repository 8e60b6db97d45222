"""The package's routes, served by threads, with every failure answered."""

import contextlib
import errno
import functools
import http.server
import json
import logging
import threading
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from gcp_storage_emulator.handlers.buckets import create_bucket
from gcp_storage_emulator.server import RequestHandler, Router

from emulators.storage.objects import DurableObjects, PreconditionFailed

logger = logging.getLogger(__name__)

# A client that sends nothing for this long is gone.
STALLED = 120.0
# What SIGTERM leaves to requests in flight.
GRACE = 10.0


class StorageServer(http.server.ThreadingHTTPServer):
    """A thread for each connection: the package's single one let a stalled client block all."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, objects: DurableObjects, bucket: str) -> None:
        create_bucket(bucket, objects)
        self._busy = 0
        self._idle = threading.Condition()
        super().__init__((host, port), functools.partial(StorageHandler, objects))

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
            self._idle.wait_for(lambda: self._busy == 0, timeout=GRACE)


class StorageHandler(RequestHandler):  # type: ignore[misc]  # the package has no types
    """Answers one request."""

    timeout = STALLED
    storage: DurableObjects
    server: StorageServer

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer a GET."""
        self._answer("GET")

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer a POST."""
        self._answer("POST")

    def do_PUT(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer a PUT."""
        self._answer("PUT")

    def do_PATCH(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer a PATCH."""
        self._answer("PATCH")

    def do_DELETE(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer a DELETE."""
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        url = urlsplit(self.path)
        if url.path == "/wipe":
            # The package's own route: one GET, from any web page, would delete everything.
            self._refuse(HTTPStatus.NOT_FOUND, "there is no such route")
            return
        generation = parse_qs(url.query).get("ifGenerationMatch", [None])[0]
        try:
            with self.server.holding(), self.storage.expecting(generation):
                Router(self).handle(method)
        except PreconditionFailed as error:
            self._refuse(HTTPStatus.PRECONDITION_FAILED, str(error))
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except OSError as error:
            self._refuse(_status(error), f"the disk does not take it: {error.strerror}")
        except Exception as error:
            logger.exception("%s %s failed", method, self.path)
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, repr(error))

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        body = json.dumps({"error": {"code": status.value, "message": message}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Keep quiet: the gateway's log has the calls that caused these."""


def _status(error: OSError) -> HTTPStatus:
    """507 is not retried by the clients: a full disk is said at once, not after minutes."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return HTTPStatus.INSUFFICIENT_STORAGE
    return HTTPStatus.INTERNAL_SERVER_ERROR
