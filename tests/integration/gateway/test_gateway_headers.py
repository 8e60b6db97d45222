"""Headers of the contract: to the function, in answers of every kind, in callbacks."""

import json
import re
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.support.processes import wait_until

CODE = """
import flask, os, time

def handle(request):
    if request.path == "/headers":
        return dict(request.headers)
    if request.path == "/die":
        os.kill(os.getpid(), 9)
    if request.path == "/sleep":
        time.sleep(30)
    if request.path == "/forge":
        forged = {"X-Call-Id": "forged", "X-Duration-Seconds": "9", "X-Start-Time": "9"}
        return flask.Response("forged", headers=forged)
    if request.path == "/worker.js" or "worker" in request.args:
        fields = {"Content-Type": "text/javascript"}
        return flask.Response("", headers=fields | {"Service-Worker-Allowed": "/"})
    if request.path == "/large":
        return "x" * 3_000_000
    if request.path == "/made":
        fields = {"X-Mine": "yes", "Content-Type": "text/made"}
        return flask.Response("made " + request.get_data(as_text=True), 201, headers=fields)
    return flask.Response("no", int(request.args["code"]))
"""
QUICK = {
    "com.openfaas.retry.min_wait": "20ms",
    "com.openfaas.retry.max_wait": "40ms",
    "com.openfaas.retry.attempts": "3",
}


@pytest.fixture(scope="module")
def fn(gateway: Any) -> str:
    folder = str(gateway.write_function("stamped", code=CODE))
    gateway.deploy_ready("stamped", image=folder, annotations=QUICK, timeoutSeconds=3)
    return "/function/stamped"


