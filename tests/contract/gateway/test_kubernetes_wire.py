"""The Kubernetes API on the wire: what not every kubectl asks for, and what none would send."""

import contextlib
import itertools
import json
from typing import Any

import pytest

from tests.integration.gateway.conftest import SERVICES

MAPS = "/api/v1/namespaces/default/configmaps"
ODD: list[Any] = [
    None, 1, "", "x", [], [1], {}, {"metadata": None}, {"metadata": []}, {"metadata": {"name": 5}},
    {"metadata": {"name": "../x"}}, {"metadata": {"name": "odd", "labels": {"a": 1}}},
    {"metadata": {"name": "odd", "namespace": "other"}}, {"metadata": {"name": "odd"}, "spec": 1},
    {"metadata": {"name": "odd"}, "data": {"a": 1}}, {"metadata": {"name": "odd"}, "data": "x"},
    {"metadata": {"name": "odd"}, "data": {"../a": "b"}}, {"kind": "Other"}, {"preconditions": 1},
    [{"op": "replace", "path": "/nowhere", "value": 1}], [{"op": "add", "path": ""}], ["x"],
]  # fmt: skip
PLACES = (
    MAPS,
    "/api/v1/namespaces/default/secrets",
    "/api/v1/namespaces",
    SERVICES,
    "/apis/eventing.knative.dev/v1/namespaces/default/brokers",
    "/apis/eventing.knative.dev/v1/namespaces/default/triggers",
    "/apis/sources.knative.dev/v1/namespaces/default/pingsources",
)


def config(name: str, **rest: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "data": {"a": "1"}, **rest}


