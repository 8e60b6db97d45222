"""A receiver of webhooks, which keeps what comes and answers as a test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from tests.support.servers.serving import serving


class Hooked(NamedTuple):
    """One POST: its path, headers by lower-case name, and body."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """A web server.

    Attributes:
        came: what was POSTed.
        answers: statuses and headers of the next answers; after them, each is 204.
    """

    def __init__(self) -> None:
        self.came: list[Hooked] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.came.append(Hooked(self.path, headers, body))
                status, more = receiver.answers.pop(0) if receiver.answers else (204, {})
                self.send_response(status)
                for name, value in {"Content-Length": "0", **more}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.address}"


@contextmanager
def open_receiver() -> Iterator[Receiver]:
    """Give a receiver that answers until the block ends."""
    made = Receiver()
    with serving(made.server):
        yield made
