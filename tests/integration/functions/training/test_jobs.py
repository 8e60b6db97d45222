"""Whole jobs over the real functions, Firestore and storage."""

import json
import threading
from typing import Any

import pytest

from tests.integration.functions.training.conftest import Api
from tests.support.processes import ROOT

QUICK = {
    "candidates": [
        {"algorithm": "logistic_regression"},
        {"algorithm": "random_forest", "settings": {"n_estimators": 5}},
    ],
    "folds": 2,
}


@pytest.fixture
def titanic(api: Api) -> str:
    csv = (ROOT / "examples" / "titanic.csv").read_bytes()
    name = "titanic-of-training"
    known = api.platform.clients["datasets"].get(f"/datasets/{name}", headers=api.key)
    if known.status_code == 404:
        api.load(csv, name)
    return name


def test_titanic_from_csv_to_a_prediction(api: Api, titanic: str) -> None:
    job = api.train(titanic, "survived", model="titanic-whole", trials=3)
    assert job["state"] == "succeeded", job["failure"]
    assert (job["task"], job["progress"], job["version"]) == ("binary", 1.0, 1)
    evaluation = job["evaluation"]
    assert evaluation["metrics"]["accuracy"] >= 0.78
    assert evaluation["metrics"]["roc_auc"] >= 0.84
    assert evaluation["metrics"]["accuracy"] > evaluation["baseline"]["accuracy"] + 0.1
    assert evaluation["parity"]["agree"]
    assert evaluation["parity"]["rows"] == 262
    # Names share it with the sex: "Mr." and "Mrs." are words of theirs.
    assert "sex" in [one["column"] for one in evaluation["importance"][:2]]
    version = api.get("models", "/models/titanic-whole/versions/1")
    assert version["job"] == job["id"]
    assert version["snapshot"] == job["snapshot"]
    assert "| pclass | yes |" in version["card"]
    assert sum(one["weight"] for one in job["members"]) == pytest.approx(1)
    path = "/models/titanic-whole/versions/1/predict"
    passengers = [
        {"pclass": 1, "sex": "female", "age": 29, "sibsp": 0, "parch": 0, "fare": 100.0},
        {"pclass": 3, "sex": "male", "age": 22, "sibsp": 0, "parch": 0, "name": "Mr. X"},
    ]
    answer = api.post("prediction", path, 200, json={"records": passengers})
    first, second = answer["predictions"]
    assert (first["label"], second["label"]) == ("1", "0")
    assert first["probability"] > 0.8
    assert version["background"]["path"].startswith(f"models/titanic-whole/{job['id']}-")
    answer = api.post("prediction", f"{path}?explain=true", 200, json={"records": passengers})
    for one in answer["predictions"]:
        why = one["explanation"]
        assert (why["label"], why["exact"], len(why["columns"])) == (one["label"], True, 10)
        total = why["base"] + sum(column["contribution"] for column in why["columns"])
        assert total == pytest.approx(one["probability"], abs=1e-6)
    adds = {one["column"]: one["contribution"] for one in why["columns"]}
    assert adds["sex"] > 0  # that he was a man, to that he did not survive


def test_a_regression_and_its_value(api: Api, titanic: str) -> None:
    boosting = {"algorithm": "hist_gradient_boosting", "settings": {"max_iter": 20}}
    candidates = [{"algorithm": "ridge"}, boosting]
    job = api.train(titanic, "fare", model="fares", candidates=candidates, folds=2)
    assert (job["state"], job["task"]) == ("succeeded", "regression"), job["failure"]
    assert job["evaluation"]["metrics"]["r2"] > 0.2
    assert job["evaluation"]["rows"]["without_target"] == 1
    records = [{"pclass": 1, "sex": "female"}, {"pclass": 3, "sex": "male"}]
    for one in records:
        one |= {"sibsp": 0, "parch": 0, "survived": 1}
    answer = api.post(
        "prediction", "/models/fares/versions/1/predict", 200, json={"records": records}
    )
    first, third = (one["value"] for one in answer["predictions"])
    assert first > third > 0


