"""Whatever is sent, each listener refuses it with a 4xx in its one shape: no 5xx, no silence."""

import json
from typing import Any

import pytest

from tests.support.callers.visits import cookies, reader
from tests.support.servers.doors import Door, basic, exchange

pytestmark = pytest.mark.slow

DIGITS = b"9" * 5000
DEEP = b"[" * 50_000
ODD_TAILS = [
    b"/a%0Ab", b"/a%0D%0Ab", b"/a%00b", b"/%00", b"/%ff%fe", b"/%", b"/%zz", b"/%c3%28",
    b"/%1b[31m",
    b"/..", b"/../../etc/passwd", b"/%2e%2e%2f%2e%2e", b"/" + b"x" * 3000, b"/" + DIGITS[:3000],
    b"/a>b", b'/a"b', b"/a\xffb", b"/a\x7fb", b"//", b"/%ed%a0%80", b"/%E2%80%AE", b"/a;b=%00",
]  # fmt: skip
QUERIES = [
    b"?q=>", b"?q=<script>", b'?q="', b"?q=`", b"?q=\xff\xfe", b"?q=%ff", b"?q=%00", b"?q=%0A",
    b"?%", b"?=&=&", b"?limit=" + DIGITS, b"?limit=-1", b"?limit=1e999", b"?limit=%C2%B2",
    b"?cursor=%ff", b"?cursor=%C3%A4", b"?filter=age>3", b"?filter=%00", b"?pageSize=" + DIGITS,
    b"?namespace=%0A", b"?namespace=..%2F..", b"?since=" + DIGITS, b"?tail=" + DIGITS,
    b"?resourceVersion=" + DIGITS + b"&watch=true", b"?fieldSelector=%00", b"?labelSelector=(((",
    b"?follow=maybe", b"?maxResults=" + DIGITS, b"?prefix=%00", b"?readTime=" + DIGITS,
]  # fmt: skip
BODIES = [
    b"", b"{", b"null", b"[]", b"0", DIGITS, b'{"name": ' + DIGITS + b"}", b"1e999", DEEP, b'"x',
    b'{"name": "\xff"}', b'{"name": "\\ud800"}', b'{"name": "\\u0000"}', b'{"name": "a\\nb"}',
    b'{"service": "a\\u0000", "image": "x"}', b'{"service": "a", "image": "/a\\u0000b"}',
    b'{"name": "s", "rawValue": "\xc3\xa4"}', b'{"name": "s", "rawValue": "***"}',
    b'{"spec": {"schedule": "* * * * *", "timezone": "Nowhere/Else", "sink": {"uri": "http://a"}}}',
]  # fmt: skip
CHANGES = ("POST", "PUT", "PATCH", "DELETE")
K8S = "/apis/serving.knative.dev/v1/namespaces/default/services"
DOCUMENTS = "/v1/projects/p/databases/(default)/documents"


@pytest.fixture(scope="module")
def doors(own_stack):  # among what is sent are orders to delete, which an administrator may give
    stack = own_stack
    port = {
        name: stack.port(name)
        for name in ("GATEWAY", "GATEWAY_METRICS", "FIRESTORE", "STORAGE", "WEB")
    }
    password = basic(stack.password)
    with reader(stack) as pages:
        seat = cookies(pages)
    key = {"Authorization": f"Bearer {stack.key}"}
    sources = "/apis/sources.knative.dev/v1/namespaces/default/pingsources"
    return {
        "functions": door(port["GATEWAY"], key, "/function/datasets/datasets", "/function/models",
                          "/function/models/models", "/function/training/jobs", "/function/none",
                          "/function/prediction/models/x/predict",
                          "/function/prediction/v2/models"),
        "gateway": door(port["GATEWAY"], password, "/system/functions", "/system/function",
                        "/system/scale-function", "/system/secrets", "/system/logs",
                        "/system/namespace", "/async-function/datasets", "/async-function",
                        "/broker/default/default", "", "/system/alert"),
        "kubernetes": door(port["GATEWAY"], password, K8S, sources, "/api/v1/namespaces", "/apis",
                           "/api/v1/namespaces/default/pods",
                           "/api/v1/namespaces/default/secrets"),
        "metrics": door(port["GATEWAY_METRICS"], {}, "/metrics", ""),
        "firestore": door(port["FIRESTORE"], {}, f"{DOCUMENTS}/c", f"{DOCUMENTS}:commit",
                          f"{DOCUMENTS}:runQuery", "/emulator/v1", "/browse", "", "/v1",
                          "/emulator/v1/projects/p/triggers"),
        "storage": door(port["STORAGE"], {}, "/storage/v1/b", "/storage/v1/b/mayfly/o", "/mayfly",
                        "/upload/storage/v1/b/mayfly/o", "/batch/storage/v1", ""),
        "web": door(port["WEB"], seat, "/datasets", "/jobs", "/models", "/models/x/versions", "",
                    "/static", "/datasets/x/records", "/datasets/new", "/datasets/x/column"),
    }  # fmt: skip


def door(port, credentials, *stems):
    return Door("", port, "", "", 0, "", credentials, stems)


SHAPES: dict[str, Any] = {}


def shape(*names):
    def note(check):
        SHAPES.update(dict.fromkeys(names, check))
        return check

    return note


@shape("functions", "gateway", "metrics")
def is_problem(reply):
    told = reply.json
    if list(told) == ["error"]:  # the inference protocol's own
        return bool(told["error"])
    return told["status"] == reply.status and told["title"] and told["detail"]


@shape("kubernetes")
def is_status(reply):
    told = reply.json
    if b"not HTTP/1.1" in reply.body:  # of what cannot be read nobody knows whom it was for
        return is_problem(reply)
    return (told["kind"], told["code"]) == ("Status", reply.status) and told["message"]


