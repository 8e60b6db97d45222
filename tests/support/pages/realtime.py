"""Open connections of the pages under their real server; their functions a test holds back."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.processes import PATIENCE, Emulator, free_port

KEY = "mfk_key"
LIMITS: dict[str, Any] = {
    "in_flight": 4,
    "message_bytes": 65536,
    "greeting": 0.6,
    "ping": 0.3,
    "pong": 0.3,
    "idle": 60.0,
    "stalled": 1.0,
    "grace": 2.0,
    "tick": 0.05,
    "look": 0.1,
    "each": 100,
    "strangers": 20,
    "everybody": 110,
}
JSON, PROBLEM = "application/json", "application/problem+json"


class Server(ThreadingHTTPServer):
    """One that a hundred may call at the same moment."""

    request_queue_size = 512
    daemon_threads = True


class Functions:
    """A gateway. What a model does its name says: `echo`, `hold` until let go, `big`, `html`.

    Attributes:
        accounts: whose each credential is.
        asked: the bodies of predictions, with what they said of their caller.
        free: lets those who ask `hold` go on.
        away: whether nobody can be told who calls.
        looks: how often that was asked.
    """

    def __init__(self) -> None:
        self.accounts = {KEY: "ada", "mfs_x": "ada"}
        self.asked: list[dict[str, Any]] = []
        self.free = threading.Event()
        self.away = False
        self.looks = 0
        functions = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                self._give(functions.me(self._token(), self.headers.get("X-Workspace", "")))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self._token() not in functions.accounts:
                    return self._give(unknown())
                return self._give(functions.predict(self.path, body, dict(self.headers)))

            def _token(self) -> str:
                return self.headers.get("Authorization", "").removeprefix("Bearer ")

            def _give(self, answer: tuple[int, str, bytes]) -> None:
                status, kind, body = answer
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                if status == 429:
                    self.send_header("Retry-After", "42")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.free.set()
        self.server.shutdown()
        self.server.server_close()

    def me(self, token: str, workspace: str) -> tuple[int, str, bytes]:
        """Tell whose a credential is; there is no workspace 'closed'."""
        self.looks += 1
        account = self.accounts.get(token)
        if self.away:
            return problem(503, "It is away.")
        if account is None:
            return unknown()
        if workspace == "closed":
            return problem(404, "There is no workspace 'closed'.")
        told = {"name": account, "account": account, "workspace": workspace or "main"}
        return 200, JSON, json.dumps(told).encode()

    def predict(self, path: str, body: bytes, fields: dict[str, str]) -> tuple[int, str, bytes]:
        """Answer with what was asked."""
        model = path.split("/")[4]
        asked = {"path": path.removeprefix("/function/prediction"), "body": json.loads(body)}
        self.asked.append(asked | {"workspace": fields.get("X-Workspace", "")})
        if model == "hold":
            self.free.wait(PATIENCE)
        if model == "html":
            return 502, "text/html", b"<h1>Bad Gateway</h1>"
        if model == "none":
            return problem(404, "There is no model 'none'.")
        if model == "much":
            return problem(429, "Too many rows a minute.")
        size = 1_000_000 if model == "big" else 0
        return 200, JSON, json.dumps({**asked, "filler": "x" * size}).encode()


def problem(status: int, detail: str) -> tuple[int, str, bytes]:
    told = {"type": "about:blank", "title": "x", "status": status, "detail": detail}
    return status, PROBLEM, json.dumps(told | {"instance": "/x"}).encode()


def unknown() -> tuple[int, str, bytes]:
    return problem(401, "This key is not known.")


@contextlib.contextmanager
def pages(functions: Functions, **limits: float) -> Iterator[Emulator]:
    """Give the pages, as the launcher starts them but for their limits."""
    port = free_port()
    env = {
        "MAYFLY_GATEWAY_URL": functions.url,
        "MAYFLY_WEB_SECRET": "secret",
        "REALTIME_LIMITS": json.dumps(LIMITS | limits),
    }
    options = ["-k", "gevent", "--no-control-socket", "-b", f"127.0.0.1:{port}"]
    options.append("tests.support.pages.realtime_app:app")
    ready = f"http://127.0.0.1:{port}/healthz"
    with Emulator("gunicorn", options, port, ready, env) as emulator:
        yield emulator


class Talk:
    """A caller on an open connection."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line

    def say(self, **message: Any) -> None:
        self.line.send(json.dumps(message))

    def ask(self, id_: Any, model: str = "echo", **more: Any) -> None:
        self.say(**{"id": id_, "model": model, "records": [{"a": 1}], **more})

    def hear(self) -> Any:
        return json.loads(self.line.recv(PATIENCE))

    def ended(self) -> tuple[int, str]:
        """Return how the connection closed, which it must without another message."""
        with pytest.raises(ConnectionClosed) as caught:
            self.line.recv(PATIENCE)
        assert caught.value.rcvd is not None, "it broke off"
        return caught.value.rcvd.code, caught.value.rcvd.reason


@contextlib.contextmanager
def opened(
    port: int, query: str = "", path: str = "/ws/predictions", **options: Any
) -> Iterator[Talk]:
    """Give a connection whose caller is not known yet."""
    url = f"ws://127.0.0.1:{port}{path}{query}"
    bounds: dict[str, Any] = {"open_timeout": PATIENCE, "close_timeout": 0.2, "max_size": None}
    with connect(url, compression=None, **bounds, **options) as line:
        yield Talk(line)


@contextlib.contextmanager
def talking(port: int, key: str = KEY) -> Iterator[Talk]:
    """Give a connection whose caller is known."""
    with opened(port) as talk:
        talk.say(key=key)
        assert talk.hear()["ready"]["workspace"] == "main"
        yield talk
