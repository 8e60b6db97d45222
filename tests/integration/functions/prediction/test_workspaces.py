"""Models of two workspaces: neither learns anything of the other's; and who may do what."""

import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.kit.adapters.stores import firestore
from functions.kit.contract.access.accounts import ACCOUNTS
from functions.kit.contract.access.identity import UNLIMITED, Role, Subject
from functions.kit.contract.access.workspaces import MAIN
from tests.support.callers.members import Member
from tests.support.models.onnx import Trained
from tests.support.models.registrations import register, registration, store
from tests.support.openapi import described

TEAM, OTHERS = (f"w{uuid.uuid4().hex[:12]}" for _ in range(2))
RECORDS = {"records": [{"age": 30, "rooms": 3, "sex": "female"}]}
TENSORS: dict[str, Any] = {
    "inputs": [
        {"name": "rooms", "shape": [1], "datatype": "INT8", "data": [3]},
        {"name": "sex", "shape": [1], "datatype": "BYTES", "data": ["female"]},
    ]
}
Header = dict[str, str]


def member(workspace: str, role: Role) -> Member:
    """Return somebody who may have as many predictions as these tests ask for."""
    made = Member({workspace: role})
    firestore.client().document(f"{ACCOUNTS}/{made.account}").update({"plan": UNLIMITED})
    return made


@pytest.fixture(scope="module")
def ann(emulators: dict[str, str]) -> Member:
    return member(TEAM, "editor")


@pytest.fixture(scope="module")
def ours(ann: Member) -> Header:
    return ann.session().header


@pytest.fixture(scope="module")
def theirs(emulators: dict[str, str]) -> Header:
    return member(OTHERS, "owner").session().header


@pytest.fixture(scope="module")
def model(models: FlaskClient, ours: Header, theirs: Header, trained: Trained) -> str:
    """A model of the team's, of three versions; others have one of that name, of one version."""
    name = f"m-{uuid.uuid4().hex[:8]}"
    for workspace, header, count in ((TEAM, ours, 3), (OTHERS, theirs, 1)):
        for _ in range(count):
            register(models, header, name, trained, workspace)
    return name


@pytest.fixture(scope="module")
def secret(models: FlaskClient, ours: Header, trained: Trained) -> str:
    """A model that the team alone has, and has asked."""
    name = f"s-{uuid.uuid4().hex[:8]}"
    register(models, ours, name, trained, TEAM)
    return name


def predict(client: FlaskClient, header: Header, path: str) -> TestResponse:
    return client.post(f"/models/{path}/predict", json=RECORDS, headers=header)


def infer(client: FlaskClient, header: Header, name: str) -> TestResponse:
    return client.post(f"/v2/models/{name}/infer", json=TENSORS, headers=header)


def test_one_name_is_another_model_in_each_workspace(
    client: FlaskClient, models: FlaskClient, ours: Header, theirs: Header, model: str
) -> None:
    alias = f"/models/{model}/aliases/champion"
    assert models.put(alias, json={"version": 3}, headers=ours).status_code == 200
    told = [predict(client, header, model).get_json() for header in (ours, theirs)]
    assert [one["version"] for one in told] == [3, 1]
    assert predict(client, theirs, f"{model}/versions/3").status_code == 404
    paths = [
        models.get(f"/models/{model}/versions/1", headers=header).get_json()["file"]["path"]
        for header in (ours, theirs)
    ]
    assert [
        path.startswith(f"workspaces/{one}/models/{model}/")
        for path, one in zip(paths, (TEAM, OTHERS), strict=True)
    ] == [True, True]


def test_what_is_made_has_its_owner(
    models: FlaskClient, ann: Member, ours: Header, model: str
) -> None:
    for path in ("", "/versions/1"):
        found = models.get(f"/models/{model}{path}", headers=ours).get_json()
        assert found["owner"] == ann.account
    lines = models.get(f"/models/{model}/history", headers=ours).get_json()["items"]
    assert {(line["by"], line["account"]) for line in lines} == {(TEAM, ann.account)}


def routes_of_a_model() -> list[tuple[str, str, str]]:
    """Return each route of the two functions whose path names a model, with what it names filled.

    A new one cannot be forgotten.
    """
    return [
        (function, method.upper(), path.replace("{version}", "1").replace("{alias}", "champion"))
        for function in ("models", "prediction")
        for path, operations in described(function)["paths"].items()
        for method in operations
        if "{model}" in path
    ]


# What answers otherwise, whatever there is: it makes a model of the caller's own, or does nothing.
ELSE = {
    "/models/{model}/functions": 422,
    "/models/{model}/versions": 422,
    "/models/{model}/batches": 422,  # it is another body that is wanted
    "/models/{model}/batches/file": 415,
    "/v2/repository/models/{model}/unload": 501,
}


def test_the_routes_of_a_model_are_found() -> None:
    wanted = {
        ("models", "DELETE", "/models/{model}"),
        ("prediction", "POST", "/models/{model}/predict"),
    }
    assert wanted < set(routes_of_a_model())