def send(gateway: Any, method: str, path: str, body: Any, kind: str) -> tuple[int, Any]:
    headers = {"Authorization": gateway.token(), "Content-Type": kind}
    with contextlib.closing(gateway.connection()) as connection:
        connection.request(method, path, json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


@pytest.mark.parametrize("place", PLACES)
def test_odd_bodies_get_a_status(gateway: Any, place: str) -> None:
    target = "/api/v1/namespaces/odd-there" if place.endswith("namespaces") else ""
    if place == MAPS:
        assert gateway.ask("POST", MAPS, config("odd-there"))[0] == 201
        target = f"{MAPS}/odd-there"
    kinds = ("application/json", "application/merge-patch+json", "application/json-patch+json")
    for method, body, kind in itertools.product(("POST", "PUT", "PATCH"), ODD, kinds):
        path = place if method == "POST" else target or f"{place}/odd-there"
        status, answer = send(gateway, method, path, body, kind)
        assert status < 500, (method, path, body, answer)
        if status >= 400:
            assert (answer["kind"], answer["code"]) == ("Status", status)
            assert answer["message"]
        else:
            assert answer["metadata"]["name"]
    for body in ODD:
        assert send(gateway, "DELETE", f"{place}/odd", body, "application/json")[0] < 500


def test_a_dry_run_changes_nothing(gateway: Any) -> None:
    status, shown = gateway.ask("POST", f"{MAPS}?dryRun=All", config("dry"))
    assert (status, shown["data"]) == (201, {"a": "1"})
    assert gateway.ask("GET", f"{MAPS}/dry")[0] == 404
    gateway.ask("POST", MAPS, config("dry"))
    status, shown = gateway.ask("PUT", f"{MAPS}/dry?dryRun=All", config("dry", data={"a": "2"}))
    assert (status, shown["data"], bool(shown["metadata"]["uid"])) == (200, {"a": "2"}, True)
    assert gateway.ask("DELETE", f"{MAPS}/dry?dryRun=All")[0] == 200
    assert gateway.ask("GET", f"{MAPS}/dry")[1]["data"] == {"a": "1"}


def test_names_are_made_where_they_are_asked_for(gateway: Any) -> None:
    made = [gateway.ask("POST", MAPS, {"metadata": {"generateName": "made-"}}) for _ in range(2)]
    names = {answer["metadata"]["name"] for _, answer in made}
    assert len(names) == 2
    assert all(name.startswith("made-") for name in names)


def test_preconditions_and_whole_collections_of_deletes(gateway: Any) -> None:
    for name in ("gone-1", "gone-2"):
        labels = {"metadata": {"name": name, "labels": {"sweep": "yes"}}}
        assert gateway.ask("POST", MAPS, labels)[0] == 201
    wrong = {"preconditions": {"uid": "another"}}
    assert gateway.ask("DELETE", f"{MAPS}/gone-1", wrong)[1]["reason"] == "Conflict"
    selected = f"{MAPS}?labelSelector=sweep%3Dyes"
    wrong_bodies: tuple[Any, ...] = ([], "x", {"preconditions": 1})
    for unreadable in wrong_bodies:
        assert gateway.ask("DELETE", selected, unreadable)[0] == 400
    assert len(gateway.ask("GET", selected)[1]["items"]) > 0
    assert gateway.ask("DELETE", selected)[0] == 200
    assert gateway.ask("GET", f"{MAPS}?labelSelector=sweep")[1]["items"] == []


def test_an_immutable_one_stays_as_it_is(gateway: Any) -> None:
    gateway.ask("POST", MAPS, config("fixed", immutable=True))
    changed = config("fixed", immutable=True, data={"a": "2"})
    assert gateway.ask("PUT", f"{MAPS}/fixed", changed)[1]["reason"] == "Invalid"
    assert gateway.ask("PUT", f"{MAPS}/fixed", config("fixed"))[1]["reason"] == "Invalid"


def test_a_watch_from_a_version(gateway: Any) -> None:
    version = gateway.ask("GET", MAPS)[1]["metadata"]["resourceVersion"]
    gateway.ask("POST", MAPS, config("followed"))
    gateway.ask("DELETE", f"{MAPS}/followed")
    path = f"{MAPS}?watch=1&timeoutSeconds=1&resourceVersion={version}"
    _, _, body = gateway.call("GET", path, headers={"Authorization": gateway.token()})
    events = [json.loads(line) for line in body.splitlines()]
    assert [(e["type"], e["object"]["metadata"]["name"]) for e in events] == [
        ("ADDED", "followed"),
        ("DELETED", "followed"),
    ]
    versions = [int(e["object"]["metadata"]["resourceVersion"]) for e in events]
    assert [int(version), *versions] == sorted({int(version), *versions})
    assert gateway.ask("GET", f"{MAPS}?watch=1&resourceVersion=5")[1]["reason"] == "Expired"
    late = f"{MAPS}?watch=1&resourceVersion={10**15}"
    assert gateway.ask("GET", late)[1]["reason"] == "Expired"
    for odd in ("x", "%C2%B2", "9" * 5000):
        assert gateway.ask("GET", f"{MAPS}?watch=1&resourceVersion={odd}")[0] == 400


def test_initial_events_end_with_a_bookmark(gateway: Any) -> None:
    gateway.ask("POST", MAPS, config("listed"))
    path = f"{MAPS}?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch="
    _, _, body = gateway.call(
        "GET", path + "NotOlderThan", headers={"Authorization": gateway.token()}
    )
    events = [json.loads(line) for line in body.splitlines()]
    assert ("ADDED", "listed") in [(e["type"], e["object"]["metadata"].get("name")) for e in events]
    mark = events[-1]["object"]["metadata"]
    assert events[-1]["type"] == "BOOKMARK"
    assert mark["annotations"] == {"k8s.io/initial-events-end": "true"}


@pytest.mark.parametrize("path", ["/api", "/api/", "/apis", "/apis/", "/version", "/version/"])
def test_discovery_takes_a_slash(gateway: Any, path: str) -> None:
    assert gateway.ask("GET", path)[0] == 200


@pytest.mark.parametrize("place", [MAPS, SERVICES])
@pytest.mark.parametrize("depth", [200, 900, 100_000])
def test_what_could_not_be_shown_again_is_refused(gateway: Any, place: str, depth: int) -> None:
    body = b'{"metadata":{"name":"deep"},"x":' + b'{"a":' * depth + b"1" + b"}" * (depth + 1)
    status, _, answer = gateway.call("POST", place, body, {"Authorization": gateway.token()})
    assert (status, json.loads(answer)["kind"]) == (400, "Status"), answer
    assert gateway.ask("GET", place)[0] == 200


def test_a_patch_does_not_nest_too_deeply_either(gateway: Any) -> None:
    gateway.ask("POST", MAPS, config("deepening"))
    steps = [{"op": "add", "path": "/x" * step, "value": {}} for step in range(1, 200)]
    kind = "application/json-patch+json"
    assert send(gateway, "PATCH", f"{MAPS}/deepening", steps, kind)[0] == 400
    assert "x" not in gateway.ask("GET", f"{MAPS}/deepening")[1]


def test_odd_addresses_get_a_status(gateway: Any) -> None:
    for space in ("n" * 300, "..", "a%00b", "a%2Fb", "configmaps@x"):
        status, answer = gateway.ask("GET", f"/api/v1/namespaces/{space}/configmaps/x")
        assert status == 404, answer


def test_openfaas_own_name_of_the_default_namespace_is_taken(gateway: Any) -> None:
    wanted = {"metadata": {"name": "openfaas-fn"}}
    status, answer = gateway.ask("POST", "/api/v1/namespaces", wanted)
    assert (status, answer["reason"]) == (409, "Conflict")
    assert "default" in answer["message"]


@pytest.mark.parametrize("query", ["tailLines=x", "sinceSeconds=x", "sinceTime=2026-13-01T00:00"])
def test_a_log_that_is_followed_is_refused_before_it_begins(gateway: Any, query: str) -> None:
    gateway.deploy_ready("told")
    pods = gateway.ask("GET", "/api/v1/namespaces/default/pods")[1]["items"]
    name = next(p["metadata"]["name"] for p in pods if p["metadata"]["name"].startswith("told-"))
    path = f"/api/v1/namespaces/default/pods/{name}/log?follow=true&{query}"
    status, answer = gateway.ask("GET", path)
    assert (status, answer["kind"]) == (400, "Status")


def test_the_head_of_a_stream_has_no_body(gateway: Any) -> None:
    with contextlib.closing(gateway.connection()) as connection:
        headers = {"Authorization": gateway.token()}
        for _ in range(2):  # on one connection: bytes of a body would be read as the next answer
            connection.request("HEAD", f"{MAPS}?watch=1&timeoutSeconds=1", headers=headers)
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, b"")
