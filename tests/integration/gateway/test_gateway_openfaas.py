"""OpenFaaS's own routes, one by one: statuses, bodies and fields as its clients expect them."""

import base64
import json
import os
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.integration.gateway.conftest import PASSWORD
from tests.integration.gateway.openfaas import FUNCTIONS, deploy, describe, spec_of
from tests.support.processes import wait_until

SCALE = "com.openfaas.scale."
CORES = os.cpu_count() or 1
# A fifth of a second of one core, which the kernel counts by the hundredth.
BUSY = """
import time

def handle(request):
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
    return "done"
"""


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/system/functions", "GET"), ("/system/functions", "POST"), ("/system/functions", "PUT"),
        ("/system/functions", "DELETE"), ("/system/function/x", "GET"),
        ("/system/scale-function/x", "POST"), ("/system/secrets", "GET"),
        ("/system/secrets", "POST"), ("/system/logs?name=x", "GET"), ("/system/namespaces", "GET"),
        ("/system/namespace/x", "DELETE"), ("/system/info", "GET"), ("/system/alert", "POST"),
        ("/system/nothing", "GET"), ("/ui/", "GET"), ("/%73ystem/functions", "GET"),
    ],
)  # fmt: skip
def test_nobody_passes_without_the_password(gateway: Any, path: str, method: str) -> None:
    wrong = base64.b64encode(b"admin:wrong").decode()
    given = [None, f"Basic {wrong}", "Basic !", "Basic", "Bearer " + PASSWORD, PASSWORD]
    for authorization in given:
        fields = {"Authorization": authorization} if authorization else {}
        status, headers, body = gateway.call(method, path, "{}", fields)
        assert (status, body) == (401, b"invalid credentials")
        assert headers["www-authenticate"] == 'Basic realm="Restricted"'


def test_what_is_open_to_all(gateway: Any) -> None:
    deploy(gateway, "open")
    assert gateway.call("GET", "/healthz")[0] == 200
    assert gateway.call("GET", "/function/open/")[0] == 200
    status, headers, _ = gateway.call("POST", "/async-function/open/")
    assert status == 202
    wait_until(lambda: gateway.ask("GET", f"/async-function/{headers['x-call-id']}")[0] == 200)


def test_login_lists_functions(gateway: Any) -> None:
    status, functions = gateway.ask("GET", FUNCTIONS)
    assert (status, type(functions)) == (200, list)


def test_every_field_of_the_spec_comes_back(gateway: Any) -> None:
    told = {
        "namespace": "openfaas-fn",
        "envProcess": "python main.py",
        "envVars": {"A": "1"},
        "constraints": ["node=here"],
        "labels": {"team": "a"},
        "annotations": {"topic": "t"},
        "limits": {"memory": "64Mi", "cpu": "100m"},
        "requests": {"memory": "32Mi"},
        "readOnlyRootFilesystem": True,
        "secrets": ["full-key"],
    }
    secret = {"name": "full-key", "namespace": "openfaas-fn", "value": "v"}
    assert gateway.ask("POST", "/system/secrets", secret)[0] == 202
    before = datetime.now(UTC) - timedelta(seconds=2)
    deploy(gateway, "whole-spec", **told)
    assert gateway.call("GET", "/function/whole-spec/")[0] == 200
    shown = describe(gateway, "whole-spec")
    assert told.items() <= shown.items()
    assert (shown["name"], shown["invocationCount"]) == ("whole-spec", 1)
    assert (shown["replicas"], shown["availableReplicas"]) == (1, 1)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", shown["createdAt"])
    assert before < datetime.fromisoformat(shown["createdAt"]) <= datetime.now(UTC)
    listed = {entry["name"]: entry for entry in gateway.ask("GET", FUNCTIONS)[1]}
    assert listed["whole-spec"].keys() == shown.keys()


def test_usage_is_told(gateway: Any) -> None:
    deploy(gateway, "used", image=str(gateway.write_function("busy", code=BUSY)))
    for query in ("?usage=1", "?namespace=openfaas-fn&usage=1"):
        assert gateway.call("GET", "/function/used/")[2] == b"done"
        usage = describe(gateway, "used", query)["usage"]
        assert usage.keys() == {"cpu", "totalMemoryBytes"}
        assert usage["totalMemoryBytes"] > 1e6
        assert 0 < usage["cpu"] <= 1000 * CORES
    gateway.scale("used", 0)
    assert describe(gateway, "used", "?usage=1")["usage"] == {"cpu": 0, "totalMemoryBytes": 0}