class Sent(BaseHTTPRequestHandler):
    """Takes callbacks."""

    received: list[tuple[str, dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fields = {key.lower(): value for key, value in self.headers.items()}
        self.received.append((self.path, fields, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def callbacks() -> Iterator[tuple[str, list[tuple[str, dict[str, str], bytes]]]]:
    handler = type("Handler", (Sent,), {"received": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler.received  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


def check_stamps(headers: dict[str, str], call_id: str, since: int) -> None:
    assert headers["x-call-id"] == call_id
    assert re.fullmatch(r"\d+\.\d{6}", headers["x-duration-seconds"])
    assert since <= int(headers["x-start-time"]) <= time.time_ns()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/headers", 200),
        ("/x?code=201", 201),
        ("/x?code=404", 404),
        ("/x?code=500", 500),
        ("/die", 502),
        ("/sleep", 504),
    ],
)
def test_every_answer_is_stamped(gateway: Any, fn: str, path: str, status: int) -> None:
    began = time.time_ns()
    answer = gateway.call("POST", fn + path, headers={"X-Call-Id": "given-1"})
    assert answer[0] == status, answer[2]
    check_stamps(answer[1], "given-1", began)
    made = gateway.call("POST", fn + path)[1]["x-call-id"]
    assert uuid.UUID(made).version == 4


def test_refusals_of_unknown_functions_are_stamped(gateway: Any) -> None:
    for path in ("/function/nobody/", "/async-function/nobody"):
        began = time.time_ns()
        answer = gateway.call("POST", path, headers={"X-Call-Id": "given-2"})
        assert answer[0] == 404
        check_stamps(answer[1], "given-2", began)


def test_a_function_that_does_not_start_is_stamped(gateway: Any) -> None:
    folder = str(gateway.write_function("stillborn", code="raise RuntimeError('never')\n"))
    gateway.deploy("stillborn", image=folder)
    began = time.time_ns()
    answer = gateway.call("GET", "/function/stillborn/", headers={"X-Call-Id": "given-3"})
    assert answer[0] == 503
    check_stamps(answer[1], "given-3", began)


def test_a_function_cannot_forge_the_stamps(gateway: Any, fn: str) -> None:
    began = time.time_ns()
    _, headers, body = gateway.call("GET", fn + "/forge", headers={"X-Call-Id": "true"})
    assert body == b"forged"
    check_stamps(headers, "true", began)


def seen_by(gateway: Any, path: str, headers: dict[str, str]) -> dict[str, str]:
    answer = gateway.call("POST", path, b"", headers)
    assert answer[0] == 200, answer[2]
    return {key.lower(): value for key, value in json.loads(answer[2]).items()}


def test_what_the_function_gets(gateway: Any, fn: str) -> None:
    began = time.time_ns()
    given = {"X-Call-Id": "c-9", "X-Start-Time": "1", "X-Own": "kept"}
    given |= {"X-Forwarded-For": "9.9.9.9", "X-Forwarded-Host": "x", "X-Forwarded-Proto": "https"}
    seen = seen_by(gateway, fn + "/headers", given)
    assert (seen["x-call-id"], seen["x-own"]) == ("c-9", "kept")
    assert began <= int(seen["x-start-time"]) <= time.time_ns()
    assert seen["x-forwarded-for"] == "9.9.9.9, 127.0.0.1"
    assert seen["x-forwarded-host"] == f"127.0.0.1:{gateway.port}"
    assert seen["x-forwarded-proto"] == "http"
    assert seen_by(gateway, fn + "/headers", {})["x-forwarded-for"] == "127.0.0.1"


def test_a_queued_call_gets_the_same_and_its_answer_is_stamped(gateway: Any, fn: str) -> None:
    began = time.time_ns()
    given = {"X-Call-Id": f"c-{began}", "X-Forwarded-For": "9.9.9.9", "X-Own": "kept"}
    status, headers, body = gateway.call("POST", "/async-function/stamped/headers", b"", given)
    assert (status, body) == (202, b"")
    check_stamps(headers, given["X-Call-Id"], began)
    result = outcome(gateway, given["X-Call-Id"])
    seen = {key.lower(): value for key, value in json.loads(result["body"]).items()}
    assert seen["x-call-id"] == given["X-Call-Id"]
    assert seen["x-start-time"] == headers["x-start-time"]
    assert seen["x-forwarded-for"] == "9.9.9.9, 127.0.0.1"
    assert seen["x-forwarded-host"] == f"127.0.0.1:{gateway.port}"
    assert (seen["x-forwarded-proto"], seen["x-own"]) == ("http", "kept")
    assert "x-callback-url" not in seen


def outcome(gateway: Any, call_id: str) -> Any:
    def over() -> bool:
        found.update(gateway.ask("GET", f"/async-function/{call_id}")[1])
        return found["state"] not in ("queued", "running")

    found: dict[str, Any] = {}
    wait_until(over)
    return found


def test_a_callback_carries_the_answer_and_what_it_answers(
    gateway: Any, fn: str, callbacks: Any
) -> None:
    url, received = callbacks
    for name in ("stamped", "stamped.openfaas-fn"):
        received.clear()
        given = {"X-Callback-Url": f"{url}/done?for=me", "X-Call-Id": "called-back"}
        assert gateway.call("POST", f"/async-function/{name}/made", "x", given)[0] == 202
        wait_until(lambda: bool(received))
        [(path, fields, body)] = received
        assert (path, body) == ("/done?for=me", b"made x")
        assert (fields["x-mine"], fields["content-type"]) == ("yes", "text/made")
        assert (fields["x-call-id"], fields["x-function-name"]) == ("called-back", "stamped")
        assert fields["x-function-status"] == "201"
        assert re.fullmatch(r"\d+\.\d{6}", fields["x-duration-seconds"])


def test_a_callback_carries_all_of_a_large_answer(gateway: Any, fn: str, callbacks: Any) -> None:
    url, received = callbacks
    given = {"X-Callback-Url": url}
    assert gateway.call("POST", "/async-function/stamped/large", "x", given)[0] == 202
    wait_until(lambda: bool(received))
    assert len(received[0][2]) == 3_000_000


@pytest.mark.parametrize(
    ("path", "status"), [("/x?code=400", "400"), ("/x?code=500", "500"), ("/die", "502")]
)
def test_failures_are_called_back_once_and_in_the_end(
    gateway: Any, fn: str, callbacks: Any, path: str, status: str
) -> None:
    url, received = callbacks
    given = {"X-Callback-Url": url}
    answer = gateway.call("POST", f"/async-function/stamped{path}", "x", given)
    assert answer[0] == 202
    wait_until(lambda: bool(received))
    assert outcome(gateway, answer[1]["x-call-id"])["state"] == "failed"
    [(_, fields, _)] = received
    assert fields["x-function-status"] == status
    assert fields["x-call-id"] == answer[1]["x-call-id"]


@pytest.mark.parametrize("url", ["ftp://x", "nowhere", "http://", "http://h:port/", "http://h:0/"])
def test_a_bad_callback_address_is_400_and_nothing_is_queued(
    gateway: Any, fn: str, url: str
) -> None:
    given = {"X-Callback-Url": url, "X-Call-Id": "never-queued"}
    assert gateway.call("POST", "/async-function/stamped/made", "x", given)[0] == 400
    assert gateway.ask("GET", "/async-function/never-queued")[0] == 404


def test_a_callback_that_nobody_takes_is_counted_and_the_call_not_repeated(
    gateway: Any, fn: str
) -> None:
    given = {"X-Callback-Url": "http://127.0.0.1:1/"}
    answer = gateway.call("POST", "/async-function/stamped/made", "x", given)
    assert outcome(gateway, answer[1]["x-call-id"])["status"] == 201
    name = 'gateway_async_callbacks_failed{function_name="stamped"} 1.0'
    wait_until(lambda: name in gateway.metrics())


@pytest.mark.parametrize("path", ["/worker.js", "/deep/worker.js?worker", "?worker", "/?worker"])
def test_a_service_worker_is_kept_to_its_function_s_own_path(
    gateway: Any, fn: str, path: str
) -> None:
    """Its origin is that of every function and of the gateway, for which it must not answer.

    Without the field a script at /function/NAME itself would reach all of /function/.
    """
    _, headers, _ = gateway.call("GET", fn + path, None, {"Service-Worker": "script"})
    assert headers["service-worker-allowed"] == f"{fn}/"
    assert "service-worker-allowed" not in gateway.call("GET", fn + path)[1]


def test_at_its_own_host_a_function_says_how_far_its_service_worker_reaches(
    gateway: Any, fn: str
) -> None:
    name = fn.rpartition("/")[2]
    fields = {"Host": f"{name}.openfaas-fn.localhost:{gateway.port}", "Service-Worker": "script"}
    _, headers, _ = gateway.call("GET", "/worker.js", None, fields)
    assert headers["service-worker-allowed"] == "/"
