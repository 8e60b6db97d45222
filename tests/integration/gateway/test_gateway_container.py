"""What a function container finds: its environment, its probe, how it stops; what is refused."""

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gateway.conftest import SERVICES
from tests.support.processes import alive, wait_until


@pytest.fixture(scope="module", autouse=True)
def sleepers(gateway: Any) -> None:
    """Functions that fall asleep, or do not, while the other tests run."""
    prefix = "autoscaling.knative.dev/"
    short = {prefix + "window": "6s"}
    kept = {"retained": "scaleToZeroPodRetentionPeriod", "delayed": "scaleDownDelay"}
    for name, annotation in kept.items():
        gateway.deploy(name, annotations={**short, prefix + annotation: "1h"})
    gateway.deploy("prompt", annotations=short)
    scale = "com.openfaas.scale."
    labels = {scale + "zero": "true", scale + "zero-duration": "1s", scale + "down.window": "6s"}
    for name, chosen in (("napping", labels), ("wakeful", {scale + "down.window": "6s"})):
        spec = {"service": name, "image": str(gateway.write_function(name)), "labels": chosen}
        assert gateway.ask("POST", "/system/functions", spec)[0] == 202
    for name in (*kept, "prompt", "napping", "wakeful"):
        assert gateway.call("GET", f"/function/{name}/")[0] == 200


def put(gateway: Any, name: str, container: Any = None, **template: Any) -> tuple[int, Any]:
    container = {"image": str(gateway.write_function(name)), **(container or {})}
    metadata, traffic = (
        {"annotations": template.pop("annotations", {})},
        template.pop("traffic", []),
    )
    spec = {"metadata": metadata, "spec": {"containers": [container], **template}}
    service = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"template": spec, "traffic": traffic},
    }
    status, answer = gateway.apply(SERVICES, service)
    return status, answer


def test_what_the_platform_sets(gateway: Any) -> None:
    assert put(gateway, "placed", {"ports": [{"containerPort": 9000}]})[0] == 201
    env = json.loads(gateway.call("GET", "/function/placed/env")[2])
    assert (env["PORT"], env["K_SERVICE"]) == ("9000", "placed")
    assert (env["K_CONFIGURATION"], env["K_REVISION"]) == ("placed", "placed-00001")
    gateway.deploy("unplaced")
    assert json.loads(gateway.call("GET", "/function/unplaced/env")[2])["PORT"] == "8080"


@pytest.mark.parametrize(
    ("container", "named"),
    [
        *(
            ({"env": [{"name": name, "value": "x"}]}, name)
            for name in ("PORT", "K_SERVICE", "K_CONFIGURATION", "K_REVISION")
        ),
        *(
            ({"ports": [{"containerPort": port}]}, str(port))
            for port in (8012, 8013, 8022, 9090, 9091)
        ),
    ],
)
def test_what_the_platform_keeps_for_itself_is_refused(
    gateway: Any, container: Any, named: str
) -> None:
    status, answer = put(gateway, "greedy", container)
    assert (status, named in answer["message"]) == (400, True)
    assert gateway.ask("GET", f"{SERVICES}/greedy")[0] == 404


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ({"containerConcurrency": 1001}, "containerConcurrency"),
        ({"timeoutSeconds": 601}, "timeoutSeconds"),
        ({"annotations": {"autoscaling.knative.dev/window": "5s"}}, "window"),
        (
            {"annotations": {"autoscaling.knative.dev/panicThresholdPercentage": "1001"}},
            "panicThresholdPercentage",
        ),
        ({"traffic": [{"latestRevision": True, "percent": 99}]}, "sum to 99"),
        (
            {"traffic": [{"revisionName": "x", "latestRevision": True, "percent": 100}]},
            'may not set revisionName "x" when latestRevision is true',
        ),
    ],
)
def test_limits_are_kept_over_http(gateway: Any, template: Any, named: str) -> None:
    status, answer = put(gateway, "overdone", **template)
    assert (status, named in answer["message"]) == (400, True), answer
    assert gateway.ask("GET", f"{SERVICES}/overdone")[0] == 404


def test_the_limits_themselves_are_taken(gateway: Any) -> None:
    most = {"containerConcurrency": 1000, "timeoutSeconds": 600}
    traffic = [{"percent": 100}]  # the latest, as Knative fills it in
    assert put(gateway, "utmost", traffic=traffic, **most)[0] == 201
    assert gateway.call("GET", "/function/utmost/")[0] == 200


def test_tmp_is_writable_and_stdin_at_its_end(gateway: Any) -> None:
    code = """
import sys, tempfile

FIRST = sys.stdin.read()

def handle(request):
    with tempfile.TemporaryFile(dir="/tmp") as file:
        file.write(b"kept")
        file.seek(0)
        return {"stdin": FIRST, "file": file.read().decode()}
"""
    gateway.deploy("plainly", image=str(gateway.write_function("plainly", code=code)))
    answer = gateway.call("GET", "/function/plainly/")
    assert json.loads(answer[2]) == {"stdin": "", "file": "kept"}


