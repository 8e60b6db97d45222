"""Replicas that hang, and calls that run over their time: replaced, and nobody waits for it."""

import http.client
import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from emulators.gateway.service.deployments.stalls import PATIENCE
from tests.integration.gateway.conftest import Broker, Gateway
from tests.support.processes import alive, wait_until

PERIOD, FAILURES, GRACE = 0.4, 5, 1.0
LIMIT = 30.0  # seconds that a call may take on a busy machine; what hangs would take for ever
FUNCTION = r"""
import os, re, time
import flask

def handle(request):
    if request.path == "/pid":
        return str(os.getpid())
    if request.path == "/hold-the-lock":  # a match that takes years, in which no other thread runs
        open(request.args["file"], "a").close()
        re.match(r"(a+)+$", "a" * 60 + "b")
    if request.path == "/loop":
        open(request.args["file"], "a").close()
        while True:
            pass
    if request.path == "/compute":  # takes its time, and gives up the lock now and then
        end, total = time.monotonic() + float(request.args["s"]), 0
        while time.monotonic() < end:
            total += sum(range(200_000))
        return str(os.getpid())
    if request.path == "/sleep":
        if "file" in request.args:
            open(request.args["file"], "a").close()
        time.sleep(float(request.args["s"]))
        return str(os.getpid())
    if request.path == "/stream":
        def pieces():
            while True:
                yield "x"
                time.sleep(0.1)
        return flask.Response(pieces())
    return "answered"
"""
PROGRAM = """
import http.server, os, time

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/sleep"):
            time.sleep(float(self.path.partition("s=")[2]))
        if self.path == "/loop":
            while True:
                pass
        status = 500 if os.path.exists(HUNG) and self.path == "/health" else 200
        content = str(os.getpid()).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def watchful(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that loses patience soon."""
    gateway = Gateway(tmp_path_factory.mktemp("watchful"), broker.port)
    gateway.env |= {
        "GATEWAY_LIVENESS_PERIOD": str(PERIOD),
        "GATEWAY_LIVENESS_FAILURES": str(FAILURES),
        "GATEWAY_OVERTIME_GRACE": str(GRACE),
    }
    gateway.start()
    yield gateway
    gateway.end()


ALWAYS_ONE = {"autoscaling.knative.dev/min-scale": "1"}


def deploy(gateway: Gateway, name: str, threads: int = 4, **spec: Any) -> int:
    """Deploys the function; the pid of its replica."""
    image = str(gateway.write_function(name, code=FUNCTION))
    container = {"env": [{"name": "THREADS", "value": str(threads)}]}
    spec.setdefault("annotations", ALWAYS_ONE)
    gateway.deploy_ready(name, image=image, container=container, **spec)
    return pid_of(gateway, name)


def pid_of(gateway: Gateway, name: str) -> int:
    status, _, body = gateway.call("GET", f"/function/{name}/pid")
    assert status == 200, body
    return int(body)


def program(gateway: Gateway, name: str, hung: Path, **container: Any) -> int:
    folder = gateway.folder / name
    folder.mkdir()
    (folder / "serve.py").write_text(f"HUNG = {str(hung)!r}\n{PROGRAM}")
    container["command"] = ["python", "serve.py"]
    gateway.deploy_ready(
        name, image=str(folder), annotations=ALWAYS_ONE, container=container, timeoutSeconds=600
    )
    return pid_of(gateway, name)


def replaced(gateway: Gateway, name: str, old: int) -> None:
    wait_until(lambda: not alive(old), what="the end of what hung")
    assert pid_of(gateway, name) != old


def deaths(gateway: Gateway, name: str) -> dict[str, float]:
    """What the metrics say, by cause."""
    pattern = rf'gateway_replica_deaths_total{{cause="([^"]+)",function_name="{name}\.[^"]+"}} (.+)'
    return {cause: float(count) for cause, count in re.findall(pattern, gateway.metrics())}


def events(gateway: Gateway, name: str) -> list[dict[str, Any]]:
    items = gateway.ask("GET", "/api/v1/events")[1]["items"]
    return [item for item in items if item["involvedObject"]["name"] == name]


def in_background(work: Callable[[], Any]) -> Any:
    pool = ThreadPoolExecutor(1)
    future = pool.submit(work)
    pool.shutdown(wait=False)
    return future


def test_a_stopped_replica_is_replaced_and_its_calls_end(watchful: Gateway, tmp_path: Path) -> None:
    pid = deploy(watchful, "stopped")
    path = f"/function/stopped/sleep?s=30&file={tmp_path / 'begun'}"
    call = in_background(lambda: watchful.call("POST", path, b"x"))
    wait_until((tmp_path / "begun").exists)
    os.kill(pid, signal.SIGSTOP)
    status, _, body = call.result(LIMIT)
    assert status == 502
    assert b"did not answer for 2 s and was killed" in body
    replaced(watchful, "stopped", pid)
    assert deaths(watchful, "stopped") == {"hung": 1.0}
    (event,) = events(watchful, "stopped")
    assert event["reason"] == "ReplicaHung"


