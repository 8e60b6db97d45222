"""OpenFaaS's own routes, one by one: statuses, bodies and fields as its clients expect them."""

import base64
import contextlib
import json
import os
import re
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.integration.gateway.conftest import PASSWORD
from tests.support.processes import wait_until

FUNCTIONS = "/system/functions"
SCALE = "com.openfaas.scale."


def spec_of(gateway: Any, name: str, **more: Any) -> dict[str, Any]:
    return {"service": name, "image": str(gateway.write_function(name)), **more}


def deploy(gateway: Any, name: str, **more: Any) -> None:
    status, answer = gateway.ask("POST", FUNCTIONS, spec_of(gateway, name, **more))
    assert (status, answer) == (202, b"")


def describe(gateway: Any, name: str, query: str = "") -> Any:
    status, answer = gateway.ask("GET", f"/system/function/{name}{query}")
    assert status == 200, answer
    return answer


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
    wait_until(lambda: gateway.call("GET", f"/async-function/{headers['x-call-id']}")[0] == 200)


def test_login_lists_functions(gateway: Any) -> None:
    status, functions = gateway.ask("GET", FUNCTIONS)
    assert (status, type(functions)) == (200, list)


def test_every_field_of_the_spec_comes_back(gateway: Any) -> None:
    told = {
        "namespace": "openfaas-fn", "envProcess": "python main.py", "envVars": {"A": "1"},
        "constraints": ["node=here"], "labels": {"team": "a"}, "annotations": {"topic": "t"},
        "limits": {"memory": "64Mi", "cpu": "100m"}, "requests": {"memory": "32Mi"},
        "readOnlyRootFilesystem": True, "secrets": ["full-key"],
    }  # fmt: skip
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
    deploy(gateway, "used")
    gateway.call("GET", "/function/used/")
    for query in ("?usage=1", "?namespace=openfaas-fn&usage=1"):
        usage = describe(gateway, "used", query)["usage"]
        assert usage.keys() == {"cpu", "totalMemoryBytes"}
        assert usage["totalMemoryBytes"] > 1e6
        assert usage["cpu"] >= 0
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
        ("POST", FUNCTIONS), ("PUT", FUNCTIONS), ("DELETE", FUNCTIONS),
        ("POST", "/system/scale-function/open"), ("POST", "/system/secrets"),
        ("POST", "/system/namespace/"), ("POST", "/system/alert"),
    ],
)  # fmt: skip
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


def test_secrets_by_value_and_by_raw_value(gateway: Any) -> None:
    raw = base64.b64encode(b"\x00raw").decode()
    for name, given, kept in (
        ("plain", {"value": "text"}, b"text"),
        ("tls.key", {"rawValue": raw}, b"\x00raw"),
        ("both", {"value": "text", "rawValue": raw}, b"\x00raw"),
    ):
        secret = {"name": name, "namespace": "openfaas-fn", **given}
        assert gateway.ask("POST", "/system/secrets", secret) == (202, b"")
        assert gateway.ask("POST", "/system/secrets", secret)[0] == 409
        assert (gateway.data / "openfaas-secrets/openfaas-fn" / name).read_bytes() == kept
    status, shown = gateway.ask("GET", "/system/secrets?namespace=openfaas-fn")
    assert status == 200
    assert {"name": "tls.key", "namespace": "openfaas-fn"} in shown
    assert all(entry.keys() == {"name", "namespace"} for entry in shown)
    wrong = {"name": "odd", "rawValue": "not base64!"}
    assert gateway.ask("POST", "/system/secrets", wrong)[0] == 400
    for name in ("../x", "", "a/b", ".."):
        assert gateway.ask("POST", "/system/secrets", {"name": name, "value": "x"})[0] == 400
    for name in ("plain", "tls.key", "both"):
        gone = {"name": name, "namespace": "openfaas-fn"}
        assert gateway.ask("DELETE", "/system/secrets", gone) == (202, b"")


def test_a_function_reads_its_secret_at_the_folder_that_is_named(gateway: Any) -> None:
    code = (
        "import os\n\ndef handle(request):\n"
        "    folder = os.environ['OPENFAAS_SECRETS']\n"
        "    return open(os.path.join(folder, 'pass-word')).read()\n"
    )
    secret = {"name": "pass-word", "value": "open sesame"}
    assert gateway.ask("POST", "/system/secrets", secret)[0] == 202
    folder = str(gateway.write_function("reader", code=code))
    spec = {"service": "reader", "image": folder, "secrets": ["pass-word"]}
    assert gateway.ask("POST", FUNCTIONS, spec)[0] == 202
    assert gateway.call("GET", "/function/reader/")[2] == b"open sesame"


