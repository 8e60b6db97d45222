"""Calls of functions through the gateway: bodies, headers, streams, scale from zero."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import received, received_until_closed


@pytest.fixture(scope="module")
def fn(gateway: Any) -> str:
    gateway.deploy("calls")
    return "/function/calls"


def test_a_call_scales_from_zero(gateway: Any, fn: str) -> None:
    gateway.scale("calls", 0)
    status, _, body = gateway.call("GET", fn + "/x")
    assert (status, body) == (200, b"version 1 /x")
    assert gateway.replicas("calls") == 1


def test_every_spelling_of_the_address_works(gateway: Any, fn: str) -> None:
    for path in (fn, fn + ".openfaas-fn/", fn + ".default?x"):
        assert gateway.call("GET", path)[2] == b"version 1 /"
    for host in ("calls.default.localhost", f"calls.openfaas-fn.localhost:{gateway.port}"):
        assert gateway.call("GET", "/y", headers={"Host": host})[2] == b"version 1 /y"


def test_headers_of_the_contract(gateway: Any, fn: str) -> None:
    given = {"X-Call-Id": "mine", "X-Forwarded-For": "9.9.9.9"}
    given |= {"Connection": "x-secret", "X-Secret": "1"}
    _, answer, body = gateway.call("GET", fn + "/headers", headers=given)
    seen = {key.lower(): value for key, value in json.loads(body).items()}
    assert answer["x-call-id"] == seen["x-call-id"] == "mine"
    assert seen["x-forwarded-for"] == "9.9.9.9, 127.0.0.1"
    assert seen["x-forwarded-host"] == seen["host"] == f"127.0.0.1:{gateway.port}"
    assert seen["x-forwarded-proto"] == "http"
    assert answer["x-start-time"] == seen["x-start-time"]
    assert float(answer["x-duration-seconds"]) > 0
    assert "x-secret" not in seen
    assert len(gateway.call("GET", fn)[1]["x-call-id"]) == 36


@pytest.mark.parametrize("size", [0, 1, 16 * 1024, 3_000_001])
def test_bodies_go_both_ways(gateway: Any, fn: str, size: int) -> None:
    body = os.urandom(size)
    assert gateway.call("POST", fn + "/echo", body)[2] == body
    chunks = iter([body[: size // 2], body[size // 2 :]] if size > 1 else [body or b"x"])
    expected = body if size > 1 else body or b"x"
    assert gateway.call("POST", fn + "/echo", chunks)[2] == expected


def test_a_large_body_uses_little_memory(gateway: Any, fn: str) -> None:
    def resident() -> int:
        text = Path(f"/proc/{gateway.process.pid}/statm").read_text()
        return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")

    before = resident()
    pieces = (b"x" * 65536 for _ in range(1600))
    assert gateway.call("POST", fn + "/size", pieces)[2] == b"104857600"
    assert len(gateway.call("GET", fn + "/big?n=1600")[2]) == 104857600
    assert resident() - before < 24 << 20


def test_events_are_not_held_back(gateway: Any, fn: str, hold: Any) -> None:
    with contextlib.closing(gateway.connection()) as connection:
        connection.request("GET", f"{fn}/events?file={hold.file}")
        answer = connection.getresponse()
        assert answer.readline() == b"data: 0\n"  # while the function waits with the others
        hold.let_go()
        assert answer.read().count(b"data:") == 2


def test_answers_without_a_body_keep_the_connection(gateway: Any, fn: str) -> None:
    with contextlib.closing(gateway.connection()) as connection:
        for method, path, status in (
            ("HEAD", "/x", 200),
            ("GET", "/empty", 204),
            ("HEAD", "/big?n=2", 200),
            ("GET", "/x", 200),
        ):
            connection.request(method, fn + path)
            answer = connection.getresponse()
            assert answer.status == status
            answer.read()
            assert connection.sock is not None, path


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS", "TRACE", "QUERY", "GET"])
@pytest.mark.parametrize(("size", "times"), [(2_000_000, 5), (20, 400)])
def test_an_early_refusal_reaches_a_client_that_still_sends(
    gateway: Any, fn: str, method: str, size: int, times: int
) -> None:
    line, content = gateway.connection(), os.urandom(size)
    for _ in range(times):
        line.request(method, fn + "/refuse", content)  # whose head goes first, by itself
        answer = line.getresponse()
        assert (answer.status, answer.read()) == (422, b"no")
    line.close()


def test_pipelined_requests_are_answered_in_order(gateway: Any, fn: str) -> None:
    targets = [f"{fn}/sleep?s=0.2", f"{fn}/a", "/function/none", f"{fn}/b"]
    with socket.create_connection(("127.0.0.1", gateway.port)) as raw:
        requests = [f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n" for target in targets]
        raw.sendall("".join(requests).encode() + b"BAD\r\n\r\n")
        seen = received_until_closed(raw)
    assert re.findall(rb"HTTP/1.1 (\d+)", seen) == [b"200", b"200", b"404", b"200", b"400"]
    assert seen.index(b"/a") < seen.index(b"/b")


def test_http_1_0_gets_no_chunks(gateway: Any, fn: str) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port)) as raw:
        raw.sendall(f"GET {fn}/big?n=2 HTTP/1.0\r\n\r\n".encode())
        seen = received_until_closed(raw)
    head, _, body = seen.partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert body == b"x" * 131072


def test_expect_100_continue(gateway: Any, fn: str) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port)) as raw:
        head = f"POST {fn}/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
        raw.sendall(head.encode() + b"Expect: 100-continue\r\n\r\n")
        assert received(raw, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        raw.sendall(b"ok")
        assert received(raw, b"\r\n\r\nok").startswith(b"HTTP/1.1 200 ")


def test_unknown_functions_are_named(gateway: Any) -> None:
    status, _, body = gateway.call("GET", "/function/nothing-here/x")
    assert status == 404
    assert "nothing-here" in json.loads(body)["detail"]
    assert gateway.call("POST", "/async-function/nothing-here")[0] == 404


def test_a_dead_replica_costs_only_what_it_held(
    gateway: Any, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    gateway.deploy("mortal")
    assert gateway.call("POST", "/function/mortal/die")[0] == 502
    assert gateway.call("GET", "/function/mortal/x")[0] == 200
    # A GET is tried once more, on another replica.
    for number in range(10):  # on a connection that has carried calls, too
        status, _, body = gateway.call("GET", f"/function/mortal/die-once?file={tmp_path}/{number}")
        assert (status, body) == (200, b"second time")
    assert gateway.call("GET", "/function/mortal/die")[0] == 502
    pid = int(gateway.call("GET", "/function/mortal/pid")[2])
    os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    assert gateway.call("GET", "/function/mortal/x")[0] == 200
    took = (time.monotonic() - began) * 1000
    figure(f"kill -9 of a replica: the next call is answered after {took:.0f} ms")


def test_limits_on_concurrency_hold(gateway: Any) -> None:
    scale = {"autoscaling.knative.dev/max-scale": "2"}
    gateway.deploy("narrow", containerConcurrency=1, annotations=scale)
    began, pids = time.monotonic(), []

    def ask() -> None:
        pids.append(gateway.call("GET", "/function/narrow/sleep?s=0.3")[2])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pids) == 4
    assert len(set(pids)) <= 2
    assert time.monotonic() - began >= 0.6


def test_a_function_that_does_not_start_says_why(gateway: Any) -> None:
    folder = gateway.write_function("broken", code="import nothing_of_the_kind\n")
    gateway.deploy("broken", image=str(folder))
    status, _, body = gateway.call("GET", "/function/broken/")
    assert status == 503
    assert "nothing_of_the_kind" in json.loads(body)["detail"]
    assert gateway.ready("broken") == "False"


def test_time_is_limited(gateway: Any, hold: Any) -> None:
    gateway.deploy_ready("slow", timeoutSeconds=1)
    status, _, body = gateway.call("GET", f"/function/slow{hold.path}")
    assert status == 504  # the function itself never answers
    assert b"in time" in body


def test_metrics_have_the_public_names(gateway: Any, fn: str) -> None:
    gateway.call("GET", fn + "/status?code=418")
    with contextlib.closing(socket.create_connection(("127.0.0.1", gateway.metrics_port))) as raw:
        raw.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        text = received_until_closed(raw)
    for line in (
        b"# TYPE gateway_functions_seconds histogram",
        b'_seconds_bucket{code="418",function_name="calls.openfaas-fn",le="+Inf"} 1.0',
        b'gateway_functions_seconds_sum{code="418",function_name="calls.openfaas-fn"} 0.',
        b"# TYPE gateway_function_invocation_total counter",
        b'gateway_function_invocation_total{code="418",function_name="calls.openfaas-fn"} 1.0',
        b'gateway_functions_seconds_count{code="418",function_name="calls.openfaas-fn"} 1.0',
        b'gateway_function_invocation_started{function_name="calls.openfaas-fn"}',
        b'gateway_service_count{function_name="calls.openfaas-fn"} 1.0',
    ):
        assert line in text


@pytest.mark.parametrize(
    ("method", "path", "host"),
    [
        ("GET", "/function/calls/", "localhost"),
        ("GET", "/", "calls.default"),
        ("GET", "/", "calls.default.localhost"),
        ("POST", "/async-function/calls/", "localhost"),
    ],
)
def test_functions_are_not_called_at_the_metrics_port(
    gateway: Any, fn: str, method: str, path: str, host: str
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", gateway.metrics_port, timeout=10)
    with contextlib.closing(connection):
        connection.request(method, path, headers={"Host": host})
        assert connection.getresponse().status == (421 if host == "calls.default" else 404)


def test_waiting_for_a_function_that_never_is_ready_has_an_end(
    own_gateway: Any, figure: Callable[[str], None]
) -> None:
    own_gateway.signal(signal.SIGTERM)
    own_gateway.env["GATEWAY_START_LIMIT"] = "2"
    own_gateway.start()
    code = "import time\n\ntime.sleep(1000)\n"
    own_gateway.deploy("never", image=str(own_gateway.write_function("never", code=code)))
    began = time.monotonic()
    status, _, body = own_gateway.call("GET", "/function/never/")
    assert status == 503
    assert b"never" in body
    took = time.monotonic() - began
    figure(f"a function that is never ready: 503 after {took:.1f} s (the limit is 2 s)")
    assert took < 40  # without the setting it would be 60
