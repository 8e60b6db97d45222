"""A call that is answered later, over real stores; the test delivers the queue."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from tests.support.in_memory.platform import Platform, platform_of
from tests.support.models.onnx import Trained
from tests.support.models.registrations import register

Headers = dict[str, str]
ROWS = {"records": [{"age": 30, "rooms": 2, "owns home": True, "sex": "female"}]}


def deliver(platform: Platform) -> None:
    """Deliver the steps of tasks: they have others looked at, too, which other tests left."""
    while platform.queue:
        step = platform.queue.popleft()
        if "/tasks/" in step[1]:
            platform.run(step)


@pytest.fixture(scope="module")
def platform(function_app: Callable[[str], FlaskClient]) -> Iterator[Platform]:
    with platform_of(("models", "prediction"), function_app) as found:
        yield found


@pytest.fixture(name="client")
def _client(platform: Platform) -> FlaskClient:
    return platform.clients["prediction"]


@pytest.fixture
def model(platform: Platform, trained: Trained, key: Headers, name: str) -> str:
    register(platform.clients["models"], key, name, trained)
    return name


def test_a_call_is_answered_later(
    platform: Platform, client: FlaskClient, key: Headers, model: str
) -> None:
    path = f"/models/{model}/predict"
    headers = {**key, "Prefer": "respond-async", "Idempotency-Key": model}
    taken = client.post(path, json=ROWS, headers=headers)
    assert (taken.status_code, taken.headers["Preference-Applied"]) == (202, "respond-async")
    task = taken.get_json()
    assert taken.headers["Location"] == f"tasks/{task['id']}"
    assert client.post(path, json=ROWS, headers=headers).get_json()["id"] == task["id"]
    waiting = client.get(f"{task['path']}/result", headers=key)
    assert (waiting.status_code, "queued" in waiting.get_json()["detail"]) == (409, True)
    deliver(platform)
    done = client.get(task["path"], headers=key).get_json()
    assert (done["state"], done["status"]) == ("succeeded", 200)
    found, at_once = (
        client.get(f"{task['path']}/result", headers=key),
        client.post(path, json=ROWS, headers=key),
    )
    assert {**found.get_json(), "id": ""} == {**at_once.get_json(), "id": ""}
    names = [{*answer.headers.keys()} - {"Cache-Control", "Vary"} for answer in (found, at_once)]
    assert names[0] == names[1]  # a GET's answer says what caches may do with it, too
    listed = client.get(f"/models/{model}/tasks", headers=key).get_json()["items"]
    assert [one["id"] for one in listed] == [task["id"]]
    assert client.delete(task["path"], headers=key).status_code == 204
    deliver(platform)
    assert client.get(task["path"], headers=key).status_code == 404


@pytest.mark.parametrize("which", ["versions/1", "aliases/champion"])
def test_a_version_or_an_alias_is_asked_later_likewise(
    platform: Platform, client: FlaskClient, key: Headers, model: str, which: str
) -> None:
    path = f"/models/{model}/{which}/predict"
    taken = client.post(path, json=ROWS, headers={**key, "Prefer": "respond-async"})
    assert (taken.status_code, taken.headers["Location"][:12]) == (202, "../../tasks/")
    deliver(platform)
    found = client.get(f"{taken.get_json()['path']}/result", headers=key)
    assert found.get_json()["version"] == 1
    why = {"versions/1": "version", "aliases/champion": "alias"}[which]
    assert found.headers["X-Model-Reason"] == why


def test_what_is_wrong_is_said_at_once(client: FlaskClient, key: Headers, model: str) -> None:
    headers = {**key, "Prefer": "respond-async"}
    wrong = client.post(f"/models/{model}/predict", json={"records": [{}]}, headers=headers)
    assert (wrong.status_code, len(wrong.get_json()["errors"])) == (422, 2)
    nowhere = client.post("/models/nowhere/predict", json=ROWS, headers=headers)
    assert nowhere.status_code == 404
    assert client.get("/models/nowhere/tasks", headers=key).status_code == 404
    assert client.get(f"/models/{model}/tasks", headers=key).get_json()["items"] == []
