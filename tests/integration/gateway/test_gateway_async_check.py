"""Callers are checked before their asynchronous calls are queued, where a function says so."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import wait_until

ANNOTATION = "dev.mayfly.async-check"
CODE = """
import flask, json, os

def handle(request):
    given = request.headers.get("Authorization", "")
    if request.path == "/check":
        with open(os.path.join(os.path.dirname(os.environ["ASKED"]), "asked"), "a") as file:
            seen = {k.lower(): v for k, v in request.headers.items()}
            seen |= {"method": request.method, "body": request.get_data(as_text=True)}
            file.write(json.dumps(seen) + "\\n")
        if given == "Bearer good" or request.headers.get("X-Api-Key") == "good":
            return flask.Response(status=204)
        if given == "Bearer busy":
            return flask.Response("later", 429, headers={"Retry-After": "7"})
        if given == "Bearer moved":
            return flask.Response("", 302, headers={"Location": "/elsewhere"})
        if given == "Bearer broken":
            return flask.Response("oh", 500)
        if given.startswith("Bearer status "):
            return flask.Response("", int(given.removeprefix("Bearer status ")))
        if given == "Bearer odd":
            return flask.Response(b'{"detail": "\\xff"}', 403)
        problem = {"title": "x", "status": 401, "detail": "No such key here."}
        kind = "application/problem+json"
        if given:
            return flask.Response("not for you", 403)
        fields = {"WWW-Authenticate": 'Bearer realm="own"'}
        return flask.Response(json.dumps(problem), 401, headers=fields, content_type=kind)
    with open(os.environ["ASKED"], "a") as file:
        file.write(given + "\\n")
    return "done"
