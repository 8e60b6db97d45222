"""OpenFaaS's other routes: secrets, namespaces, logs, alerts."""

import base64
import contextlib
import json
from pathlib import Path
from typing import Any

from tests.integration.gateway.conftest import PASSWORD
from tests.support.processes import wait_until


def test_secrets_are_written_never_shown(gateway: Any) -> None:
    secret = {"name": "token", "value": "abc"}
    assert gateway.ask("POST", "/system/secrets", secret)[0] == 202
    assert gateway.ask("POST", "/system/secrets", secret)[0] == 409
    assert gateway.ask("PUT", "/system/secrets", {"name": "nope", "value": "x"})[0] == 404
    raw = base64.b64encode(b"\x00\xff").decode()
    assert gateway.ask("PUT", "/system/secrets", {"name": "token", "rawValue": raw})[0] == 202
    shown = gateway.ask("GET", "/system/secrets")[1]
    assert {"name": "token", "namespace": "openfaas-fn"} in shown
    assert (gateway.data / "openfaas-secrets/openfaas-fn/token").read_bytes() == b"\x00\xff"
    folder = str(gateway.write_function("secretive"))
    spec = {"service": "secretive", "image": folder, "secrets": ["token"]}
    assert gateway.ask("POST", "/system/functions", spec)[0] == 202
    env = json.loads(gateway.call("GET", "/function/secretive/env")[2])
    assert Path(env["OPENFAAS_SECRETS"]).parent == gateway.data / "given"
    assert gateway.ask("DELETE", "/system/secrets", {"name": "token"})[0] == 202
    assert gateway.ask("DELETE", "/system/secrets", {"name": "token"})[0] == 404


def test_a_deploy_that_names_a_missing_secret_is_refused_and_changes_nothing(gateway: Any) -> None:
    folder = str(gateway.write_function("keyless"))
    spec = {"service": "keyless", "image": folder, "secrets": ["lost"]}
    for method in ("POST", "PUT"):
        status, problem = gateway.ask(method, "/system/functions", spec)
        if method == "POST":
            assert status == 400
            assert "'lost' is not there" in problem["detail"]
            assert "faas-cli secret create lost" in problem["remedy"]
        else:
            assert status == 404  # the CLI's first try
    assert gateway.call("GET", "/function/keyless/")[0] == 404
    assert gateway.ask("POST", "/system/functions", {**spec, "secrets": []})[0] == 202
    assert gateway.ask("PUT", "/system/functions", spec)[0] == 400
    assert gateway.call("GET", "/function/keyless/x")[2] == b"version 1 /x"


def test_a_secret_that_was_removed_is_named_at_the_start(gateway: Any) -> None:
    secret = {"name": "fleeting", "value": "x"}
    assert gateway.ask("POST", "/system/secrets", secret)[0] == 202
    spec = {
        "service": "forsaken",
        "image": str(gateway.write_function("forsaken")),
        "secrets": ["fleeting"],
        "labels": {"com.openfaas.scale.zero": "true"},
    }
    assert gateway.ask("POST", "/system/functions", spec)[0] == 202
    assert gateway.call("GET", "/function/forsaken/")[0] == 200
    gateway.scale("forsaken", 0)
    assert gateway.ask("DELETE", "/system/secrets", secret)[0] == 202
    status, _, body = gateway.call("GET", "/function/forsaken/")
    assert status == 503
    assert b"'fleeting'" in body


def test_namespaces(gateway: Any) -> None:
    mark = {"openfaas": "1"}
    space = {"name": "team", "labels": mark, "annotations": mark}
    assert gateway.ask("POST", "/system/namespace/", {"name": "team"})[0] == 400
    assert gateway.ask("POST", "/system/namespace/", space)[0] == 202
    assert gateway.ask("POST", "/system/namespace/", space)[0] == 409
    assert gateway.ask("GET", "/system/namespace/team")[1] == space
    assert {"team", "openfaas-fn"} <= set(gateway.ask("GET", "/system/namespaces")[1])
    spec = {"service": "mate", "image": str(gateway.write_function("mate")), "namespace": "team"}
    assert gateway.ask("POST", "/system/functions", spec)[0] == 202
    assert gateway.call("GET", "/function/mate.team/x")[2] == b"version 1 /x"
    assert gateway.call("GET", "/function/mate/x")[0] == 404
    assert gateway.ask("DELETE", "/system/namespace/team")[0] == 400
    gone = {"functionName": "mate", "namespace": "team"}
    assert gateway.ask("DELETE", "/system/functions", gone)[0] == 202
    assert gateway.ask("DELETE", "/system/namespace/team")[0] == 202
    assert gateway.ask("GET", "/system/namespace/team")[0] == 404


def test_logs_are_told_and_followed(gateway: Any) -> None:
    gateway.deploy("chatty")
    gateway.call("GET", "/function/chatty/print")
    log = gateway.data / "logs" / "chatty.log"
    wait_until(lambda: log.exists() and "a word" in log.read_text())
    token = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    with contextlib.closing(gateway.connection()) as connection:
        path = "/system/logs?name=chatty&follow=1&tail=1"
        connection.request("GET", path, headers={"Authorization": f"Basic {token}"})
        answer = connection.getresponse()
        first = json.loads(answer.readline())
        assert first["text"] == "a word from the function"
        assert first["name"] == "chatty"
        assert first["instance"].startswith("chatty-00001-")
        gateway.call("GET", "/function/chatty/print")
        assert json.loads(answer.readline())["text"] == "a word from the function"
    assert gateway.call("GET", "/function/chatty/x")[0] == 200
    status, rows = gateway.ask("GET", "/system/logs?name=chatty&tail=0")
    assert (status, rows) == (200, b"")


def test_an_alert_scales_up_one_step(gateway: Any) -> None:
    gateway.deploy("alarmed", annotations={"autoscaling.knative.dev/max-scale": "10"})
    gateway.call("GET", "/function/alarmed/")
    labels = {"alertname": "APIHighInvocationRate", "function_name": "alarmed.openfaas-fn"}
    alert = {"alerts": [{"status": "firing", "labels": labels}]}
    assert gateway.ask("POST", "/system/alert", alert)[0] == 202
    wait_until(lambda: gateway.replicas("alarmed") == 2)