def test_put_creates_nothing_and_post_and_put_change(gateway: Any) -> None:
    spec = spec_of(gateway, "changed", envVars={"COLOUR": "red"})
    assert gateway.ask("PUT", FUNCTIONS, spec)[0] == 404
    assert gateway.ask("GET", "/system/function/changed")[0] == 404
    for method, colour in (("POST", "red"), ("PUT", "green"), ("POST", "blue")):
        spec["envVars"] = {"COLOUR": colour}
        assert gateway.ask(method, FUNCTIONS, spec) == (202, b"")
        assert describe(gateway, "changed")["envVars"] == {"COLOUR": colour}
        wait_until(partial(has_colour, gateway, colour))


def has_colour(gateway: Any, colour: str) -> bool:
    env = json.loads(gateway.call("GET", "/function/changed/env")[2])
    return bool(env["COLOUR"] == colour)


def test_unknown_names_are_404_everywhere(gateway: Any) -> None:
    for method, path, body in (
        ("GET", "/system/function/ghost", None),
        ("DELETE", FUNCTIONS, {"functionName": "ghost"}),
        ("POST", "/system/scale-function/ghost", {"serviceName": "ghost", "replicas": 1}),
        ("GET", "/system/logs?name=ghost", None),
        ("DELETE", "/system/secrets", {"name": "ghost"}),
        ("PUT", "/system/secrets", {"name": "ghost", "value": "x"}),
        ("GET", "/system/namespace/ghost", None),
        ("DELETE", "/system/namespace/ghost", None),
        ("GET", "/system/function/open?namespace=ghost", None),
    ):
        assert gateway.ask(method, path, body)[0] == 404, path


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", FUNCTIONS),
        ("PUT", FUNCTIONS),
        ("DELETE", FUNCTIONS),
        ("POST", "/system/scale-function/open"),
        ("POST", "/system/secrets"),
        ("POST", "/system/namespace/"),
        ("POST", "/system/alert"),
    ],
)
def test_what_is_no_json_is_400(gateway: Any, method: str, path: str) -> None:
    token = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    for body in ("{", "[]", ""):
        status = gateway.call(method, path, body, {"Authorization": f"Basic {token}"})[0]
        assert status == 400, body


def scaled(gateway: Any, name: str, replicas: int) -> bool:
    return bool(gateway.replicas(name) == replicas)


def test_scaling_by_hand(gateway: Any) -> None:
    deploy(gateway, "handy")
    path = "/system/scale-function/handy"
    for replicas, named in ((2, {"serviceName": "handy"}), (3, {})):
        assert gateway.ask("POST", path, {**named, "replicas": replicas}) == (202, b"")
        wait_until(partial(scaled, gateway, "handy", replicas))
    assert gateway.ask("POST", path, {"replicas": -1})[0] == 400
    assert describe(gateway, "handy")["replicas"] == 3


def test_info_has_the_shape_that_the_cli_prints(gateway: Any) -> None:
    status, info = gateway.ask("GET", "/system/info")
    assert status == 200
    assert info.keys() == {"provider", "version", "arch"}
    assert info["provider"].keys() == {"provider", "version", "orchestration"}
    for version in (info["version"], info["provider"]["version"]):
        assert version.keys() == {"sha", "release"}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_any_method_is_proxied(gateway: Any, method: str) -> None:
    code = "def handle(request):\n    return f'{request.method} {request.full_path}'\n"
    if gateway.ask("GET", "/system/function/methods")[0] == 404:
        folder = str(gateway.write_function("methods", code=code))
        assert gateway.ask("POST", FUNCTIONS, {"service": "methods", "image": folder})[0] == 202
    # faas-cli invoke sends the name with its namespace
    for name in ("methods", "methods.openfaas-fn"):
        status, _, body = gateway.call(method, f"/function/{name}/a/b?c=d&e")
        assert (status, body) == (200, f"{method} /a/b?c=d&e".encode())


def alert(gateway: Any, name: str, status: str) -> None:
    labels = {"alertname": "APIHighInvocationRate", "function_name": f"{name}.openfaas-fn"}
    told = {
        "receiver": "scale-up",
        "status": status,
        "version": "4",
        "groupKey": "{}",
        "alerts": [{"status": status, "labels": labels, "annotations": {}, "startsAt": "x"}],
    }
    assert gateway.ask("POST", "/system/alert", told) == (202, b"")


