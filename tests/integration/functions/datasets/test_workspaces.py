"""The function for several callers: each sees its workspace's datasets, and what its key is for."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.kit.adapters.stores.firestore import client
from functions.kit.adapters.stores.google_clients import firestore
from functions.kit.contract.access.identity import Subject
from tests.integration.functions.datasets.conftest import Api
from tests.support.callers.members import Member

SMALL = "n\n1\n2\n"
OTHER = "n\n7\n"
RECORD = {"json": {"values": {"n": 3}}}


def as_holder(api: Api, key: dict[str, str]) -> Api:
    """Return the client of somebody else."""
    return Api(api.client, key, api.queue, api._secret)


@pytest.fixture
def workspace() -> str:
    return f"w{uuid.uuid4().hex[:8]}"


@pytest.fixture
def ann(api: Api, workspace: str) -> Member:
    return Member({workspace: "editor"})


@pytest.fixture
def other(api: Api, ann: Member) -> Api:
    """Somebody in another workspace than the system's owner, who is `api`."""
    return as_holder(api, ann.key().header)


def calls(path: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every call that there is below a dataset's path, which works for its holder."""
    yield "get", path, {}
    yield "get", f"{path}/records", {}
    yield "get", f"{path}/records/000000001", {}
    yield "get", f"{path}/export.csv", {}
    yield "post", f"{path}/records", RECORD
    yield "put", f"{path}/records/000000001", RECORD
    yield "patch", f"{path}/records/000000001", RECORD
    yield "post", f"{path}/snapshots", {}
    yield "post", f"{path}/resume", {}
    yield "patch", path, {"json": {"name": "new"}}
    yield "delete", f"{path}/records/000000001", {}
    yield "delete", path, {}


def test_a_dataset_is_its_maker_s_in_a_workspace(api, other, ann, workspace, name):
    path = other.load(SMALL, name)
    assert other.get(path).json["owner"] == ann.account
    assert api.get(path).status_code == 404
    assert [one["id"] for one in other.get("/datasets").json["items"]] == [name]
    made = other.post(f"{path}/snapshots").json["path"]
    assert made.startswith(f"workspaces/{workspace}/snapshots/{name}/")


def test_one_name_may_be_in_two_workspaces(api, other, name):
    path = api.load(SMALL, name)
    assert api.get(path).json["owner"] == "owner"
    assert other.load(OTHER, name) == path
    assert other.get(f"{path}/export.csv").get_data(as_text=True) == "n\r\n7\r\n"
    assert other.delete(path).status_code == 204
    assert api.get(f"{path}/export.csv").get_data(as_text=True) == "n\r\n1\r\n2\r\n"


def test_another_workspace_s_dataset_is_as_one_that_is_not_there(api, other, name):
    api.load(SMALL, name)
    nothing = f"{name}-nothing"
    for method, path, options in calls(f"/datasets/{name}"):
        answer = getattr(other, method)(path, **options)
        absent = getattr(other, method)(path.replace(name, nothing), **options)
        assert (answer.status_code, absent.status_code) == (404, 404), path
        assert answer.json["detail"] == absent.json["detail"].replace(nothing, name)
    found = api.get(f"/datasets/{name}").json
    assert (found["revision"], found["rows"], other.get("/datasets").json["items"]) == (1, 2, [])


def test_every_call_works_for_who_may_make_it(other, name):
    path = other.load(SMALL, name)
    for method, below, options in calls(path):
        assert getattr(other, method)(below, **options).status_code < 300, (method, below)


def test_a_cursor_of_one_workspace_gives_nothing_of_it_in_another(api, other, name):
    for letter in "ab":
        api.load(SMALL, name + letter)
    page = api.get("/datasets?limit=1").json
    assert other.get(f"/datasets?cursor={page['next']}").json == {"items": [], "next": None}


def test_who_may_only_read_changes_nothing(api, other, workspace, name):
    path = other.load(SMALL, name)
    viewer = as_holder(api, Member({workspace: "viewer"}).key().header)
    for method, below, options in calls(path):
        expected = 200 if method == "get" else 403
        assert getattr(viewer, method)(below, **options).status_code == expected, (method, below)
    assert viewer.upload(SMALL, f"{name}-2").status_code == 403


def test_a_key_for_one_dataset_is_for_it_alone(api, ann, other, workspace, name):
    path, beside = other.load(SMALL, name), other.load(OTHER, f"{name}-2")
    one = as_holder(api, ann.key(only=Subject("dataset", name)).header)
    assert one.get("/datasets?limit=1").json == {"items": [one.get(path).json], "next": None}
    for method, below, options in calls(beside):
        answer = getattr(one, method)(below, **options)
        assert answer.status_code == 404, (method, below)
        assert answer.json["detail"] == f"There is no dataset '{name}-2'."
    assert one.upload(SMALL, f"{name}-3").status_code == 403
    assert one.post(f"{path}/records", **RECORD).status_code == 201


def test_a_key_for_a_model_sees_no_dataset(api, ann, other, workspace, name):
    path = other.load(SMALL, name)
    one = as_holder(api, ann.key(only=Subject("model", name)).header)
    assert one.get("/datasets").json["items"] == []
    assert one.get(path).status_code == 403


def test_what_an_earlier_release_stored_is_the_owner_s(api, other, name):
    path = api.place(api.upload(SMALL, name))
    document = client().document(f"datasets/{name}")
    document.update({"owner": firestore.DELETE_FIELD})
    [(queued, _)] = api.queue.calls
    assert queued == f"/datasets/{name}/import"  # as it was queued by that release
    api.queue.deliver(api.client)
    found = api.get(path).json
    assert (found["state"], found["owner"]) == ("ready", "owner")
    assert found in api.get("/datasets?limit=1000").json["items"]
    assert api.post(f"{path}/records", **RECORD).status_code == 201
    assert "owner" not in document.get().to_dict()
    assert other.get(path).status_code == 404


def test_steps_of_another_workspace_have_a_route_of_their_own(api, other, workspace, name):
    path = other.place(other.upload(SMALL, name))
    [(queued, _)] = api.queue.calls
    assert queued == f"/workspaces/{workspace}{path}/import"
    api.queue.calls.clear()
    assert api.step(f"{path}/import").status_code == 204  # of main, which has no such dataset
    assert other.get(path).json["state"] == "importing"
    assert other.post(f"{path}/resume").status_code == 202
    api.queue.deliver(api.client)
    assert other.get(path).json["state"] == "ready"
    assert other.post(queued).status_code == 403
    assert api.step(f"/workspaces/-no-/datasets/{name}/import").status_code == 404


def test_a_step_token_reads_in_the_workspace_that_it_names(api, other, workspace, name):
    path = other.load(SMALL, name)
    assert api.signed("get", path, workspace).json["owner"] == other.get(path).json["owner"]
    assert api.signed("get", path, "main").status_code == 404
    assert api.signed("post", f"{path}/snapshots", workspace).status_code == 201


def test_an_upload_that_is_sent_again_is_the_same(api, other, name):
    key = {"headers": {"Idempotency-Key": f"key {name}"}}
    path = api.place(api.upload(SMALL, name, **key))
    api.queue.deliver(api.client)
    again = api.upload(SMALL, name, **key)
    assert (again.status_code, api.place(again), again.json["rows"]) == (200, path, 2)
    for sent in (api.upload(OTHER, f"{name}-2", **key), api.upload(OTHER, name, **key)):
        assert sent.status_code == 409
        assert "Idempotency-Key" in sent.json["detail"]
    assert api.get(f"/datasets/{name}-2").status_code == 404
    assert other.upload(OTHER, f"{name}-2", **key).status_code == 202


def test_a_record_that_is_sent_again_is_the_same(api, name):
    path = api.load(SMALL, name)
    key = {"headers": {"Idempotency-Key": "k"}}
    made, again = (api.post(f"{path}/records", **RECORD, **key) for _ in range(2))
    assert (made.status_code, again.status_code) == (201, 201)
    assert (again.json, again.headers["Location"]) == (made.json, made.headers["Location"])
    other = api.post(f"{path}/records", json={"values": {"n": 4}}, **key)
    assert (other.status_code, api.get(path).json["rows"]) == (409, 3)
    api.delete(f"{path}/{made.headers['Location']}")
    assert api.post(f"{path}/records", **RECORD, **key).status_code == 410


def test_of_requests_at_once_under_one_key_one_makes_something(api, name):
    key = {"Idempotency-Key": name}
    path = api.load(SMALL, name)
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda _: api.post(f"{path}/records", **RECORD, headers=key), "abcd"))
        assert {answer.status_code for answer in sent} == {201}
        assert len({answer.json["id"] for answer in sent}) == 1
        assert api.get(path).json["rows"] == 3
        names = [f"{name}-{letter}" for letter in "abcd"]
        sent = list(pool.map(lambda one: api.upload(SMALL, one, headers=key), names))
    assert sorted(answer.status_code for answer in sent) == [202, 409, 409, 409]
    assert sum(api.get(f"/datasets/{one}").status_code == 200 for one in names) == 1


