"""Deploying over both APIs, new revisions, restarts, and the end of every process."""

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.gateway.conftest import SERVICES
from tests.support.processes import PATIENCE, alive, children, wait_until


def test_the_admin_routes_want_a_password(gateway: Any) -> None:
    told = b"invalid credentials"
    for path in ("/system/functions", SERVICES, "/api", "/apis", "/api/v1/secrets", "/openapi/v2"):
        status, headers, body = gateway.call("GET", path)
        assert status == 401
        assert headers["www-authenticate"] == 'Basic realm="Restricted"'
        assert body == told if path.startswith("/system") else json.loads(body)["code"] == 401


def test_an_openfaas_function_lives_from_deploy_to_delete(gateway: Any) -> None:
    folder = str(gateway.write_function("offn"))
    spec = {"service": "offn", "image": folder, "envVars": {"COLOUR": "blue"}}
    assert gateway.ask("PUT", "/system/functions", spec)[0] == 404
    assert gateway.ask("POST", "/system/functions", spec)[0] == 202
    env = json.loads(gateway.call("GET", "/function/offn/env")[2])
    assert env["COLOUR"] == "blue"
    assert env["K_SERVICE"] == "offn"
    assert set(env) <= {
        "COLOUR", "K_SERVICE", "K_CONFIGURATION", "K_REVISION", "PORT", "PATH", "HOME", "LANG",
        "TMPDIR", "TZ", "FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE", "LC_CTYPE",
    }  # fmt: skip
    status, described = gateway.ask("GET", "/system/function/offn?usage=1")
    assert (status, described["name"], described["replicas"]) == (200, "offn", 1)
    assert described["invocationCount"] == 1
    assert "offn" in [f["name"] for f in gateway.ask("GET", "/system/functions")[1]]
    assert gateway.ask("DELETE", "/system/functions", {"functionName": "offn"})[0] == 202
    assert gateway.ask("DELETE", "/system/functions", {"functionName": "offn"})[0] == 404
    assert gateway.call("GET", "/function/offn/")[0] == 404


def test_config_maps_and_secrets_are_read(gateway: Any) -> None:
    for kind, key in (("configmaps", "FROM_MAP"), ("secrets", "FROM_SECRET")):
        folder = gateway.data / kind / "mayfly"
        folder.mkdir(parents=True)
        (folder / key).write_text(kind)
    sources = [{"configMapRef": {"name": "mayfly"}}, {"secretRef": {"name": "mayfly"}}]
    gateway.deploy("configured", container={"envFrom": sources})
    env = json.loads(gateway.call("GET", "/function/configured/env")[2])
    assert (env["FROM_MAP"], env["FROM_SECRET"]) == ("configmaps", "secrets")


@pytest.mark.parametrize(
    ("body", "named"), [({"service": "x", "image": "nginx"}, "nginx"), ({"image": "x"}, "service")]
)
def test_a_wrong_deploy_changes_nothing(gateway: Any, body: Any, named: str) -> None:
    status, answer = gateway.ask("POST", "/system/functions", body)
    assert status == 400
    assert named in answer["detail"]
    assert answer["remedy"]
    assert gateway.ask("GET", "/system/function/x")[0] == 404


def test_a_new_revision_takes_over_without_a_lost_call(gateway: Any) -> None:
    gateway.deploy("rolled", image=str(gateway.write_function("rolled", "1")))
    gateway.call("GET", "/function/rolled/")
    stop, seen = threading.Event(), []

    def ask() -> None:
        with contextlib.closing(gateway.connection()) as connection:
            while not stop.is_set():
                connection.request("GET", "/function/rolled/")
                answer = connection.getresponse()
                seen.append((answer.status, answer.read()))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        folder = gateway.write_function("rolled2", "2")
        answer = gateway.deploy("rolled", image=str(folder))
        assert answer["status"]["latestCreatedRevisionName"] == "rolled-00002"
        wait_until(lambda: (200, b"version 2 /") in seen)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert {status for status, _ in seen} == {200}
    assert gateway.service("rolled")["status"]["latestReadyRevisionName"] == "rolled-00002"


def test_a_broken_revision_leaves_the_old_one_serving(gateway: Any) -> None:
    gateway.deploy("steady", image=str(gateway.write_function("steady", "1")))
    wait_until(lambda: gateway.ready("steady") == "True")
    broken = gateway.write_function("steady2", code="raise RuntimeError('not today')\n")
    gateway.deploy("steady", image=str(broken))
    wait_until(lambda: gateway.ready("steady") == "False")
    assert "not today" in json.dumps(gateway.service("steady")["status"])
    assert gateway.call("GET", "/function/steady/")[2] == b"version 1 /"


def test_the_same_service_twice_is_one_revision(gateway: Any) -> None:
    gateway.deploy("same")
    assert gateway.deploy("same")["status"]["latestCreatedRevisionName"] == "same-00001"


