"""Probes of a container: when its replica gets calls, and when it is replaced."""

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import alive, free_port, wait_until

# Each path answers 200 while a file of its name is there, 503 else; what is asked is noted.
FUNCTION = """
import os, time, flask

def handle(request):
    folder, name = os.environ["SWITCHES"], request.path.strip("/")
    if name == "hold":
        with open(request.args["file"] + ".begun", "a") as file:
            file.write("x")
        while not os.path.exists(request.args["file"]):
            time.sleep(0.01)
        return "held"
    if name in ("pid", ""):
        return str(os.getpid())
    with open(os.path.join(folder, "asked"), "a") as file:
        file.write(f"{name} {request.headers.get('X-Key', '')}\\n")
    return flask.Response(status=200 if os.path.exists(os.path.join(folder, name)) else 503)
"""
PROGRAM = """
import http.server, os, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        folder, name = os.environ["SWITCHES"], self.path.strip("/")
        fine = name in ("pid", "") or os.path.exists(os.path.join(folder, name))
        if name not in ("pid", ""):
            with open(os.path.join(folder, "asked"), "a") as file:
                file.write(f"{name} {self.headers.get('X-Key', '')}\\n")
        content = str(os.getpid()).encode()
        self.send_response(200 if fine else 503)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

def serve(port):
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()

if "BESIDE" in os.environ:
    threading.Thread(target=serve, args=(int(os.environ["BESIDE"]),), daemon=True).start()
serve(int(os.environ["PORT"]))
"""
RUNTIMES = ("function", "program")
ONE = {"autoscaling.knative.dev/min-scale": "1", "autoscaling.knative.dev/max-scale": "1"}


