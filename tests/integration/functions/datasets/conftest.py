"""The function `datasets` with a queue whose calls the tests deliver themselves."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from functions.kit.adapters.calls import step_tokens

PREFIX = "/async-function/datasets"


class Queue:
    """Stands where the gateway's queue is: takes calls, and delivers them when it is told to."""

    def __init__(self) -> None:
        self.calls: deque[tuple[str, str]] = deque()
        self.is_open = True
        queue = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                path = self.path.removeprefix(PREFIX)
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if queue.is_open:
                    queue.calls.append((path, self.headers["Authorization"]))
                self.send_response(202 if queue.is_open else 503)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    def deliver(self, client: FlaskClient) -> None:
        """Make all waiting calls, and those that they put into the queue."""
        while self.calls:
            path, authorization = self.calls.popleft()
            answer = client.post(path, headers={"Authorization": authorization})
            assert answer.status_code == 204, answer.data


@pytest.fixture(scope="session")
def gateway(emulators: dict[str, str]) -> Iterator[Queue]:
    queue = Queue()
    thread = threading.Thread(target=queue.server.serve_forever, daemon=True)
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAYFLY_GATEWAY_URL", f"http://127.0.0.1:{queue.server.server_port}")
        patch.setenv("MAYFLY_MAX_UPLOAD_BYTES", "20000000")
        yield queue
    queue.server.shutdown()
    queue.server.server_close()
    thread.join()


@pytest.fixture
def queue(gateway: Queue) -> Queue:
    """The queue, open and without what other tests left in it."""
    gateway.calls.clear()
    gateway.is_open = True
    return gateway


class Api:
    """A tiny client, so that a test reads as a story."""

    def __init__(self, client: FlaskClient, key: dict[str, str], queue: Queue, secret: str) -> None:
        self.client = client
        self.key = key
        self.queue = queue
        self._secret = secret

    def __getattr__(self, method: str) -> Callable[..., Any]:
        """`api.get(path)`, `api.post(path, json=...)`: the method with the key."""

        def call(path: str, *, headers: dict[str, str] | None = None, **options: Any) -> Any:
            send = getattr(self.client, method)
            return send(path, headers=self.key | (headers or {}), **options)

        return call

    def upload(self, content: bytes | str, name: str, **options: Any) -> Any:
        data = content.encode() if isinstance(content, str) else content
        options = {"content_type": "text/csv", **options}
        return self.post(f"/datasets?name={name}", data=data, **options)

    def place(self, answer: Any) -> str:
        """Return the path that an answer's Location leads to, seen from the request."""
        return urlsplit(urljoin(answer.request.url, answer.headers["Location"])).path

    def load(self, content: bytes | str, name: str) -> str:
        """Upload and import; return the dataset's path."""
        answer = self.upload(content, name)
        assert answer.status_code == 202, answer.json
        self.queue.deliver(self.client)
        path = self.place(answer)
        assert self.get(path).json["state"] == "ready"
        return path

    def pages(self, path: str) -> Iterator[list[Any]]:
        """Yield the items of each page of a list; `path` has a query."""
        page = self.get(path).json
        yield page["items"]
        while page["next"] is not None:
            page = self.get(f"{path}&cursor={page['next']}").json
            yield page["items"]

    def step(self, path: str) -> Any:
        """Deliver one step."""
        return self.signed("post", path)

    def signed(self, method: str, path: str, workspace: str = "") -> Any:
        """Call as a function of our own does, for a workspace."""
        call = step_tokens.Call(method.upper(), "datasets", path)
        token = step_tokens.authorization(self._secret, "datasets", call, workspace=workspace)
        return getattr(self.client, method)(path, headers={"Authorization": token})


@pytest.fixture(scope="session")
def datasets_app(gateway: Queue, function_app: Callable[[str], FlaskClient]) -> FlaskClient:
    return function_app("datasets")


@pytest.fixture
def api(
    datasets_app: FlaskClient, key: dict[str, str], queue: Queue, emulators: dict[str, str]
) -> Api:
    return Api(datasets_app, key, queue, emulators["MAYFLY_STEP_SECRET"])


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"d{uuid4().hex[:12]}"
