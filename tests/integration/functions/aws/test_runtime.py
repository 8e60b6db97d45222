"""AWS's own runtime client in front of a function: Lambda's side of its API is played here."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.processes import ROOT
from tests.unit.functions.kit.aws.test_entry import FUNCTION_URL, SCHEDULED

API = "/2018-06-01/runtime/invocation"
LIMIT = 60  # seconds for one answer


class Runtime(ThreadingHTTPServer):
    """Hands out events, and takes what comes of them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.events: queue.Queue[Any] = queue.Queue()
        self.answers: queue.Queue[tuple[str, Any]] = queue.Queue()

    def invoke(self, event: Any) -> tuple[str, Any]:
        """Return `response` or `error`, and what was said."""
        self.events.put(event)
        return self.answers.get(timeout=LIMIT)


class Handler(BaseHTTPRequestHandler):
    """The Runtime API, as its documentation has it."""

    protocol_version = "HTTP/1.1"
    server: Runtime

    def do_GET(self) -> None:
        assert self.path == f"{API}/next"
        body = json.dumps(self.server.events.get()).encode()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        self.send_header("Lambda-Runtime-Deadline-Ms", "9999999999999")
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:r:1:function:f")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.answers.put((self.path.rpartition("/")[2], said))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Lambda(NamedTuple):
    """A function behind the runtime client."""

    runtime: Runtime
    process: "subprocess.Popen[bytes]"


def handler_of_the_image() -> str:
    recipe = (ROOT / "infra/cloud/aws/Dockerfile").read_text().splitlines()
    [command] = [line.partition(" ")[2] for line in recipe if line.startswith("CMD")]
    [name] = json.loads(command)
    return str(name)


@pytest.fixture
def function(tmp_path: Path) -> Iterator[Lambda]:
    """A function of few lines."""
    (tmp_path / "main.py").write_text(
        "def handle(request):\n"
        "    if request.path == '/steps/overdue':\n"
        "        return 'away', 503\n"
        "    return {'path': request.path, 'said': request.get_json()}\n"
    )
    with running(tmp_path / "main.py") as found:
        yield found


@contextmanager
def running(source: Path) -> Iterator[Lambda]:
    runtime = Runtime()
    thread = threading.Thread(target=runtime.serve_forever, daemon=True)
    thread.start()
    env = {
        **os.environ,
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime.server_port}",
        "FUNCTION_SOURCE": str(source),
        "FUNCTION_TARGET": "handle",
        "MAYFLY_STEP_SECRET": "a secret of thirty-two characters",
    }
    words = [sys.executable, "-m", "awslambdaric", handler_of_the_image()]
    with subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.DEVNULL) as process:
        try:
            yield Lambda(runtime, process)
        finally:
            process.kill()
            runtime.shutdown()
            runtime.server_close()
            thread.join()


def test_events_are_answered_one_after_the_other(function: Lambda) -> None:
    for _ in range(2):
        kind, answer = function.runtime.invoke(FUNCTION_URL)
        assert (kind, answer["statusCode"]) == ("response", 200)
        said = {"path": "/models/a b/predict", "said": {"records": []}}
        assert json.loads(answer["body"]) == said


def test_a_schedule_s_failure_is_an_error_and_the_next_event_is_answered(
    function: Lambda,
) -> None:
    kind, error = function.runtime.invoke(SCHEDULED)
    assert (kind, error["errorType"]) == ("error", "ScheduleFailed")
    assert "503 SERVICE UNAVAILABLE: away" in error["errorMessage"]
    assert function.runtime.invoke(FUNCTION_URL)[0] == "response"


def test_what_is_no_request_is_an_error(function: Lambda) -> None:
    kind, error = function.runtime.invoke({"Records": []})
    assert (kind, error["errorType"]) == ("error", "UnknownEvent")


def test_a_function_of_ours_answers_there_as_everywhere() -> None:
    context = FUNCTION_URL["requestContext"] | {"http": {"method": "GET", "sourceIp": "192.0.2.1"}}
    asked = {"requestContext": context, "body": None, "rawQueryString": ""}
    with running(ROOT / "functions" / "models" / "main.py") as found:
        kind, answer = found.runtime.invoke(FUNCTION_URL | asked | {"rawPath": "/_/health"})
        assert (kind, answer["statusCode"]) == ("response", 200)
        assert json.loads(answer["body"]) == {"status": "ok"}
        kind, answer = found.runtime.invoke(FUNCTION_URL | asked | {"rawPath": "/models"})
        assert (kind, answer["statusCode"]) == ("response", 401), "the event's key is none"
        assert answer["headers"]["Content-Type"] == "application/problem+json"