def test_changed_code_is_a_new_revision(gateway: Any) -> None:
    folder = gateway.write_function("edited", "1")
    gateway.deploy("edited", image=str(folder))
    assert gateway.call("GET", "/function/edited/")[2] == b"version 1 /"
    gateway.write_function("edited", "2")
    gateway.deploy("edited", image=str(folder))
    wait_until(lambda: gateway.call("GET", "/function/edited/")[2] == b"version 2 /")


def test_idle_functions_go_to_zero(gateway: Any) -> None:
    gateway.deploy("idle", annotations={"autoscaling.knative.dev/window": "6s"})
    pid = int(gateway.call("GET", "/function/idle/pid")[2])
    wait_until(lambda: gateway.replicas("idle") == 0)
    wait_until(lambda: not alive(pid))
    assert int(gateway.call("GET", "/function/idle/pid")[2]) != pid


def test_scaling_down_loses_no_call(gateway: Any, hold: Any) -> None:
    gateway.deploy("drained", containerConcurrency=1)
    gateway.scale("drained", 3)
    answers: list[int] = []

    def ask() -> None:
        answers.append(gateway.call("GET", f"/function/drained{hold.path}")[0])

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    hold.wait(3)
    gateway.scale("drained", 0)
    hold.let_go()
    for thread in threads:
        thread.join()
    assert answers == [200, 200, 200]


def test_deployments_survive_a_kill_and_no_process_stays(own_gateway: Any) -> None:
    own_gateway.deploy("kept")
    replica = int(own_gateway.call("GET", "/function/kept/pid")[2])
    zygote = children(own_gateway.process.pid)
    own_gateway.signal(signal.SIGKILL)
    wait_until(lambda: not any(map(alive, [replica, *zygote])))
    own_gateway.start()
    assert own_gateway.call("GET", "/function/kept/x")[2] == b"version 1 /x"


def test_a_dead_zygote_is_replaced(own_gateway: Any) -> None:
    own_gateway.deploy("phoenix")
    first = own_gateway.call("GET", "/function/phoenix/pid")[2]
    (zygote,) = children(own_gateway.process.pid)
    os.kill(zygote, signal.SIGKILL)
    wait_until(lambda: not alive(int(first)))
    status, _, second = own_gateway.call("GET", "/function/phoenix/pid")
    assert status == 200
    assert second != first


def test_sigterm_finishes_what_is_in_flight(
    own_gateway: Any, hold: Any, figure: Callable[[str], None]
) -> None:
    own_gateway.deploy("inflight")
    replica = int(own_gateway.call("GET", "/function/inflight/pid")[2])
    answers: list[int] = []

    def ask() -> None:
        answers.append(own_gateway.call("GET", f"/function/inflight{hold.path}")[0])

    thread = threading.Thread(target=ask)
    thread.start()
    hold.wait(1)
    own_gateway.process.send_signal(signal.SIGTERM)
    wait_until(lambda: "gateway stops" in own_gateway.log())
    hold.let_go()
    began = time.monotonic()
    assert own_gateway.process.wait(PATIENCE) == 0
    took = time.monotonic() - began
    figure(f"SIGTERM with a call in flight: it is answered, all ended {took:.1f} s after it")
    thread.join()
    assert answers == [200]
    assert not alive(replica)


def test_what_a_function_prints_is_kept(gateway: Any) -> None:
    gateway.deploy("talker")
    gateway.call("GET", "/function/talker/print")
    log = gateway.data / "logs" / "talker.log"
    wait_until(lambda: log.exists() and "a word from the function" in log.read_text())


def test_calls_after_a_fix_wait_for_it(gateway: Any) -> None:
    """Not one of them is told the old error, also while the fix takes its time to start."""
    broken = str(gateway.write_function("mended", code="raise RuntimeError('the old error')\n"))
    gateway.deploy("mended", image=broken)
    status, _, body = gateway.call("GET", "/function/mended/x")
    assert (status, b"the old error" in body) == (503, True)
    slow = "import time\ntime.sleep(1.5)\ndef handle(request):\n    return 'the fix'\n"
    gateway.write_function("mended", code=slow)
    gateway.deploy("mended", image=broken)
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(gateway.call, "GET", "/function/mended/x") for _ in range(8)]
        answers = {(call.result()[0], call.result()[2]) for call in calls}
    assert answers == {(200, b"the fix")}


def test_calls_after_a_fix_that_is_none_are_told_the_new_error(gateway: Any) -> None:
    image = str(gateway.write_function("worse", code="raise RuntimeError('the old error')\n"))
    gateway.deploy("worse", image=image)
    assert gateway.call("GET", "/function/worse/x")[0] == 503
    slow = "import time\ntime.sleep(1.5)\nraise RuntimeError('the new error')\n"
    gateway.write_function("worse", code=slow)
    gateway.deploy("worse", image=image)
    for _ in range(2):  # while it starts, and when it has failed
        status, _, body = gateway.call("GET", "/function/worse/x")
        assert (status, b"the new error" in body) == (503, True)