def test_a_call_that_keeps_the_lock_is_ended_with_its_replica(
    watchful: Gateway, tmp_path: Path
) -> None:
    pid = deploy(watchful, "locked")
    path = f"/function/locked/hold-the-lock?file={tmp_path / 'begun'}"
    call = in_background(lambda: watchful.call("GET", path))
    wait_until((tmp_path / "begun").exists)
    others = [in_background(lambda: watchful.call("GET", "/function/locked/")) for _ in range(3)]
    status, _, body = call.result(LIMIT)
    assert (status, b"was killed" in body) == (502, True)
    replaced(watchful, "locked", pid)
    for other in others:
        assert other.result(LIMIT)[0] in (200, 502)  # those that it held end, none waits on
    assert watchful.call("GET", "/function/locked/")[2] == b"answered"
    assert deaths(watchful, "locked") == {"hung": 1.0}


def test_new_calls_pass_a_replica_by_that_does_not_answer(watchful: Gateway) -> None:
    pid = deploy(watchful, "passed")
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: watchful.replicas("passed") == 0 or pid_is_other(watchful, "passed", pid))
    began = time.monotonic()
    assert pid_of(watchful, "passed") != pid
    assert time.monotonic() - began < LIMIT
    replaced(watchful, "passed", pid)


def pid_is_other(gateway: Gateway, name: str, pid: int) -> bool:
    pods = gateway.ask("GET", "/api/v1/pods")[1]["items"]
    mine = [p for p in pods if p["metadata"]["labels"]["serving.knative.dev/service"] == name]
    return len(mine) > 1


@pytest.mark.parametrize("work", ["compute", "sleep"])
def test_a_busy_replica_is_left_in_peace(watchful: Gateway, work: str) -> None:
    """Its every thread works for longer than a replica that hangs would live."""
    name = f"busy-{work}"
    pid = deploy(watchful, name, threads=2, containerConcurrency=2, annotations={
        "autoscaling.knative.dev/max-scale": "1", **ALWAYS_ONE})  # fmt: skip
    seconds = PERIOD * FAILURES * 3
    with ThreadPoolExecutor(2) as pool:
        calls = [
            pool.submit(watchful.call, "GET", f"/function/{name}/{work}?s={seconds}")
            for _ in range(2)
        ]
        answers = [call.result(LIMIT) for call in calls]
    assert [(status, body) for status, _, body in answers] == [(200, str(pid).encode())] * 2
    assert pid_of(watchful, name) == pid
    assert deaths(watchful, name) == {}


def test_a_stopped_program_is_replaced(watchful: Gateway, tmp_path: Path) -> None:
    pid = program(watchful, "still", tmp_path / "hung")
    os.kill(pid, signal.SIGSTOP)
    replaced(watchful, "still", pid)
    assert deaths(watchful, "still") == {"hung": 1.0}


@pytest.mark.parametrize("kind", ["livenessProbe", "readinessProbe"])
def test_a_busy_program_is_not_asked(watchful: Gateway, tmp_path: Path, kind: str) -> None:
    """It has one thread, which answers no probe while it works."""
    probe = {"httpGet": {"path": "/health"}, "periodSeconds": 1, "timeoutSeconds": 1}
    name = f"single-{kind[:5].lower()}"
    pid = program(watchful, name, tmp_path / "hung", **{kind: probe})
    assert watchful.call("GET", f"/function/{name}/sleep?s=5")[2] == str(pid).encode()
    assert pid_of(watchful, name) == pid
    assert deaths(watchful, name) == {}


def test_a_liveness_probe_that_fails_replaces_an_idle_program(
    watchful: Gateway, tmp_path: Path
) -> None:
    probe = {"httpGet": {"path": "/health"}, "periodSeconds": 1, "failureThreshold": 2}
    pid = program(watchful, "sick", tmp_path / "hung", livenessProbe=probe)
    (tmp_path / "hung").touch()
    wait_until(lambda: not alive(pid), what="the end of the sick program")
    (tmp_path / "hung").unlink()
    wait_until(lambda: watchful.replicas("sick") > 0, what="a new one")