"""


@pytest.fixture(scope="module")
def ran(gateway: Any) -> Path:
    """Where the function notes that it was called; beside it, in `asked`, each check."""
    folder = gateway.write_function("guarded", code=CODE)
    noted: Path = gateway.folder / "guarded-notes" / "ran"
    noted.parent.mkdir()
    gateway.deploy(
        "guarded",
        image=str(folder),
        annotations={ANNOTATION: "/check"},
        container={"env": [{"name": "ASKED", "value": str(noted)}]},
    )
    return noted


def send(gateway: Any, name: str, headers: dict[str, str]) -> tuple[int, dict[str, str], Any]:
    status, fields, body = gateway.call(
        "POST", f"/async-function/{name}/run?a=b%20c", "the body", headers
    )
    return status, fields, json.loads(body) if body else None


def test_who_passes_is_queued_and_the_check_is_told_of_the_call(gateway: Any, ran: Path) -> None:
    gateway.scale("guarded", 0)  # the check wakes it
    given = {"Authorization": "Bearer good", "X-Original-URI": "/forged", "X-Call-Id": "passed"}
    status, fields, _ = send(
        gateway, "guarded", {**given, "Cookie": "s=1", "X-Own": "x", "X-Original-Own": "x"}
    )
    assert (status, fields["x-call-id"]) == (202, "passed")
    wait_until(lambda: ran.exists() and ran.read_text() == "Bearer good\n")
    asked = json.loads((ran.parent / "asked").read_text().splitlines()[-1])
    assert (asked["method"], asked["body"]) == ("GET", "")
    assert (asked["x-original-method"], asked["x-original-uri"]) == ("POST", "/run?a=b%20c")
    assert asked["x-original-function"] == "guarded.openfaas-fn"
    assert (asked["authorization"], asked["cookie"]) == ("Bearer good", "s=1")
    assert asked["x-call-id"] == "passed"
    assert asked["x-own"] == "x"
    assert not {"x-original-own", "accept-language"} & asked.keys()
    assert send(gateway, "guarded", {"X-Api-Key": "good"})[0] == 202


@pytest.mark.parametrize(
    ("headers", "status", "detail", "field"),
    [
        ({}, 401, "No such key here.", ("www-authenticate", 'Bearer realm="own"')),
        ({"Authorization": "Bearer bad"}, 403, "'guarded' refuses", ("x-call-id", "refused")),
        ({"Authorization": "Bearer odd"}, 403, "'guarded' refuses", ("x-call-id", "refused")),
        ({"Authorization": "Bearer busy"}, 429, "'guarded' refuses", ("retry-after", "7")),
        ({"Authorization": "Bearer broken"}, 503, "it answered 500", ("retry-after", "1")),
        # Statuses that have no phrase of their own.
        (
            {"Authorization": "Bearer status 499"},
            499,
            "'guarded' refuses",
            ("x-call-id", "refused"),
        ),
        (
            {"Authorization": "Bearer status 430"},
            430,
            "'guarded' refuses",
            ("x-call-id", "refused"),
        ),
        ({"Authorization": "Bearer status 599"}, 503, "it answered 599", ("retry-after", "1")),
        ({"Authorization": "Bearer status 799"}, 503, "it answered 799", ("retry-after", "1")),
        ({"Authorization": "Bearer moved"}, 503, "it answered 302", ("retry-after", "1")),
    ],
)
def test_who_does_not_is_refused_and_nothing_queued(
    gateway: Any, ran: Path, headers: dict[str, str], status: int, detail: str, field: Any
) -> None:
    found, fields, problem = send(gateway, "guarded", {**headers, "X-Call-Id": "refused"})
    assert (found, fields["content-type"]) == (status, "application/problem+json")
    assert detail in problem["detail"]
    assert problem["status"] == status
    assert fields[field[0]] == field[1]
    assert gateway.ask("GET", "/async-function/refused")[0] == 404


def test_another_function_may_be_asked(gateway: Any, ran: Path) -> None:
    for name, value in (("asks", "guarded/check"), ("asks-far", "guarded.openfaas-fn/check")):
        folder = str(gateway.write_function(name))
        spec = {"service": name, "image": folder, "annotations": {ANNOTATION: value}}
        assert gateway.ask("POST", "/system/functions", spec)[0] == 202
        assert send(gateway, name, {"Authorization": "Bearer good"})[0] == 202
        assert send(gateway, name, {})[0] == 401
    asked = json.loads((ran.parent / "asked").read_text().splitlines()[-1])
    assert asked["x-original-function"] == "asks-far.openfaas-fn"


def test_a_check_that_cannot_be_made_is_503_and_nothing_queued(gateway: Any) -> None:
    stillborn = str(gateway.write_function("unborn", code="raise RuntimeError('never')\n"))
    gateway.deploy("unborn", image=stillborn, annotations={ANNOTATION: "/check"})
    gateway.deploy("orphaned", annotations={ANNOTATION: "nobody/check"})
    for name, why in (("unborn", ANNOTATION), ("orphaned", "'nobody' is not deployed")):
        given = {"Authorization": "Bearer good", "X-Call-Id": f"lost-{name}"}
        status, fields, problem = send(gateway, name, given)
        assert (status, fields["retry-after"]) == (503, "1")
        assert why in problem["detail"]
        assert "not queued" in problem["remedy"]
        assert gateway.ask("GET", f"/async-function/lost-{name}")[0] == 404


def test_direct_calls_are_the_function_s_own_to_check(gateway: Any, ran: Path) -> None:
    assert gateway.call("POST", "/function/guarded/run", "x")[0] == 200


@pytest.mark.parametrize("value", ["", "check", "Bad_Name/check", "a.B/check", "/a b", "/\u00e4"])
def test_a_wrong_annotation_is_refused_by_name(gateway: Any, value: str) -> None:
    spec = {"service": "wrong", "image": "x", "annotations": {ANNOTATION: value}}
    status, answer = gateway.ask("POST", "/system/functions", spec)
    assert status == 400
    assert ANNOTATION in str(answer)


def test_a_service_s_own_annotation_counts_for_its_revisions(gateway: Any) -> None:
    folder = str(gateway.write_function("above"))
    service = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "above", "annotations": {ANNOTATION: "/status?code=403"}},
        "spec": {"template": {"spec": {"containers": [{"image": folder}]}}},
    }
    services = "/apis/serving.knative.dev/v1/namespaces/default/services"
    assert gateway.apply(services, service)[0] in (200, 201)
    assert send(gateway, "above", {})[0] == 403