def test_secrets_are_at_openfaas_s_own_place_where_that_can_be(gateway: Any) -> None:
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        pytest.skip("a view of /var/openfaas/secrets of one's own needs root and mount namespaces")
    code = (
        "import os\n\ndef handle(request):\n"
        "    os.chdir('/var/openfaas/secrets')\n"
        "    return {name: open(name).read() for name in os.listdir()}\n"
    )
    mark = {"openfaas": "1"}
    for space in ("vault-a", "vault-b"):
        marked = {"name": space, "labels": mark, "annotations": mark}
        assert gateway.ask("POST", "/system/namespace/", marked)[0] == 202
        secret = {"name": "where", "namespace": space, "value": space}
        assert gateway.ask("POST", "/system/secrets", secret)[0] == 202
        folder = str(gateway.write_function(f"in-{space}", code=code))
        spec = {"service": "looker", "namespace": space, "image": folder, "secrets": ["where"]}
        assert gateway.ask("POST", FUNCTIONS, spec)[0] == 202
    for space in ("vault-a", "vault-b"):
        seen = gateway.call("GET", f"/function/looker.{space}/")[2]
        assert json.loads(seen) == {"where": space}
    place = Path("/var/openfaas/secrets")
    assert not (place / "where").exists()  # others see nothing of it


def test_namespaces_are_changed_with_the_mark_alone(gateway: Any) -> None:
    mark = {"openfaas": "1"}
    marked = {"name": "crew", "labels": mark, "annotations": mark}
    assert gateway.ask("POST", "/system/namespace/", marked) == (202, b"")
    more = {**marked, "labels": {**mark, "owner": "a"}}
    assert gateway.ask("PUT", "/system/namespace/crew", more) == (202, b"")
    assert gateway.ask("GET", "/system/namespace/crew") == (200, more)
    for lacking in ({**marked, "labels": {}}, {**marked, "annotations": {"openfaas": "0"}}):
        assert gateway.ask("PUT", "/system/namespace/crew", lacking)[0] == 400
    assert gateway.ask("PUT", "/system/namespace/nobody", {**marked, "name": "nobody"})[0] == 404
    assert "crew" in gateway.ask("GET", "/system/namespaces")[1]
    assert gateway.ask("DELETE", "/system/namespace/crew") == (202, b"")
    assert "crew" not in gateway.ask("GET", "/system/namespaces")[1]
    assert gateway.ask("DELETE", "/system/namespace/openfaas-fn")[0] == 400


def test_one_name_in_two_namespaces_is_two_functions(gateway: Any) -> None:
    mark = {"openfaas": "1"}
    space = {"name": "apart", "labels": mark, "annotations": mark}
    assert gateway.ask("POST", "/system/namespace/", space)[0] == 202
    deploy(gateway, "doubled")
    there = {**spec_of(gateway, "doubled", namespace="apart"), "envVars": {"WHERE": "apart"}}
    assert gateway.ask("POST", FUNCTIONS, there)[0] == 202
    assert "WHERE" not in json.loads(gateway.call("GET", "/function/doubled/env")[2])
    assert "WHERE" in json.loads(gateway.call("GET", "/function/doubled.apart/env?x=1")[2])
    assert describe(gateway, "doubled", "?namespace=apart")["namespace"] == "apart"
    names = [f["name"] for f in gateway.ask("GET", f"{FUNCTIONS}?namespace=apart")[1]]
    assert names == ["doubled"]
    assert gateway.call("POST", "/async-function/doubled.apart/x")[0] == 202
    path = "/system/scale-function/doubled"
    assert gateway.ask("POST", path, {"replicas": 2, "namespace": "apart"})[0] == 202
    wait_until(lambda: describe(gateway, "doubled", "?namespace=apart")["replicas"] == 2)
    assert describe(gateway, "doubled")["replicas"] == 1
    gone = {"functionName": "doubled", "namespace": "apart"}
    assert gateway.ask("DELETE", FUNCTIONS, gone) == (202, b"")
    assert gateway.call("GET", "/function/doubled.apart/")[0] == 404
    assert gateway.call("GET", "/function/doubled.openfaas-fn/")[0] == 200


def read_logs(gateway: Any, **query: Any) -> list[dict[str, str]]:
    status, text = gateway.ask("GET", f"/system/logs?{urlencode(query)}")
    assert status == 200, text
    if isinstance(text, dict):  # one line is JSON by itself
        return [text]
    return [json.loads(line) for line in text.splitlines()]


