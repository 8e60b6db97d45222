"""What OpenFaaS's clients send, to the byte, and what they accept.

After faas-cli's and go-sdk's request code (Go writes Host, User-Agent and Content-Length, then the
other fields by name), the certifier's checks, and the Python SDK (requests).
"""

import base64
import http.client
import json
import os
import socket
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.integration.gateway.conftest import PASSWORD
from tests.support.processes import wait_until

CORES = os.cpu_count() or 1
BASIC = "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
OK = frozenset((200, 201, 202))  # what the clients take for "done"
GO = """{line} HTTP/1.1
Host: {host}
User-Agent: {agent}
{length}{authorization}{kind}Accept-Encoding: gzip
"""
PYTHON = """{line} HTTP/1.1
Host: {host}
User-Agent: python-requests/2.32.3
Accept-Encoding: gzip, deflate
Accept: */*
Connection: keep-alive
{length}{kind}{authorization}
"""


class Reply(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Step(NamedTuple):
    """One request, the statuses that the client accepts, and what it reads in the answer."""

    what: str
    line: str
    accepted: frozenset[int] | set[int]
    body: Any = None
    reads: Callable[[Reply], object] = lambda _: True
    kind: str = "application/json"
    authorization: str = BASIC


class Wire:
    """Sends requests as one kind of client writes them, each on a connection of its own."""

    def __init__(self, gateway: Any, template: str, agent: str = "") -> None:
        self._port = gateway.port
        self._template = template
        self._agent = agent

    def send(self, step: Step) -> Reply:
        body = step.body or b""
        if not isinstance(body, bytes):
            body = json.dumps(body, separators=(",", ":")).encode()
        head = self._template.format(
            line=step.line,
            host=f"127.0.0.1:{self._port}",
            agent=self._agent,
            length=f"Content-Length: {len(body)}\n" if step.body is not None else "",
            kind=f"Content-Type: {step.kind}\n" if step.body is not None else "",
            authorization=f"Authorization: {step.authorization}\n" if step.authorization else "",
        )
        raw = (head.rstrip("\n") + "\n\n").replace("\n", "\r\n").encode() + body
        with socket.create_connection(("127.0.0.1", self._port), 30) as connection:
            connection.sendall(raw)
            answer = http.client.HTTPResponse(connection, method=step.line.split()[0])
            answer.begin()
            return Reply(answer.status, answer.headers, answer.read())

    def play(self, steps: list[Step]) -> None:
        for step in steps:
            reply = self.send(step)
            assert reply.status in step.accepted, (step.what, reply)
            assert step.reads(reply), (step.what, reply)


def lines(reply: Reply) -> list[Any]:
    return [json.loads(line) for line in reply.body.splitlines()]


def described(reply: Reply) -> bool:
    found = reply.json
    return (
        found["labels"] == {"team": "a"}
        and found["annotations"] == {"note": "b"}
        and found["envVars"] == {"custom_env": "value"}
        and found["limits"] == {"memory": "128Mi", "cpu": "100m"}
        and found["createdAt"].endswith("Z")
        and found["usage"]["totalMemoryBytes"] > 1_000_000
        and 0 <= found["usage"]["cpu"] <= 1000 * CORES
    )


@pytest.fixture
def faas_cli(gateway: Any) -> Wire:
    return Wire(gateway, GO, "faas-cli/0.16.37")


def test_faas_cli_deploys_describes_and_removes(gateway: Any, faas_cli: Wire) -> None:
    """login, deploy (an update first), list -v, ready, describe, scale, remove."""
    deploy = {
        "service": "by-cli",
        "image": str(gateway.write_function("by-cli")),
        "envVars": {"custom_env": "value"},
        "labels": {"team": "a"},
        "annotations": {"note": "b"},
        "limits": {"memory": "128Mi", "cpu": "100m"},
    }
    functions = "/system/functions"
    name = {"functionName": "by-cli"}
    faas_cli.play([
        Step("login", f"GET {functions}", {200}),
        Step("login, wrong", f"GET {functions}", {401}, authorization="Basic YTpi"),
        Step("login with a token", f"GET {functions}", {401}, authorization="Bearer abc"),
        Step("deploy", f"PUT {functions}", {404}, deploy),
        Step("deploy, once more", f"POST {functions}", OK, deploy),
        Step("deploy again", f"PUT {functions}", OK, deploy),
        Step("list", f"GET {functions}?namespace=openfaas-fn", {200}, reads=lambda r: any(
            {"name": "by-cli", "image": deploy["image"]}.items() <= f.items() for f in r.json)),
    ])  # fmt: skip
    ready = Step("ready", "GET /system/function/by-cli?namespace=openfaas-fn", {200})
    wait_until(lambda: faas_cli.send(ready).json["availableReplicas"] == 1)
    scale = {"serviceName": "by-cli", "namespace": "openfaas-fn", "replicas": 0}
    usage = "GET /system/function/by-cli?namespace=openfaas-fn&usage=1"
    faas_cli.play([
        Step("describe", usage, {200}, reads=described),
        Step("scale", "POST /system/scale-function/by-cli", OK, scale),
        Step("scale, unknown", "POST /system/scale-function/nobody", {404}, scale),
        Step("get", "GET /system/function/by-cli", {200}, reads=lambda r: r.json["replicas"] == 0),
        Step("invoke", "POST /function/by-cli", {200}, b"", authorization=""),
        Step("remove", f"DELETE {functions}?namespace=openfaas-fn", OK, name),
        Step("remove, none", f"DELETE {functions}?namespace=openfaas-fn", {404}, name),
        Step("describe, none", usage, {404}),
        Step("namespaces", "GET /system/namespaces", {200},
             reads=lambda r: "openfaas-fn" in r.json),
    ])  # fmt: skip


def test_replicas_are_those_wanted_at_once(gateway: Any, faas_cli: Wire) -> None:
    """As the certifier checks it: right after the deploy."""
    deploy = {
        "service": "two",
        "image": str(gateway.write_function("two")),
        "network": "func_functions",
        "envProcess": "",
        "labels": {"com.openfaas.scale.min": "2"},
    }
    faas_cli.play(
        [
            Step("deploy", "POST /system/functions", OK, deploy),
            Step("get", "GET /system/function/two", {200}, reads=lambda r: r.json["replicas"] == 2),
            Step("remove", "DELETE /system/functions", OK, {"functionName": "two"}),
        ]
    )


def test_faas_cli_invokes(gateway: Any, faas_cli: Wire) -> None:
    deploy = {"service": "called", "image": str(gateway.write_function("called"))}
    text = "text/plain"
    at = "/function/called.openfaas-fn"
    faas_cli.play([
        Step("deploy", "POST /system/functions", OK, deploy),
        Step("invoke", f"POST {at}", {200}, b"", kind=text, authorization="",
             reads=lambda r: r.body == b"version 1 /"),
        Step("invoke, a body", f"POST {at}/echo", {200}, b"stdin", kind=text, authorization="",
             reads=lambda r: r.body == b"stdin"),
        Step("a redirect is the caller's", f"POST {at}/status?code=302", {302}, b"x", kind=text),
        *(Step(verb, f"{verb} {at}/?a=b", {200}, b"x", kind=text)
          for verb in ("GET", "POST", "PUT", "PATCH", "DELETE")),
        Step("invoke --async", "POST /async-function/called.openfaas-fn", {202}, b"x", kind=text,
             authorization="", reads=lambda r: not r.body and r.headers["X-Call-Id"]),
        Step("invoke, none", "POST /function/notfound", {404, 502}, b""),
    ])  # fmt: skip


def test_faas_cli_manages_secrets(faas_cli: Wire) -> None:
    at, name = "/system/secrets", {"name": "cli-secret", "namespace": "openfaas-fn"}
    raw = {**name, "rawValue": base64.b64encode(b"\x00binary").decode()}
    shown = {"name": "cli-secret", "namespace": "openfaas-fn"}
    faas_cli.play(
        [
            Step("create", f"POST {at}", OK, {**name, "value": "v"}),
            Step("create again", f"POST {at}", {409}, {**name, "value": "v"}),
            Step("list", f"GET {at}?namespace=openfaas-fn", {200}, reads=lambda r: shown in r.json),
            Step("update", f"PUT {at}", {200, 202}, raw),
            Step("update, none", f"PUT {at}", {404}, {"name": "nothing", "value": "v"}),
            Step("remove", f"DELETE {at}", {200, 202}, name),
            Step("remove, none", f"DELETE {at}", {404}, name),
        ]
    )


def test_go_sdk_manages_namespaces(faas_cli: Wire) -> None:
    mark = {"openfaas": "1"}
    space = {"name": "sdk", "labels": mark, "annotations": mark}
    faas_cli.play([
        Step("create", "POST /system/namespace/", OK, space),
        Step("get", "GET /system/namespace/sdk", {200}, reads=lambda r: r.json == space),
        Step("update", "PUT /system/namespace/sdk", OK, {**space, "labels": {**mark, "a": "b"}}),
        Step("update, none", "PUT /system/namespace/none", {404}, {**space, "name": "none"}),
        Step("list", "GET /system/namespaces", {200}, reads=lambda r: "sdk" in r.json),
        Step("remove", "DELETE /system/namespace/sdk", OK, {"name": "sdk"}),
        Step("remove, none", "DELETE /system/namespace/sdk", {404}, {"name": "sdk"}),
        Step("create, as faas-cli joins paths", "POST /system/namespace", OK, space),
        Step("remove", "DELETE /system/namespace/sdk", OK),
    ])  # fmt: skip


def test_info_names_everything(faas_cli: Wire) -> None:
    found = faas_cli.send(Step("version", "GET /system/info", {200})).json
    provider = found["provider"]
    for part in (provider["provider"], provider["orchestration"], found["arch"]):
        assert part
    for version in (provider["version"], found["version"]):
        assert version["release"]
        assert len(version["sha"]) == 40


def test_faas_cli_reads_logs(gateway: Any, faas_cli: Wire) -> None:
    deploy = {"service": "logged", "image": str(gateway.write_function("logged"))}
    at = "GET /system/logs?follow=false&name=logged&namespace=openfaas-fn"
    call = Step("invoke", "POST /function/logged/print", {200}, b"")
    faas_cli.play([Step("deploy", "POST /system/functions", OK, deploy), call, call, call])
    wait_until(lambda: len(lines(faas_cli.send(Step("logs", at, {200})))) == 3)
    (last,) = lines(faas_cli.send(Step("logs", f"{at}&tail=1", {200})))
    assert (last["name"], last["namespace"]) == ("logged", "openfaas-fn")
    assert last["text"] == "a word from the function"
    instance = last["instance"]
    second = last["timestamp"][:19]
    later = f"{int(second[:4]) + 1}{second[4:]}"
    faas_cli.play([
        Step("of the instance", f"{at}&instance={instance}", {200}, reads=lines),
        Step("of another", f"{at}&instance=x", {200}, reads=lambda r: not r.body),
        Step("since its second", f"{at}&since={second}Z", {200}, reads=lines),
        Step("the same, elsewhere", f"{at}&since={second}-00:00", {200}, reads=lines),
        Step("east of it", f"{at}&since={later}%2B02:00", {200}, reads=lambda r: not r.body),
        Step("since an hour", f"{at}&since=1h", {200}, reads=lambda r: len(lines(r)) == 3),
        Step("of none", "GET /system/logs?follow=false&name=nobody", {404}),
    ])  # fmt: skip


def test_the_python_sdk(gateway: Any) -> None:
    sdk = Wire(gateway, PYTHON)
    deploy = {
        "service": "by-sdk", "image": str(gateway.write_function("by-sdk")),
        "namespace": "openfaas-fn", "constraints": [], "secrets": [], "labels": {},
        "limits": {"memory": "64Mi"}, "readOnlyRootFilesystem": False,
    }  # fmt: skip
    name = {"functionName": "by-sdk", "namespace": "openfaas-fn"}
    scale = {"serviceName": "by-sdk", "replicas": 2, "namespace": "openfaas-fn"}
    logs = "GET /system/logs?name=by-sdk&namespace=openfaas-fn&tail=5&follow=0"
    sdk.play([
        Step("deploy", "POST /system/functions", OK, deploy),
        Step("update", "PUT /system/functions", OK, deploy),
        Step("get", "GET /system/function/by-sdk?namespace=openfaas-fn", {200},
             reads=lambda r: r.json["limits"] == {"memory": "64Mi"}),
        Step("scale", "POST /system/scale-function/by-sdk", OK, scale),
        Step("invoke", "POST /function/by-sdk.openfaas-fn?x=1", {200}, b"payload",
             kind="text/plain", authorization=""),
        Step("logs", f"{logs}&since=2020-01-01T00%3A00%3A00.123456%2B00%3A00", {200}),
        Step("secret", "POST /system/secrets", OK, {"name": "sdk-secret", "value": "v"}),
        Step("secret, gone", "DELETE /system/secrets", OK, {"name": "sdk-secret"}),
        Step("remove", "DELETE /system/functions", OK, name),
        Step("remove, none", "DELETE /system/functions", {404}, name),
    ])  # fmt: skip


def test_a_log_is_followed_from_now(gateway: Any) -> None:
    deploy = {"service": "followed", "image": str(gateway.write_function("followed"))}
    assert gateway.ask("POST", "/system/functions", deploy)[0] == 202
    assert gateway.call("GET", "/function/followed/print")[0] == 200
    request = GO.format(
        line="GET /system/logs?follow=true&name=followed&tail=1", agent="faas-cli", length="",
        host=f"127.0.0.1:{gateway.port}", authorization=f"Authorization: {BASIC}\n", kind="",
    )  # fmt: skip
    with socket.create_connection(("127.0.0.1", gateway.port), 30) as connection:
        connection.sendall((request + "\n").replace("\n", "\r\n").encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        assert json.loads(answer.readline())["text"] == "a word from the function"
        assert gateway.call("GET", "/function/followed/print")[0] == 200
        assert json.loads(answer.readline())["text"] == "a word from the function"