class Switches:
    """What a replica answers its probes, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def turn(self, name: str, *, on: bool) -> None:
        if on:
            (self.folder / name).touch()
        else:
            (self.folder / name).unlink()

    def asked(self, name: str) -> int:
        file = self.folder / "asked"
        lines = file.read_text().splitlines() if file.exists() else []
        return sum(line.split(" ")[0] == name for line in lines)


@pytest.fixture
def switches(tmp_path: Path) -> Switches:
    return Switches(tmp_path)


def deploy(
    gateway: Any, name: str, runtime: str, switches: Switches, *, env: Any = (), **probes: Any
) -> None:
    folder = gateway.folder / name
    folder.mkdir(exist_ok=True)
    env = [{"name": "SWITCHES", "value": str(switches.folder)}, *env]
    container: dict[str, Any] = {"env": env, **probes}
    if runtime == "function":
        (folder / "main.py").write_text(FUNCTION)
    else:
        (folder / "serve.py").write_text(PROGRAM)
        container["command"] = ["python", "serve.py"]
    gateway.deploy(name, image=str(folder), container=container, annotations=ONE)


def pid_of(gateway: Any, name: str) -> int:
    status, _, body = gateway.call("GET", f"/function/{name}/pid")
    assert status == 200, body
    return int(body)


def in_background(work: Callable[[], Any]) -> list[Any]:
    found: list[Any] = []
    threading.Thread(target=lambda: found.append(work())).start()
    return found


def http_get(path: str, **more: Any) -> dict[str, Any]:
    return {"httpGet": {"path": path, **more.pop("http", {})}, **more}


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_startup_comes_first_and_readiness_decides(
    gateway: Any, switches: Switches, runtime: str
) -> None:
    name = f"gated-{runtime}"
    probes = {
        "startupProbe": http_get("/started", http={"port": 8080}, failureThreshold=30),
        "readinessProbe": http_get("/ready", periodSeconds=1),
        "livenessProbe": http_get("/lively", periodSeconds=1, failureThreshold=1),
    }
    switches.turn("lively", on=True)
    deploy(gateway, name, runtime, switches, **probes)
    wait_until(lambda: switches.asked("started") >= 3, what="questions whether it has started")
    assert (switches.asked("ready"), switches.asked("lively")) == (0, 0)
    switches.turn("started", on=True)
    wait_until(lambda: switches.asked("ready") >= 3, what="questions whether it is ready")
    asked = switches.asked("started")
    assert gateway.replicas(name) == 0
    answers = in_background(lambda: pid_of(gateway, name))
    wait_until(lambda: switches.asked("ready") >= 6, what="more questions")
    assert answers == []
    switches.turn("ready", on=True)
    wait_until(lambda: bool(answers), what="the answer")
    wait_until(lambda: switches.asked("lively") >= 2, what="questions whether it lives")
    assert switches.asked("started") == asked
    assert pid_of(gateway, name) == answers[0]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_one_that_is_not_ready_any_more_gets_no_calls_until_it_is(
    gateway: Any, switches: Switches, runtime: str
) -> None:
    name = f"moody-{runtime}"
    switches.turn("ready", on=True)
    probe = http_get("/ready", periodSeconds=1, failureThreshold=2, successThreshold=2)
    deploy(gateway, name, runtime, switches, readinessProbe=probe)
    pid = pid_of(gateway, name)
    switches.turn("ready", on=False)
    asked = switches.asked("ready")
    wait_until(lambda: gateway.replicas(name) == 0, what="no replica that is ready")
    assert switches.asked("ready") >= asked + 2
    answers = in_background(lambda: pid_of(gateway, name))
    asked = switches.asked("ready")
    wait_until(lambda: switches.asked("ready") >= asked + 2)
    assert answers == []
    (pod,) = pods_of(gateway, name)
    assert pod["status"]["conditions"] == [{"type": "Ready", "status": "False"}]
    switches.turn("ready", on=True)
    wait_until(lambda: bool(answers), what="the answer")
    assert answers == [pid]  # it was not replaced
    assert gateway.replicas(name) == 1


def pods_of(gateway: Any, name: str) -> Any:
    query = f"labelSelector=serving.knative.dev/service={name}"
    return gateway.ask("GET", f"/api/v1/namespaces/default/pods?{query}")[1]["items"]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_one_that_fails_its_liveness_probe_so_often_is_replaced(
    gateway: Any, switches: Switches, runtime: str
) -> None:
    name = f"failing-{runtime}"
    switches.turn("lively", on=True)
    probe = http_get("/lively", periodSeconds=1, failureThreshold=3)
    deploy(gateway, name, runtime, switches, livenessProbe=probe)
    pid = pid_of(gateway, name)
    wait_until(lambda: switches.asked("lively") >= 1)
    switches.turn("lively", on=False)
    asked = switches.asked("lively")
    wait_until(lambda: not alive(pid), what="the end of what fails")
    assert asked + 3 <= switches.asked("lively") <= asked + 4  # one may have been under way
    switches.turn("lively", on=True)
    assert pid_of(gateway, name) != pid
    path = "/api/v1/namespaces/default/events"
    events = [
        e for e in gateway.ask("GET", path)[1]["items"] if e["involvedObject"]["name"] == name
    ]
    assert events[0]["reason"] == "ReplicaUnhealthy"
    assert "failed its liveness probe 3 times (it answered 503)" in events[0]["message"]
    assert re.search(rf'cause="unhealthy",function_name="{name}\.', gateway.metrics())


def test_what_it_holds_is_finished_before_it_is_replaced(
    gateway: Any, switches: Switches, hold: Any
) -> None:
    switches.turn("lively", on=True)
    probe = http_get("/lively", periodSeconds=1, failureThreshold=1)
    deploy(gateway, "finishing", "function", switches, livenessProbe=probe)
    answers = in_background(lambda: gateway.call("GET", f"/function/finishing{hold.path}"))
    hold.wait(1)
    switches.turn("lively", on=False)
    wait_until(lambda: gateway.replicas("finishing") == 0, what="its end to begin")
    switches.turn("lively", on=True)
    hold.let_go()
    wait_until(lambda: bool(answers), what="the answer")
    assert answers[0][0] == 200


def test_one_that_never_starts_says_so(gateway: Any, switches: Switches) -> None:
    probe = http_get("/started", http={"port": 8080}, periodSeconds=1, failureThreshold=2)
    deploy(gateway, "stillborn", "program", switches, startupProbe=probe)
    wait_until(lambda: gateway.ready("stillborn") == "False", what="the failure")
    conditions = gateway.service("stillborn")["status"]["conditions"]
    message = next(c["message"] for c in conditions if c["type"] == "Ready")
    assert message == "its startup probe /started failed for 2 s: it answered 503"


def test_another_port_and_headers_are_asked_as_declared(gateway: Any, switches: Switches) -> None:
    port = free_port()
    http = {"port": port, "httpHeaders": [{"name": "X-Key", "value": "k"}]}
    switches.turn("ready", on=True)
    deploy(
        gateway, "beside", "program", switches,
        env=[{"name": "BESIDE", "value": str(port)}],
        readinessProbe=http_get("/ready", http=http),
        livenessProbe={"tcpSocket": {"port": port}, "periodSeconds": 1},
    )  # fmt: skip
    pid = pid_of(gateway, "beside")
    assert "ready k" in (switches.folder / "asked").read_text().splitlines()
    nobody = {"tcpSocket": {"port": free_port()}, "periodSeconds": 1, "failureThreshold": 2}
    deploy(gateway, "unheard", "program", switches, livenessProbe=nobody)
    first = pid_of(gateway, "unheard")
    wait_until(lambda: not alive(first), what="the end of what listens at no such port")
    assert pid_of(gateway, "beside") == pid


def test_the_first_question_waits_for_its_delay(gateway: Any, switches: Switches) -> None:
    switches.turn("ready", on=True)
    began = time.monotonic()
    probe = http_get("/ready", initialDelaySeconds=2)
    deploy(gateway, "deferred", "function", switches, readinessProbe=probe)
    pid_of(gateway, "deferred")
    assert time.monotonic() - began >= 2


def test_without_probes_nothing_is_asked(gateway: Any, switches: Switches) -> None:
    deploy(gateway, "unasked", "function", switches)
    assert gateway.call("GET", "/function/unasked/only")[0] == 503
    assert (switches.folder / "asked").read_text() == "only \n"
