"""Functions in this process, behind a tiny gateway."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask.testing import FlaskClient

Step = tuple[str, str, bytes, dict[str, str]]


class Platform:
    """Passes calls on to the functions, and keeps async ones until a test delivers them."""

    def __init__(self) -> None:
        self.queue: deque[Step] = deque()
        self.clients: dict[str, FlaskClient] = {}
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                _, route, function, rest = self.path.split("/", 3)
                if route == "async-function":
                    platform.queue.append((function, f"/{rest}", body, _passed(self.headers)))
                    self._answer(202, b"", "text/plain")
                    return
                found = platform.clients[function].open(
                    f"/{rest}", method=self.command, data=body, headers=_passed(self.headers)
                )
                self._answer(found.status_code, found.data, found.content_type)

            do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815 - the base class's names

            def _answer(self, status: int, body: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def deliver(self) -> None:
        """Deliver the step that has waited longest."""
        self.run(self.queue.popleft())

    def run(self, step: Step) -> None:
        function, path, body, headers = step
        answer = self.clients[function].post(path, data=body, headers=headers)
        assert answer.status_code in {200, 202, 204}, answer.data

    def deliver_all(self) -> None:
        """Deliver until nothing is left."""
        while self.queue:
            self.deliver()

    def deliver_side_by_side(self, threads: int) -> None:
        """Deliver what waits, several at a time."""
        waiting = list(self.queue)
        self.queue.clear()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(self.run, waiting))


def _passed(headers: Any) -> dict[str, str]:
    names = ("Authorization", "Content-Type", "If-Match", "Idempotency-Key", "X-Call-Id")
    return {name: headers[name] for name in names if name in headers}


@contextmanager
def platform_of(
    names: Iterable[str], function_app: Callable[[str], FlaskClient]
) -> Iterator[Platform]:
    """Give a platform of the functions called so; `function_app` makes a client of one."""
    made = Platform()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        # Read when the app is made; other tests set an address of their own.
        patch.setenv("MAYFLY_GATEWAY_URL", made.url)
        for name in names:
            made.clients[name] = function_app(name)
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()
