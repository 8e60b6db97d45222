"""A web server whose pages a test sets."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.servers.serving import serving


class Site:
    """A web server; its pages are path -> status, body and further headers."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, bytes, dict[str, str]]] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body, headers = site.pages.get(self.path, (404, b"", {}))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.address}"

    def show(self, path: str, text: str, status: int = 200, **headers: str) -> str:
        self.pages[path] = (status, text.encode(), headers)
        return self.url + path


@contextmanager
def open_site() -> Iterator[Site]:
    """Give a server that answers until the block ends."""
    made = Site()
    with serving(made.server):
        yield made
