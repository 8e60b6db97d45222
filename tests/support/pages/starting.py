"""A platform whose function is not there yet: a real server that answers in its place."""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

PROBLEM = {"type": "about:blank", "title": "x", "status": 503, "detail": "it starts"}


class Said(NamedTuple):
    """An answer."""

    status: int
    body: bytes = b""
    fields: Mapping[str, str] = MappingProxyType({})


BY_PROXY = {"X-Openfaas-Internal": "proxy"}
# What platforms answer in a function's place; whether a call that must not reach it twice may be
# made again after it.
PLATFORM_S = {
    "openfaas, unreachable": (
        Said(500, b"Can't reach service", BY_PROXY),
        False,
    ),
    "openfaas, no endpoints": (Said(503, b"No endpoints", BY_PROXY), True),
    "openfaas, gateway": (Said(502, b"", {"X-Openfaas-Internal": "gateway"}), False),
    "our gateway, not ready": (Said(503, msgspec.json.encode(PROBLEM)), True),
    "our gateway, died": (Said(502, msgspec.json.encode(PROBLEM | {"status": 502})), False),
    "envoy": (Said(503, b"upstream connect error or disconnect/reset before headers"), False),
    "queue-proxy": (Said(502, b"dial tcp 127.0.0.1:8080: connect: connection refused"), False),
    "time limit": (Said(504, b"upstream request timeout"), False),
    "json of another": (Said(503, b"[1]"), False),
    "no text": (Said(503, b'{"instance": "\xff"'), False),
}
# What is the function's own word, or no error of a platform that starts something.
FUNCTION_S = {
    "away": Said(503, msgspec.json.encode(PROBLEM | {"instance": "/jobs/1"})),
    "failed": Said(500, msgspec.json.encode(PROBLEM | {"status": 500, "instance": "/jobs/1"})),
    "watchdog": Said(500, b"", {"X-Openfaas-Internal": "of-watchdog"}),
    "failed, no document": Said(500, b"Internal Server Error"),
    "unknown function": Said(404, msgspec.json.encode(PROBLEM | {"status": 404})),
    "too many": Said(429, b"slow down"),
    "no room": Said(507, b"", BY_PROXY),
}


class Platform:
    """The server.

    Attributes:
        url: where it is.
        received: method, path and body of each call.
        keys: the Idempotency-Key of each call; empty for none.
    """

    def __init__(self, *answers: Said) -> None:
        self.url = ""
        self.received: list[tuple[str, str, bytes]] = []
        self.keys: list[str] = []
        self._answers = list(answers)

    def answer(self, method: str, path: str, body: bytes) -> Said:
        """Take a call; the last answer is given to all that follow."""
        self.received.append((method, path, body))
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@contextlib.contextmanager
def platform(*answers: Said) -> Iterator[Platform]:
    """Give a server that answers so, one call after another."""
    found = Platform(*answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found.keys.append(self.headers.get("Idempotency-Key", ""))
            status, content, fields = found.answer(self.command, self.path, body)
            self.send_response(status)
            for name, value in fields.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_PUT = do_POST = do_DELETE = do_PATCH = do_GET  # noqa: N815 - as http.server calls them

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