@pytest.mark.parametrize("unusable", ["", "k" * 256])
def test_an_unusable_key_is_refused(api, name, unusable):
    headers = {"Idempotency-Key": unusable}
    answer = api.upload(SMALL, name, headers=headers)
    assert answer.status_code == 400
    assert answer.json["errors"][0]["column"] == "Idempotency-Key"
    path = api.load(SMALL, name)
    assert api.post(f"{path}/records", **RECORD, headers=headers).status_code == 400


def test_a_key_for_one_dataset_asks_no_database(api, ann, other, name):
    path = other.load(SMALL, name)
    one = as_holder(api, ann.key(only=Subject("dataset", name)).header)
    source = {"connection": "shop", "query": "SELECT 1 AS n"}
    asked = {"mode": "append", "source": source}
    for answer in (
        one.post(f"{path}/imports", json=asked),
        one.put(f"{path}/schedule", json={"every_minutes": 5, "asked": asked}),
    ):
        assert (answer.status_code, "alone" in answer.json["detail"]) == (403, True)
    url = {"mode": "append", "source": {"url": "http://nowhere.invalid/x.csv"}}
    assert one.post(f"{path}/imports", json=url).status_code == 202
    assert other.post(f"{path}/imports", json=asked).status_code == 409  # the other is at work
    assert (
        other.put(f"{path}/schedule", json={"every_minutes": 5, "asked": asked}).status_code == 200
    )
