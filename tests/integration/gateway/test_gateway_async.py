"""Asynchronous calls: accepted means carried out, whatever dies."""

import contextlib
import json
import signal
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.support.processes import wait_until

QUICK = {"com.openfaas.retry.min_wait": "50ms", "com.openfaas.retry.max_wait": "100ms"}


def notes(path: Path) -> Counter[str]:
    if not path.exists():
        return Counter()
    *lines, _ = path.read_text().split("\n")  # the last may not be written yet
    return Counter(line.split()[1] for line in lines)


def send(gateway: Any, name: str, path: Path, first: int, count: int) -> None:
    """Sends numbered calls over one connection; each must be accepted."""
    with contextlib.closing(gateway.connection()) as connection:
        for number in range(first, first + count):
            connection.request("POST", f"/async-function/{name}/note?file={path}", str(number))
            answer = connection.getresponse()
            assert answer.status == 202, answer.read()
            assert answer.getheader("X-Call-Id")
            answer.read()


@pytest.fixture
def own_gateway_and_broker(own_broker: Any, own_gateway: Any) -> tuple[Any, Any]:
    own_gateway.signal(signal.SIGTERM)
    own_gateway.nats_port = own_broker.port
    own_gateway.start()
    return own_gateway, own_broker


def test_a_call_is_carried_out_later(gateway: Any, tmp_path: Path) -> None:
    gateway.deploy("later")
    path = tmp_path / "notes"
    send(gateway, "later", path, 0, 20)
    wait_until(lambda: len(notes(path)) == 20)
    assert set(notes(path).values()) == {1}


def test_a_given_call_id_is_kept_and_may_come_twice(gateway: Any, tmp_path: Path) -> None:
    gateway.deploy("twice")
    path = tmp_path / "notes"
    for body in ("a", "b"):
        headers = {"X-Call-Id": "shared"}
        answer = gateway.call("POST", f"/async-function/twice/note?file={path}", body, headers)
        assert (answer[0], answer[1]["x-call-id"], answer[2]) == (202, "shared", b"")
    wait_until(lambda: set(notes(path)) == {"a", "b"})
    assert {line.split()[0] for line in path.read_text().splitlines()} == {"shared"}


def test_calls_are_tried_again(gateway: Any, tmp_path: Path) -> None:
    gateway.deploy("again", annotations=QUICK)
    path = tmp_path / "tries"
    gateway.call("POST", f"/async-function/again/fail-twice?file={path}")
    wait_until(lambda: path.exists() and path.read_text() == "xxx")


def test_several_run_at_once_within_the_limit(gateway: Any, hold: Any) -> None:
    scale = {"autoscaling.knative.dev/max-scale": "3"}
    gateway.deploy("parallel", containerConcurrency=1, annotations=scale)
    for _ in range(3):
        gateway.call("POST", f"/async-function/parallel{hold.path}")
    hold.wait(3)
    assert gateway.replicas("parallel") == 3


def test_a_call_longer_than_the_ack_wait_runs_once(own_gateway: Any, tmp_path: Path) -> None:
    gateway = own_gateway
    folder = gateway.write_function(
        "long",
        code="import time\n\ndef handle(request):\n"
        "    open(request.args['file'], 'a').write('x')\n    time.sleep(5)\n    return 'done'\n",
    )
    gateway.deploy("long", image=str(folder))
    path = tmp_path / "runs"
    gateway.call("POST", f"/async-function/long/?file={path}")  # the ack wait is 2 s
    log = gateway.folder / "gateway.log"
    wait_until(path.exists)
    wait_until(lambda: _finished(gateway, "long") == 1)
    assert path.read_text() == "x", log.read_text()


def _finished(gateway: Any, name: str) -> float:
    with urlopen(f"http://127.0.0.1:{gateway.metrics_port}/metrics") as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith("gateway_function_invocation_total") and f'"{name}.' in line:
                return float(line.split()[-1])
    return 0