def test_a_program_that_loops_while_idle_fails_its_readiness_probe(
    watchful: Gateway, tmp_path: Path
) -> None:
    probe = {"httpGet": {"path": "/health"}, "periodSeconds": 1, "timeoutSeconds": 1}
    pid = program(watchful, "idle-loop", tmp_path / "hung", readinessProbe=probe)
    with closing(watchful.connection()) as connection:
        connection.request("GET", "/function/idle-loop/loop")
        time.sleep(PERIOD)  # then the caller is gone, and the loop is not
    replaced(watchful, "idle-loop", pid)


def test_wrong_liveness_probes_are_refused(watchful: Gateway) -> None:
    image = str(watchful.write_function("misread", code=FUNCTION))
    for field in ("periodSeconds", "timeoutSeconds", "failureThreshold"):
        container = {"image": image, "livenessProbe": {"httpGet": {"path": "/"}, field: -1}}
        service = {
            "apiVersion": "serving.knative.dev/v1", "kind": "Service",
            "metadata": {"name": "misread"},
            "spec": {"template": {"spec": {"containers": [container]}}},
        }  # fmt: skip
        status, told = watchful.ask(
            "POST", "/apis/serving.knative.dev/v1/namespaces/default/services", service
        )
        assert status == 400
        assert f"livenessProbe.{field}" in told["message"]


def test_a_call_over_its_time_costs_its_replica_and_nobody_else(
    watchful: Gateway, tmp_path: Path
) -> None:
    """Others on the replica finish, others still are answered by the next one."""
    pid = deploy(watchful, "endless", timeoutSeconds=2)
    path = f"/function/endless/loop?file={tmp_path / 'begun'}"
    began = time.monotonic()
    call = in_background(lambda: watchful.call("POST", path, b"x"))
    wait_until((tmp_path / "begun").exists)
    beside = []
    while time.monotonic() - began < 2 + GRACE + 2:
        at = time.monotonic()
        status, _, body = watchful.call("POST", "/function/endless/pid", b"x")
        beside.append(time.monotonic() - at)
        assert status == 200, body
        time.sleep(0.05)
    assert call.result(LIMIT)[0] == 504
    assert max(beside) < 2 + GRACE + LIMIT / 10
    replaced(watchful, "endless", pid)
    assert deaths(watchful, "endless") == {"overtime": 1.0}
    (event,) = events(watchful, "endless")
    assert event["reason"] == "ReplicaOvertime"
    assert "went on with a call whose time was over" in event["message"]


def test_a_call_that_ends_soon_after_its_time_costs_nothing(watchful: Gateway) -> None:
    pid = deploy(watchful, "tardy", timeoutSeconds=1)
    assert watchful.call("GET", "/function/tardy/sleep?s=1.8")[0] == 504
    time.sleep(GRACE * 2)
    assert pid_of(watchful, "tardy") == pid
    assert deaths(watchful, "tardy") == {}


def test_what_the_replica_holds_beside_is_finished_first(watchful: Gateway, tmp_path: Path) -> None:
    pid = deploy(watchful, "beside", timeoutSeconds=3)
    path = f"/function/beside/loop?file={tmp_path / 'begun'}"
    call = in_background(lambda: watchful.call("GET", path))
    wait_until((tmp_path / "begun").exists)
    time.sleep(2)
    held = in_background(lambda: watchful.call("POST", "/function/beside/sleep?s=2.5", b"x"))
    assert call.result(LIMIT)[0] == 504
    status, _, body = held.result(LIMIT)
    assert (status, body) == (200, str(pid).encode())
    replaced(watchful, "beside", pid)


def test_others_are_answered_by_another_replica_while_the_only_thread_of_one_loops(
    watchful: Gateway, tmp_path: Path
) -> None:
    """Long before the loop's time is over."""
    pid = deploy(watchful, "poisoned", threads=1, timeoutSeconds=60)
    path = f"/function/poisoned/loop?file={tmp_path / 'begun'}"
    with closing(watchful.connection()) as connection:
        connection.request("POST", path, b"x")
        wait_until((tmp_path / "begun").exists)
        time.sleep(PATIENCE + 1.5)  # it is looked at twice a second
        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            calls = [
                pool.submit(watchful.call, "POST", "/function/poisoned/pid", b"x")
                for _ in range(200)
            ]
            pids = {(call.result()[0], call.result()[2]) for call in calls}
        assert time.monotonic() - began < LIMIT
        assert len(pids) == 1
        assert pids != {(200, str(pid).encode())}
        assert next(iter(pids))[0] == 200
        time.sleep(4.5)  # two ticks of the autoscaler later the other one still is there
        assert watchful.call("POST", "/function/poisoned/pid", b"x")[0] == 200
        assert watchful.replicas("poisoned") == 2