@shape("firestore", "storage")
def is_google_s(reply):
    told = reply.json
    error = (told[0] if isinstance(told, list) else told)["error"]
    return error["code"] == reply.status and error["message"]


@shape("web")
def is_page(reply):
    return reply.header("Content-Type").startswith("text/html")


def wrong(name, what, reply):
    """Say what is wrong with an answer; nothing as a rule."""
    told = f"{what!r} → {reply.status} {reply.body[:200]!r}"
    if not 200 <= reply.status < 500:
        return told
    try:
        return "" if reply.status < 400 or SHAPES[name](reply) else told
    except (ValueError, KeyError, TypeError):
        return f"{told}: not of the one shape"


@pytest.mark.parametrize("name", SHAPES)
def test_odd_addresses(doors, name):
    door, found = doors[name], []
    for stem in door.stems:
        for tail in (*ODD_TAILS, *QUERIES):
            target = stem.encode() + tail
            target = target if target.startswith(b"/") else b"/" + target
            found.append(wrong(name, target[:200], door.ask("GET", target)))
    assert [one for one in found if one] == []


@pytest.mark.parametrize("name", SHAPES)
def test_odd_bodies(doors, name):
    door, found = doors[name], []
    for stem in door.stems:
        for number, body in enumerate(BODIES):
            method = CHANGES[number % len(CHANGES)]
            for kind in ("application/json", "application/json-patch+json", "text/plain"):
                target = (stem or "/") + ("/x" if method in {"PUT", "PATCH"} and stem else "")
                reply = door.ask(method, target, {"Content-Type": kind}, body)
                found.append(wrong(name, (method, target, kind, body[:60]), reply))
    assert [one for one in found if one] == []


def ping(**spec):
    sink = {"ref": {"kind": "Service", "name": "datasets", "apiVersion": "serving.knative.dev/v1"}}
    whole = {"schedule": "0 0 1 1 *", "sink": sink, **spec}
    return thing("sources.knative.dev/v1", "PingSource", spec=whole)


def thing(version, kind, **more):
    named = {"apiVersion": version, "kind": kind, "metadata": {"name": "odd"}, **more}
    return json.dumps(named, ensure_ascii=False).encode()


SOURCES = "/apis/sources.knative.dev/v1/namespaces/default/pingsources"
CONFIGS = "/api/v1/namespaces/default/configmaps"
SECRETS = "/api/v1/namespaces/default/secrets"
ONE = f"{K8S}/datasets"
PATCH = "application/json-patch+json"
DOUBLING = [{"op": "copy", "from": "", "path": f"/metadata/annotations/a{n}"} for n in range(60)]
MANY = [{"op": "test", "path": "/kind", "value": "Service"}] * 50_000


@pytest.mark.parametrize(
    ("name", "method", "target", "body", "headers"),
    [
        ("kubernetes", "POST", SOURCES, ping(timezone="Nowhere/Else"), {}),
        ("kubernetes", "POST", SOURCES, ping(timezone="America"), {}),
        ("kubernetes", "POST", SOURCES, ping(timezone="../../etc/passwd"), {}),
        ("kubernetes", "POST", SOURCES, ping(timezone="a\0b"), {}),
        ("kubernetes", "POST", SOURCES, ping(timezone="x" * 5000), {}),
        ("kubernetes", "POST", SOURCES, ping(schedule="9" * 5000 + " * * * *"), {}),
        ("kubernetes", "POST", SOURCES, ping(dataBase64="ä"), {}),
        ("kubernetes", "POST", SOURCES, ping(dataBase64="***"), {}),
        ("kubernetes", "POST", SECRETS, thing("v1", "Secret", data={"a": "ä"}), {}),
        ("kubernetes", "POST", CONFIGS, thing("v1", "ConfigMap", binaryData={"a": "ä"}), {}),
        ("kubernetes", "POST", CONFIGS, thing("v1", "ConfigMap", data={"a": "x"}) + b"\xff", {}),
        ("kubernetes", "PATCH", ONE, json.dumps(DOUBLING).encode(), {"Content-Type": PATCH}),
        ("kubernetes", "PATCH", ONE, json.dumps(MANY).encode(), {"Content-Type": PATCH}),
        ("gateway", "POST", "/system/secrets", '{"name": "s", "rawValue": "ä"}'.encode(), {}),
        ("gateway", "POST", "/system/functions", b'{"service": "\xff", "image": "x"}', {}),
        ("gateway", "PUT", "/system/functions", b"[" * 100_000, {}),
        ("functions", "GET", "/function/datasets/datasets", b"",
         {"Authorization": f"Step {DIGITS.decode()}.a"}),
        ("functions", "POST", f"/function/training/jobs/x/steps/candidates/{'9' * 4500}", b"{}",
         {}),
        ("functions", "GET", "/function/datasets/datasets/a%0Ab", b"", {}),
        ("functions", "GET", "/function/datasets/datasets/x/records?filter=age>3", b"", {}),
        ("functions", "BREW", "/function/datasets/datasets", b"", {}),
    ],
)  # fmt: skip
def test_what_once_was_a_500_or_a_closed_connection(doors, name, method, target, body, headers):
    reply = doors[name].ask(method, target, {"Content-Type": "application/json", **headers}, body)
    assert 400 <= reply.status < 500, reply
    assert SHAPES[name](reply), reply


@pytest.mark.parametrize("name", ["gateway", "firestore", "storage"])
def test_what_is_no_request_is_told_so(doors, name):
    """Of those that read HTTP by themselves; gunicorn and granian answer for the others."""
    for data in (
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00\xff\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + DIGITS + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    ):
        reply = exchange(doors[name].port, data)
        assert 400 <= reply.status < 500, (data[:60], reply)
        assert json.loads(reply.body)