@pytest.mark.parametrize(("function", "method", "path"), routes_of_a_model())
@pytest.mark.parametrize("who", ["another workspace", "the first owner", "a key for another"])
def test_to_others_it_is_as_if_there_were_none(
    client: FlaskClient,
    models: FlaskClient,
    ann: Member,
    theirs: Header,
    key: Header,
    secret: str,
    function: str,
    method: str,
    path: str,
    who: str,
) -> None:
    """In each word of the answer but the name."""
    is_keys = who == "a key for another"
    header = theirs if who == "another workspace" else key
    header = ann.key(only=Subject("model", "another")).header if is_keys else header
    called = models if function == "models" else client
    bodies: dict[str, Any] = {
        "PUT": {"version": 1},
        "PATCH": {"note": "mine"},
        "POST": RECORDS | TENSORS,
    }

    if path.endswith("/traffic"):
        bodies["PUT"] = {"shares": {"1": 90, "2": 10}}

    def told(name: str) -> tuple[int, str]:
        query = {"a": 1, "b": 2} if path.endswith("/compare") else None
        answer = called.open(
            path.replace("{model}", name),
            method=method,
            json=bodies.get(method),
            query_string=query,
            headers=header,
        )
        return answer.status_code, answer.get_data(as_text=True).replace(name, "NAME")

    there, missing = told(secret), told(f"n-{uuid.uuid4().hex[:8]}")
    assert there == missing
    otherwise = not is_keys and method == "POST" and path in ELSE
    assert there[0] == (ELSE[path] if otherwise else 404)


def test_lists_and_counts_are_of_the_caller_s_workspace(
    client: FlaskClient,
    models: FlaskClient,
    ours: Header,
    theirs: Header,
    key: Header,
    model: str,
    secret: str,
) -> None:
    for name in (model, secret):
        assert infer(client, ours, name).status_code == 200

    def told(header: Header) -> list[set[str]]:
        return [
            {one["name"] for one in models.get("/models", headers=header).get_json()["items"]},
            set(client.get("/v2/models", headers=header).get_json()["models"]),
            {one["name"] for one in client.post("/v2/repository/index", headers=header).get_json()},
        ]

    def counted(header: Header) -> dict[str, int]:
        found = client.get("/v2/models/stats", headers=header).get_json()["model_stats"]
        return {one["name"]: one["inference_count"] for one in found}

    assert told(ours) == [{model, secret}] * 3
    assert told(theirs) == [{model}] * 3
    assert all({model, secret}.isdisjoint(names) for names in told(key))
    assert counted(ours).keys() == {model, secret}
    assert counted(theirs) == {}
    assert {model, secret}.isdisjoint(counted(key))
    of_one = client.get(f"/v2/models/{model}/stats", headers=theirs).get_json()["model_stats"]
    assert [(one["version"], one["inference_count"]) for one in of_one] == [("1", 0)]


def test_a_key_for_one_model_sees_that_alone(
    client: FlaskClient, models: FlaskClient, ann: Member, ours: Header, model: str, secret: str
) -> None:
    header = ann.key(only=Subject("model", model)).header
    for name in (model, secret):
        assert infer(client, ours, name).status_code == 200
    [listed] = models.get("/models", headers=header).get_json()["items"]
    assert listed["name"] == model
    assert client.get("/v2/models", headers=header).get_json() == {"models": [model]}
    index = client.post("/v2/repository/index", headers=header).get_json()
    assert [(one["name"], one["version"]) for one in index] == [(model, n) for n in "123"]
    counted = client.get("/v2/models/stats", headers=header).get_json()["model_stats"]
    assert {one["name"] for one in counted} == {model}
    assert predict(client, header, model).status_code == 200
    assert predict(client, header, secret).status_code == 404
    other = ann.key(only=Subject("dataset", model)).header
    assert models.get("/models", headers=other).get_json() == {"items": [], "next": None}
    assert client.get("/v2/models", headers=other).get_json() == {"models": []}
    assert predict(client, other, model).status_code == 403


READS = (
    "/v2/models",
    "/v2/models/stats",
    "/v2/models/{}",
    "/v2/models/{}/config",
    "/v2/models/{}/stats",
    "/models/{}/signature",
)


@pytest.mark.parametrize(
    ("scope", "reads", "predicts", "writes"),
    [("read", 200, 403, 403), ("predict", 403, 200, 403), ("write", 403, 403, 200)],
)
def test_a_key_does_what_it_is_for(
    client: FlaskClient,
    models: FlaskClient,
    ann: Member,
    model: str,
    scope: Any,
    reads: int,
    predicts: int,
    writes: int,
) -> None:
    header = ann.key(scope).header
    for path in READS:
        assert client.get(path.format(model), headers=header).status_code == reads
    assert client.post("/v2/repository/index", headers=header).status_code == reads
    assert models.get("/models", headers=header).status_code == reads
    assert predict(client, header, model).status_code == predicts
    assert infer(client, header, model).status_code == predicts
    assert client.get(f"/v2/models/{model}/ready", headers=header).status_code == predicts
    loaded = client.post(f"/v2/repository/models/{model}/load", headers=header)
    assert loaded.status_code == predicts
    alias = f"/models/{model}/aliases/{scope}"
    assert models.put(alias, json={"version": 1}, headers=header).status_code == writes
    assert client.get("/v2", headers=header).status_code == 200
    assert client.get("/v2").status_code == 401
    assert client.get("/v2/health/ready").status_code == 200


def test_a_file_of_another_workspace_is_no_version_s(
    models: FlaskClient, theirs: Header, trained: Trained, secret: str
) -> None:
    for workspace in (TEAM, MAIN):
        body = registration(trained, store(trained, secret, workspace), uuid.uuid4().hex)
        answer = models.post(f"/models/{secret}/versions", json=body, headers=theirs)
        assert answer.status_code == 422
        [error] = answer.get_json()["errors"]
        assert (error["column"], OTHERS in error["reason"]) == ("file.path", True)


def test_a_viewer_predicts_and_changes_nothing(
    client: FlaskClient, models: FlaskClient, trained: Trained, model: str
) -> None:
    header = member(TEAM, "viewer").session().header
    assert predict(client, header, model).status_code == 200
    assert models.get(f"/models/{model}", headers=header).status_code == 200
    for method, end in (("DELETE", ""), ("DELETE", "/versions/1"), ("DELETE", "/aliases/champion")):
        assert (
            models.open(f"/models/{model}{end}", method=method, headers=header).status_code == 403
        )