def test_a_replica_that_stalled_for_a_caller_who_left_works_on(watchful: Gateway) -> None:
    pid = deploy(watchful, "resumed", threads=1, timeoutSeconds=60, annotations={
        "autoscaling.knative.dev/max-scale": "1", **ALWAYS_ONE})  # fmt: skip
    seconds = PATIENCE + 4
    with closing(watchful.connection()) as connection:
        connection.request("GET", f"/function/resumed/sleep?s={seconds}")
        time.sleep(PATIENCE + 1.5)
    began = time.monotonic()
    assert pid_of(watchful, "resumed") == pid
    assert time.monotonic() - began < LIMIT


def test_with_its_only_thread_lost_a_replica_ends_at_once(
    watchful: Gateway, tmp_path: Path
) -> None:
    """What waits behind it is answered by another where it can be repeated, else told at once."""
    pid = deploy(watchful, "narrow", threads=1, timeoutSeconds=3)
    path = f"/function/narrow/loop?file={tmp_path / 'begun'}"
    call = in_background(lambda: watchful.call("GET", path))
    wait_until((tmp_path / "begun").exists)
    time.sleep(1.5)  # so that those behind it would have time left when the first has none
    began = time.monotonic()
    repeated = in_background(lambda: watchful.call("GET", "/function/narrow/"))
    told = in_background(lambda: watchful.call("POST", "/function/narrow/", b"x"))
    assert call.result(LIMIT)[0] == 504
    assert repeated.result(LIMIT)[2] == b"answered"
    status, _, body = told.result(LIMIT)
    assert (status, b"whose time was over" in body) == (502, True)
    assert time.monotonic() - began < LIMIT / 10 + 1.5 + GRACE
    replaced(watchful, "narrow", pid)


def test_a_call_whose_caller_is_gone_costs_its_replica_too(
    watchful: Gateway, tmp_path: Path
) -> None:
    pid = deploy(watchful, "left-alone", threads=1, timeoutSeconds=1)
    with closing(watchful.connection()) as connection:
        connection.request("GET", f"/function/left-alone/loop?file={tmp_path / 'begun'}")
        wait_until((tmp_path / "begun").exists)
    replaced(watchful, "left-alone", pid)
    assert deaths(watchful, "left-alone") == {"overtime": 1.0}


def test_an_answer_that_has_begun_is_cut_off_and_its_replica_stays(watchful: Gateway) -> None:
    pid = deploy(watchful, "streaming", timeoutSeconds=1)
    with closing(watchful.connection()) as connection:
        connection.request("GET", "/function/streaming/stream")
        answer = connection.getresponse()
        assert answer.status == 200
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            answer.read()
    time.sleep(GRACE * 2)
    assert pid_of(watchful, "streaming") == pid


def test_a_replica_that_dies_says_so(watchful: Gateway) -> None:
    code = (
        "import os, signal, sys\n\ndef handle(request):\n"
        "    print('the last words', flush=True)\n"
        "    if request.path == '/exit':\n        os._exit(3)\n"
        "    if request.path == '/segv':\n        signal.raise_signal(11)\n"
        "    return 'fine'\n"
    )
    image = str(watchful.write_function("mortal", code=code))
    watchful.deploy_ready("mortal", image=image)
    assert watchful.call("POST", "/function/mortal/exit", b"x")[0] == 502
    wait_until(lambda: deaths(watchful, "mortal") == {"status 3": 1.0})
    assert watchful.call("POST", "/function/mortal/segv", b"x")[0] == 502
    wait_until(lambda: deaths(watchful, "mortal") == {"status 3": 1.0, "SIGSEGV": 1.0})
    texts = [line.split(" ", 2)[2] for line in log_of(watchful, "mortal")]
    ends = [text for text in texts if text.startswith("[gateway] ")]
    assert re.search(r"mortal-00001-\w+ ended with status 3$", ends[0])
    assert re.search(r"mortal-00001-\w+ was ended by SIGSEGV$", ends[1])
    first, second = events(watchful, "mortal")
    assert (first["reason"], first["type"]) == ("ReplicaDied", "Warning")
    assert "ended with status 3" in first["message"]
    assert "the last words" in first["message"]
    assert "SIGSEGV" in second["message"]
    told = [json.loads(line) for line in watchful.log().splitlines() if line.startswith("{")]
    died = [line for line in told if line.get("event") == "replica died" and "mortal" in str(line)]
    assert [line["cause"] for line in died] == ["status 3", "SIGSEGV"]
    assert died[0]["lines"] == ["the last words"]


def log_of(gateway: Gateway, name: str) -> list[str]:
    return (gateway.data / "logs" / f"{name}.log").read_text().splitlines()


def test_a_replica_that_is_let_go_is_no_death(watchful: Gateway) -> None:
    deploy(watchful, "leaving", annotations={})
    watchful.scale("leaving", 0)
    assert deaths(watchful, "leaving") == {}
    assert events(watchful, "leaving") == []
