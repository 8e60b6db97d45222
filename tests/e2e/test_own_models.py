"""A model of one's own, the whole way: written, deployed, registered, asked, away, back."""

import httpx
import pytest

from tests.support.processes import wait_until

pytestmark = pytest.mark.slow

ROWS = [{"age": 65}, {"age": 130, "plan": "plus"}]
CSV = {"Content-Type": "text/csv", "Accept": "text/csv"}
MODEL = "/models/models/churn"
PREDICT = "/prediction/models/churn/predict"


@pytest.fixture(scope="module")
def folder(stack, tmp_path_factory):
    """The folder of a model that is deployed."""
    found = tmp_path_factory.mktemp("own") / "churn"
    made = stack.mayfly("new", str(found), "--model")
    assert made.returncode == 0, made.stdout + made.stderr
    said = deploy(stack, found)
    assert "model churn, version 1: age, plan → is_likely" in said
    return found


@pytest.fixture(scope="module")
def client(stack, folder):
    with stack.client() as found:
        yield found


def deploy(stack, folder, *options, code=0):
    done = stack.mayfly("deploy", str(folder), *options)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def edit(folder, old, new):
    file = folder / "model.py"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_it_is_asked_as_any_model_is(client):
    version = client.get(f"{MODEL}/versions/1").json()
    assert (version["function"], version["file"], version["owner"]) == ("churn", None, "owner")

    found = client.post(PREDICT, json={"records": ROWS}).json()
    assert [one["label"] for one in found["predictions"]] == ["no", "yes"]
    assert found["predictions"][0]["probabilities"] == {"no": 0.5, "yes": 0.5}

    table = client.post(PREDICT, content="age,plan\n13,\n", headers=CSV).text
    assert table.splitlines()[1].startswith("no,")

    tensor = {"name": "age", "datatype": "INT64", "shape": [2, 1], "data": [0, 130]}
    infer = client.post("/prediction/v2/models/churn/infer", json={"inputs": [tensor]}).json()
    [labels] = [one["data"] for one in infer["outputs"] if one["name"] == "label"]
    assert labels == ["no", "yes"]


def test_what_its_schema_refuses_never_reaches_it(client):
    wrong = client.post(PREDICT, json={"records": [{"age": 131, "plan": "gold"}]})
    assert wrong.status_code == 422
    assert {one["column"] for one in wrong.json()["errors"]} == {"age", "plan"}
    why = client.post(f"{PREDICT}?explain=true", json={"records": ROWS})
    assert why.status_code == 409
    assert "it is the function 'churn'" in why.json()["detail"]
    assert client.get(f"{MODEL}/versions/1/model.onnx").status_code == 404


def test_strangers_cannot_call_it(client):
    assert client.post("/churn/predict", json={"records": ROWS}).status_code == 401


def test_another_schema_is_another_version_that_fits_or_is_refused(stack, client, folder):
    assert "version 1" in deploy(stack, folder)  # the same again
    edit(folder, '"levels": ["basic", "plus"]}', '}, {"name": "town", "kind": "text"}')
    assert "version 2: age, plan, town" in deploy(stack, folder)
    assert (
        client.post(
            "/prediction/models/churn/versions/2/predict",
            json={"records": [{"age": 65, "plan": "gold", "town": "Rome"}]},
        ).status_code
        == 200
    )
    edit(folder, '"name": "age", "kind": "integer"', '"name": "years", "kind": "integer"')
    edit(folder, 'row["age"]', 'row["years"]')
    said = deploy(stack, folder, code=1)
    assert "409" in said
    assert "column 'age'" in said
    assert "version 3: years" in deploy(stack, folder, "--new-line")


def test_it_is_away_when_its_probe_fails_and_back_when_it_does_not(client, folder, stack, tmp_path):
    flag = tmp_path / "scales-are-out"
    edit(
        folder,
        '    """Raise what keeps',
        f"    from pathlib import Path\n    if Path({str(flag)!r}).exists():\n"
        '        raise RuntimeError("the scales are out")\n    """Raise what keeps',
    )
    deploy(stack, folder)
    assert state(client)["state"] == "ready"
    flag.touch()
    wait_until(lambda: is_in(client, "away"), what="the probe")
    assert "503: RuntimeError: the scales are out" in state(client)["reason"]
    flag.unlink()
    wait_until(lambda: is_in(client, "ready"), what="the probe")


def test_without_its_function_it_is_away_and_callers_hear_it(client, folder, stack):
    wait_until(lambda: state(client)["last_called"], what="telling of the calls")
    assert len(state(client)["warm"]) == 1
    admin = ("admin", stack.password)
    with httpx.Client(base_url=stack.gateway_url, auth=admin, timeout=60) as gateway:
        named = {"functionName": "churn"}
        gone = gateway.request("DELETE", "/system/functions", json=named)
    assert gone.is_success, gone.text
    refused = client.post(PREDICT, json={"records": ROWS})
    assert refused.status_code == 503, refused.text
    assert "no function 'churn'" in refused.json()["detail"]
    wait_until(lambda: is_in(client, "away"), what="the probe")
    deploy(stack, folder)
    wait_until(lambda: is_in(client, "ready"), what="the probe")


def test_another_workspace_cannot_have_it_registered(stack, folder):
    with stack.newcomer() as stranger:
        found = stranger.post("/models/models/mine/functions", json={"function": "churn"})
        none = stranger.post("/models/models/mine/functions", json={"function": "none"})
        assert (found.status_code, none.status_code) == (404, 404)
        assert found.json()["detail"].replace("churn", "none") == none.json()["detail"]


def state(client):
    return client.get(f"{MODEL}/versions/1/state").json()


def is_in(client, wanted):
    return state(client)["state"] == wanted
