"""What OpenFaaS keeps for functions: secrets, namespaces, logs."""

import base64
import contextlib
import json
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.integration.gateway.conftest import PASSWORD
from tests.integration.gateway.openfaas import FUNCTIONS, deploy, describe, spec_of
from tests.support.processes import wait_until
from tests.support.tools import lacking, program, root


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
    root()
    unshare = program("unshare", package="util-linux")
    if subprocess.run([unshare, "-m", "true"], check=False).returncode:
        lacking("a view of /var/openfaas/secrets of one's own needs mount namespaces")
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
    for unmarked in ({**marked, "labels": {}}, {**marked, "annotations": {"openfaas": "0"}}):
        assert gateway.ask("PUT", "/system/namespace/crew", unmarked)[0] == 400
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