def test_a_hopeless_call_ends_as_a_dead_letter(gateway: Any) -> None:
    gateway.deploy("hopeless", annotations={**QUICK, "com.openfaas.retry.attempts": "2"})
    gateway.call("POST", "/async-function/hopeless/status?code=500")
    wait_until(lambda: '"hopeless"' in _given_up(gateway))


def _given_up(gateway: Any) -> str:
    lines = gateway.log().splitlines()
    return "\n".join(line for line in lines if "queued call given up" in line)


def test_the_outcome_is_posted_back(gateway: Any) -> None:
    gateway.deploy("caller")
    received: list[tuple[dict[str, str], bytes]] = []

    class Callback(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Callback)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        headers = {
            "X-Callback-Url": f"http://127.0.0.1:{server.server_port}/done",
            "X-Call-Id": "c1",
        }
        assert (
            gateway.call("POST", "/async-function/caller/status?code=201", "x", headers)[0] == 202
        )
        wait_until(lambda: bool(received))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    [(head, body)] = received
    assert body == b"as asked"
    assert (head["x-call-id"], head["x-function-name"], head["x-function-status"]) == (
        "c1",
        "caller",
        "201",
    )
    bad = gateway.call("POST", "/async-function/caller/", "x", {"X-Callback-Url": "ftp://x"})
    assert bad[0] == 400


def test_a_kill_of_the_queue_loses_no_accepted_call(
    own_gateway_and_broker: tuple[Any, Any], tmp_path: Path
) -> None:
    gateway, broker = own_gateway_and_broker
    gateway.deploy("durable")
    path = tmp_path / "notes"
    send(gateway, "durable", path, 0, 100)
    broker.kill()
    wait_until(lambda: gateway.call("POST", "/async-function/durable/note", "x")[0] == 503)
    status, _, body = gateway.call("POST", "/async-function/durable/note", "x")
    assert status == 503
    assert "NATS" in json.loads(body)["detail"]
    assert gateway.call("GET", "/function/durable/x")[0] == 200
    broker.start()
    wait_until(lambda: gateway.call("POST", "/async-function/durable/x", "x")[0] == 202)
    send(gateway, "durable", path, 100, 10)
    wait_until(lambda: len(notes(path)) == 110)


def state(gateway: Any, call_id: str) -> str:
    status, found = gateway.ask("GET", f"/async-function/{call_id}")
    assert status == 200, found
    return str(found["state"])


def accepted(gateway: Any, path: str) -> str:
    status, headers, _ = gateway.call("POST", f"/async-function/{path}")
    assert status == 202
    return str(headers["x-call-id"])


def test_state_and_result_can_be_asked_for(gateway: Any) -> None:
    gateway.deploy("asked")
    done = accepted(gateway, "asked/status?code=201")
    wait_until(lambda: state(gateway, done) == "succeeded")
    shown = gateway.ask("GET", f"/async-function/{done}")[1]
    assert (shown["status"], shown["body"]) == (201, "as asked")
    failed = accepted(gateway, "asked/status?code=400")
    wait_until(lambda: state(gateway, failed) == "failed")
    assert gateway.ask("GET", "/async-function/no-such-call")[0] == 404


def test_calls_can_be_cancelled(gateway: Any, hold: Any, tmp_path: Path) -> None:
    scale = {"autoscaling.knative.dev/max-scale": "1"}
    gateway.deploy("stopped", containerConcurrency=1, annotations=scale)
    running = accepted(gateway, f"stopped{hold.path}")
    hold.wait(1)
    waiting = accepted(gateway, f"stopped/note?file={tmp_path}/notes")
    assert state(gateway, running) == "running"
    assert state(gateway, waiting) == "queued"
    for call in (waiting, running):
        assert gateway.ask("DELETE", f"/async-function/{call}")[0] == 202
    wait_until(lambda: {state(gateway, waiting), state(gateway, running)} == {"cancelled"})
    hold.let_go()
    after = accepted(gateway, "stopped/x")
    wait_until(lambda: state(gateway, after) == "succeeded")
    assert not (tmp_path / "notes").exists()
    assert gateway.ask("DELETE", "/async-function/no-such-call")[0] == 404