def test_several_classes_and_their_probabilities(api: Api, titanic: str) -> None:
    job = api.train(titanic, "embarked", model="harbours", **QUICK)
    assert (job["state"], job["task"]) == ("succeeded", "multiclass"), job["failure"]
    assert job["evaluation"]["confusion"]["labels"] == ["C", "Q", "S"]
    assert job["evaluation"]["rows"]["without_target"] == 2
    record = {"pclass": 1, "sex": "female", "sibsp": 0, "parch": 0, "survived": 1, "fare": 80}
    path = "/models/harbours/versions/1/predict"
    answer = api.post("prediction", path, 200, json={"records": [record]})
    [prediction] = answer["predictions"]
    assert set(prediction["probabilities"]) == {"C", "Q", "S"}
    assert sum(prediction["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_candidates_at_the_same_time_end_as_one(api: Api, titanic: str) -> None:
    body = {"dataset": titanic, "target": "survived", "model": "side-by-side", **QUICK}
    job = api.post("training", "/jobs", json=body)
    api.platform.deliver()
    assert len(api.platform.queue) == 2
    # Everything twice, side by side: candidates, the choice, members, the model, tidying up.
    for _ in range(5):
        assert api.platform.queue
        api.platform.queue.extend(list(api.platform.queue))
        api.platform.deliver_side_by_side(threads=4)
    ended = api.get("training", f"/jobs/{job['id']}")
    assert ended["state"] == "succeeded"
    assert [one["folds_done"] for one in ended["candidates"]] == [2, 2]
    assert len(api.get("models", "/models/side-by-side/versions")["items"]) == 1


def test_the_same_idempotency_key_is_the_same_job(api: Api, titanic: str) -> None:
    body = {"dataset": titanic, "target": "survived", "model": "once", **QUICK}
    key = {"Idempotency-Key": "once-and-again"}
    first = api.post("training", "/jobs", json=body, headers=key)
    again = api.post("training", "/jobs", json=body, headers=key)
    assert again == first
    assert len(api.platform.queue) == 1
    other = api.post("training", "/jobs", 409, json={**body, "folds": 3}, headers=key)
    assert "another request" in other["detail"]


def test_events_tell_a_job_until_its_end(api: Api, titanic: str) -> None:
    body = {"dataset": titanic, "target": "survived", "model": "watched", **QUICK}
    job = api.post("training", "/jobs", json=body)
    client = api.platform.clients["training"]
    answer = client.get(f"/jobs/{job['id']}/events", headers=api.key)
    assert answer.mimetype == "text/event-stream"
    worker = threading.Thread(target=api.platform.deliver_all)
    worker.start()
    told = [_event(text) for text in answer.get_data(as_text=True).split("\n\n") if text]
    worker.join()
    assert told[0]["state"] == "queued"
    assert told[-1]["state"] == "succeeded"
    progress = [one["progress"] for one in told]
    assert progress == sorted(progress)


def _event(text: str) -> Any:
    name, data = text.split("\n")
    assert name == "event: job"
    return json.loads(data.removeprefix("data: "))


def test_a_cancelled_job_ends_and_its_steps_answer_well(api: Api, titanic: str) -> None:
    body = {"dataset": titanic, "target": "survived", **QUICK}
    job = api.post("training", "/jobs", json=body)
    api.platform.deliver()
    cancelled = api.post("training", f"/jobs/{job['id']}/cancel", 200)
    assert cancelled["state"] == "cancelled"
    api.platform.deliver_all()
    assert api.get("training", f"/jobs/{job['id']}") == cancelled


def test_jobs_are_listed_newest_first_in_pages(api: Api, titanic: str) -> None:
    body = {"dataset": titanic, "target": "survived", **QUICK}
    made = [api.post("training", "/jobs", json=body)["id"] for _ in range(3)]
    page = api.get("training", "/jobs?limit=2")
    assert [job["id"] for job in page["items"]] == [made[2], made[1]]
    assert not {"evaluation", "candidates", "columns", "attempts"} & page["items"][0].keys()
    page = api.get("training", f"/jobs?limit=1&cursor={page['next']}")
    assert [job["id"] for job in page["items"]] == [made[0]]


@pytest.mark.parametrize(
    ("body", "column", "text"),
    [
        ({"dataset": "nowhere"}, "dataset", "no dataset 'nowhere'"),
        ({"target": "survivd"}, "target", "it has 'pclass', 'name'"),
        ({"columns": ["sex", "boat"]}, "columns", "'boat' is not there"),
        ({"candidates": [{"algorithm": "oracle"}]}, "candidates[0].algorithm", "catalogue"),
        (
            {"candidates": [{"algorithm": "ridge", "settings": {"alpha": -1}}]},
            "candidates[0].settings.alpha",
            "catalogue",
        ),
        ({"target": "sex", "task": "regression"}, "target", "of kind category, not a number"),
        (
            {"task": "regression", "candidates": [{"algorithm": "logistic_regression"}]},
            "candidates[0].algorithm",
            "logistic_regression cannot do a regression task",
        ),
        (
            {"target": "sex", "candidates": [{"algorithm": "ridge"}]},
            "candidates[0].algorithm",
            "ridge cannot do a binary task",
        ),
        ({"folds": 1}, "folds", "field 'folds'"),
        ({"holdout": 0.9}, "holdout", "field 'holdout'"),
        ({"model": "No Name"}, "model", "field 'model'"),
    ],
)
def test_a_bad_request_is_refused_at_once(
    api: Api, titanic: str, body: dict[str, Any], column: str, text: str
) -> None:
    whole = {"dataset": titanic, "target": "survived", **body}
    answer = api.post("training", "/jobs", 422, json=whole)
    assert text in answer["detail"]
    assert answer["errors"][0]["column"] == column
    assert not api.platform.queue


def test_a_target_of_names_fails_the_job_with_a_reason(api: Api, titanic: str) -> None:
    job = api.train(titanic, "ticket")
    assert job["state"] == "failed"
    assert "'ticket' has 929 different values" in job["failure"]


def test_unknown_jobs_and_strangers(api: Api) -> None:
    client = api.platform.clients["training"]
    assert client.get("/jobs/nothing", headers=api.key).status_code == 404
    assert client.get("/jobs/__odd__", headers=api.key).status_code == 404
    assert client.get("/jobs?cursor=X19hX18", headers=api.key).status_code == 400
    assert client.get("/jobs/nothing/events", headers=api.key).status_code == 404
    assert client.get("/jobs").status_code == 401
    assert client.post("/jobs/x/steps/finish", headers=api.key).status_code == 403