@pytest.mark.parametrize(
    ("name", "factor", "steps"),
    [
        ("alerted", {}, (3, 4)),  # a tenth of the maximum each time
        ("alerted-more", {SCALE + "factor": "40"}, (6, 10, 10)),  # and no more than it
    ],
)
def test_an_alert_steps_up_and_its_end_brings_back_the_minimum(
    gateway: Any, name: str, factor: dict[str, str], steps: tuple[int, ...]
) -> None:
    deploy(gateway, name, labels={SCALE + "min": "2", SCALE + "max": "10", **factor})
    wait_until(lambda: gateway.replicas(name) == 2)
    for replicas in steps:
        alert(gateway, name, "firing")
        wait_until(partial(scaled, gateway, name, replicas))
    alert(gateway, name, "resolved")
    wait_until(lambda: gateway.replicas(name) == 2)


@pytest.mark.parametrize(
    "labels",
    [{"min": "-1"}, {"min": "x"}, {"max": "0"}, {"min": "3", "max": "2"}, {"zero": "maybe"},
     {"zero-duration": "soon"}, {"type": "luck"}, {"target": "0"}, {"target": "x"},
     {"target-proportion": "1.1"}, {"target-proportion": "0"}, {"down.window": "-5m"}],
)  # fmt: skip
def test_wrong_scaling_labels_are_refused(gateway: Any, labels: dict[str, str]) -> None:
    named = {SCALE + key: value for key, value in labels.items()}
    status, answer = gateway.ask("POST", FUNCTIONS, spec_of(gateway, "mislabelled", labels=named))
    assert status == 400
    assert SCALE in answer["detail"]
    assert gateway.ask("GET", "/system/function/mislabelled")[0] == 404


def test_the_community_edition_over_http(own_gateway: Any) -> None:
    gateway = own_gateway
    gateway.end()
    gateway.env["GATEWAY_EDITION"] = "ce"
    gateway.start()
    for key, value in (("zero", "true"), ("zero-duration", "5m"), ("target", "5"), ("type", "rps")):
        spec = spec_of(gateway, "refused", labels={SCALE + key: value})
        status, answer = gateway.ask("POST", FUNCTIONS, spec)
        assert (status, SCALE + key in answer["detail"]) == (400, True)
    plain = {SCALE + "min": "1", SCALE + "max": "5", SCALE + "zero": "false"}
    spec = spec_of(gateway, "f-0", labels=plain)
    assert gateway.ask("POST", FUNCTIONS, spec)[0] == 202
    for number in range(1, 15):
        assert gateway.ask("POST", FUNCTIONS, {**spec, "service": f"f-{number}"})[0] == 202
    status, answer = gateway.ask("POST", FUNCTIONS, {**spec, "service": "f-15"})
    assert (status, "15 functions" in answer["detail"]) == (400, True)
    assert gateway.ask("PUT", FUNCTIONS, spec)[0] == 202  # a change of one of the fifteen

    path = "/system/scale-function/f-0"
    assert gateway.ask("POST", path, {"serviceName": "f-0", "replicas": 9})[0] == 202
    wait_until(lambda: gateway.replicas("f-0") == 5)
    assert gateway.ask("POST", path, {"serviceName": "f-0", "replicas": 0})[0] == 400
    assert gateway.ask("DELETE", FUNCTIONS, {"functionName": "f-3"})[0] == 202
    assert gateway.ask("POST", FUNCTIONS, {**spec, "service": "f-15"})[0] == 202


def test_a_platform_alone_over_http(own_gateway: Any) -> None:
    gateway = own_gateway
    gateway.ask("POST", FUNCTIONS, spec_of(gateway, "alone"))
    gateway.end()
    gateway.env["GATEWAY_APIS"] = "knative"
    gateway.start()
    for path in ("/function/alone/", "/async-function/alone", "/system/functions"):
        status, answer = gateway.ask("POST", path)
        assert (status, answer["detail"]) == (
            404,
            "OpenFaaS's routes are off here: GATEWAY_APIS=knative",
        )
    host = {"Host": "alone.default.svc.cluster.local"}
    assert gateway.call("GET", "/pid", None, host)[0] == 200