def test_logs_by_time_number_and_instance(gateway: Any) -> None:
    code = "def handle(request):\n    print(request.args['say'])\n    return ''\n"
    folder = str(gateway.write_function("logged", code=code))
    assert gateway.ask("POST", FUNCTIONS, {"service": "logged", "image": folder})[0] == 202
    gateway.call("GET", "/function/logged/?say=one")
    gateway.scale("logged", 0)
    gateway.call("GET", "/function/logged/?say=two")
    gateway.call("GET", "/function/logged/?say=three")
    wait_until(lambda: len(read_logs(gateway, name="logged")) == 3)
    one, two, three = read_logs(gateway, name="logged")
    assert [line["text"] for line in (one, two, three)] == ["one", "two", "three"]
    assert one.keys() == {"name", "namespace", "instance", "timestamp", "text"}
    assert (one["name"], one["namespace"]) == ("logged", "openfaas-fn")
    assert one["instance"] != two["instance"] == three["instance"]

    assert read_logs(gateway, name="logged", tail=2) == [two, three]
    assert read_logs(gateway, name="logged", tail=0) == []
    assert read_logs(gateway, name="logged", instance=one["instance"]) == [one]
    assert read_logs(gateway, name="logged", namespace="openfaas-fn", tail=1) == [three]
    moment = datetime.fromisoformat(two["timestamp"])
    abroad = moment.astimezone(
        timezone(timedelta(hours=9))
    ).isoformat()  # as the CLI sends its own zone
    for since in (two["timestamp"], abroad):
        assert two in read_logs(gateway, name="logged", since=since)
        assert one not in read_logs(gateway, name="logged", since=since)
    later = (moment + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert read_logs(gateway, name="logged", since=later) == []
    whole_second = one["timestamp"][:19] + "Z"
    assert read_logs(gateway, name="logged", since=whole_second) == [one, two, three]
    assert len(read_logs(gateway, name="logged", since="1h")) == 3
    for wrong in ("name=logged&since=lately", "name=logged&tail=some", "tail=1"):
        assert gateway.ask("GET", f"/system/logs?{wrong}")[0] == 400


def test_followed_logs_come_once_each_and_in_order(gateway: Any) -> None:
    code = "def handle(request):\n    print(request.args['say'])\n    return ''\n"
    folder = str(gateway.write_function("tailed", code=code))
    assert gateway.ask("POST", FUNCTIONS, {"service": "tailed", "image": folder})[0] == 202
    gateway.call("GET", "/function/tailed/?say=0")
    wait_until(lambda: len(read_logs(gateway, name="tailed")) == 1)
    token = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    with contextlib.closing(gateway.connection()) as connection:
        path = "/system/logs?name=tailed&follow=1"
        connection.request("GET", path, headers={"Authorization": f"Basic {token}"})
        answer = connection.getresponse()
        assert answer.getheader("Content-Type") == "application/x-ndjson"
        seen = [json.loads(answer.readline())["text"]]
        for number in range(1, 10):
            gateway.call("GET", f"/function/tailed/?say={number}")
            seen.append(json.loads(answer.readline())["text"])
    assert seen == [str(number) for number in range(10)]


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


def test_an_alert_steps_up_and_its_end_brings_back_the_minimum(gateway: Any) -> None:
    deploy(gateway, "alerted", labels={SCALE + "min": "2", SCALE + "max": "10"})
    wait_until(lambda: gateway.replicas("alerted") == 2)
    labels = {"alertname": "APIHighInvocationRate", "function_name": "alerted.openfaas-fn"}
    alert: dict[str, Any] = {
        "receiver": "scale-up", "status": "firing", "version": "4", "groupKey": "{}",
        "alerts": [{"status": "firing", "labels": labels, "annotations": {}, "startsAt": "x"}],
    }  # fmt: skip
    for replicas in (4, 6, 8, 10, 10):  # a fifth of the maximum each time, and no more than it
        assert gateway.ask("POST", "/system/alert", alert) == (202, b"")
        wait_until(partial(scaled, gateway, "alerted", replicas))
    alert["alerts"][0]["status"] = "resolved"
    assert gateway.ask("POST", "/system/alert", alert)[0] == 202
    wait_until(lambda: gateway.replicas("alerted") == 2)


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
    plain = {SCALE + "min": "1", SCALE + "max": "10", SCALE + "zero": "false"}
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