def test_nothing_is_sent_before_the_probe_passes(gateway: Any, tmp_path: Path) -> None:
    gate, probes = tmp_path / "gate", tmp_path / "probes"
    code = """
import os, flask

def handle(request):
    if request.path != "/am-i-ready":
        return "served"
    with open(os.environ["PROBES"], "a") as file:
        file.write(request.headers["User-Agent"] + "\\n")
    return flask.Response(status=200 if os.path.exists(os.environ["GATE"]) else 500)
"""
    folder = str(gateway.write_function("probed", code=code))
    env = [{"name": "GATE", "value": str(gate)}, {"name": "PROBES", "value": str(probes)}]
    probe = {"httpGet": {"path": "/am-i-ready"}, "periodSeconds": 1}
    container = {"env": env, "readinessProbe": probe}
    gateway.deploy("probed", image=folder, container=container)
    wait_until(lambda: probes.exists() and len(probes.read_text().splitlines()) >= 3)
    assert gateway.replicas("probed") == 0
    answers: list[bytes] = []
    thread = threading.Thread(
        target=lambda: answers.append(gateway.call("GET", "/function/probed/")[2])
    )
    thread.start()
    wait_until(lambda: 'revision="probed-00001"} 1.0' in waiting(gateway, "probed"))
    assert answers == []
    gate.touch()
    thread.join()
    assert answers == [b"served"]
    assert "kube-probe" in probes.read_text()


def waiting(gateway: Any, name: str) -> str:
    lines = gateway.metrics().splitlines()
    return "\n".join(li for li in lines if "gateway_revision_waiting{" in li and f'"{name}.' in li)


def test_other_probes_are_a_connect(gateway: Any) -> None:
    for kind in ({"tcpSocket": {"port": 8080}}, {"exec": {"command": ["x"]}}, {}):
        gateway.deploy("connected", container={"readinessProbe": kind})
        assert gateway.call("GET", "/function/connected/")[0] == 200


def test_a_replica_that_hears_no_sigterm_is_killed_after_its_timeout(gateway: Any) -> None:
    code = """
import os, signal

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})

def handle(request):
    return str(os.getpid())
"""
    folder = str(gateway.write_function("deaf", code=code))
    gateway.deploy_ready("deaf", image=folder, timeoutSeconds=1)
    pid = int(gateway.call("GET", "/function/deaf/")[2])
    began = time.monotonic()
    gateway.scale("deaf", 0)
    wait_until(lambda: not alive(pid))
    assert time.monotonic() - began > 0.9


def test_sigterm_lets_a_replica_finish_what_it_holds(gateway: Any, hold: Any) -> None:
    gateway.deploy("leaving", containerConcurrency=1)
    pid = int(gateway.call("GET", "/function/leaving/pid")[2])
    answers: list[tuple[int, bytes]] = []

    def ask() -> None:
        status, _, body = gateway.call("GET", f"/function/leaving{hold.path}")
        answers.append((status, body))

    thread = threading.Thread(target=ask)
    thread.start()
    hold.wait(1)
    os.kill(pid, signal.SIGTERM)
    hold.let_go()
    thread.join()
    assert answers == [(200, str(pid).encode())]
    wait_until(lambda: not alive(pid))


def test_sigterm_lets_a_function_do_what_it_does_at_its_end(gateway: Any, tmp_path: Path) -> None:
    code = """
import atexit, os, pathlib

atexit.register(lambda: pathlib.Path(os.environ["MARK"]).write_text(str(os.getpid())))

def handle(request):
    return str(os.getpid())
"""
    folder, mark = str(gateway.write_function("tidy", code=code)), tmp_path / "mark"
    variables = {"env": [{"name": "MARK", "value": str(mark)}]}
    gateway.deploy_ready("tidy", image=folder, container=variables)
    pid = int(gateway.call("GET", "/function/tidy/")[2])
    gateway.scale("tidy", 0)
    wait_until(lambda: not alive(pid))
    assert mark.read_text() == str(pid)


def test_initial_scale_and_minimum_come_by_themselves(gateway: Any) -> None:
    prefix = "autoscaling.knative.dev/"
    gateway.deploy("abreast", annotations={prefix + "initialScale": "3", prefix + "window": "1h"})
    wait_until(lambda: gateway.log().count('"replica": "abreast-00001-') == 3)
    gateway.deploy("kept-up", annotations={prefix + "min-scale": "2"})
    wait_until(lambda: gateway.replicas("kept-up") == 2)
    gateway.deploy("few", annotations={prefix + "maxScale": "1"}, containerConcurrency=1)
    threads = [
        threading.Thread(target=gateway.call, args=("GET", "/function/few/sleep?s=0.2"))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert gateway.replicas("few") == 1


def test_activation_scale_wakes_as_many(gateway: Any) -> None:
    prefix = "autoscaling.knative.dev/"
    annotations = {prefix + "activationScale": "3", prefix + "initial-scale": "1"}
    gateway.deploy_ready("awake", annotations=annotations)
    gateway.scale("awake", 0)
    assert gateway.call("GET", "/function/awake/")[0] == 200
    wait_until(lambda: gateway.replicas("awake") == 3)


def test_scale_down_delay_and_retention_keep_replicas(gateway: Any) -> None:
    wait_until(lambda: gateway.replicas("prompt") == 0, 30)
    assert [gateway.replicas(name) for name in ("retained", "delayed")] == [1, 1]


def test_openfaas_functions_sleep_where_a_label_says_so(gateway: Any) -> None:
    wait_until(lambda: gateway.replicas("napping") == 0, 30)
    assert gateway.replicas("wakeful") == 1
    assert gateway.call("GET", "/function/napping/")[0] == 200
