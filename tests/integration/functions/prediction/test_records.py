from functools import partial

import numpy as np
import pytest

from tests.support.models.hostile import HOSTILE, MISFITS
from tests.support.models.onnx import Exported, heavy, train
from tests.support.models.registrations import register, register_unchecked
from tests.support.processes import fastest, seconds_until

ANN = {"age": 30, "rooms": 3, "owns home": True, "sex": "female", "name": "Ann"}
BOB = {"age": 70.5, "rooms": 5, "owns home": False, "sex": "male"}


@pytest.fixture
def model(models, key, name, trained):
    register(models, key, name, trained)
    return name


def predict(client, key, path, records, status=200):
    answer = client.post(f"/models/{path}/predict", json={"records": records}, headers=key)
    assert answer.status_code == status, answer.text
    return answer


def test_the_answer_is_what_scikit_learn_gives(client, key, model, trained):
    answer = predict(client, key, model, [ANN, BOB])
    rows = [[np.float32(30), 3.0, 1.0, "female"], [np.float32(70.5), 5.0, 0.0, "male"]]
    wanted = trained.pipeline.predict_proba(np.array(rows, dtype=object))
    found = answer.json["predictions"]
    for one, row in zip(found, wanted, strict=True):
        assert list(one["probabilities"]) == ["class 0", "class 1"]
        np.testing.assert_allclose(list(one["probabilities"].values()), row, atol=1e-5)
        assert one["label"] == f"class {row.argmax()}"
        assert one["probability"] == max(one["probabilities"].values())


def test_the_answer_says_who_gave_it(client, key, model):
    first, second = (predict(client, key, model, [ANN]) for _ in range(2))
    assert (first.json["model"], first.json["version"]) == (model, 1)
    assert first.headers["X-Model-Version"] == "1"
    assert first.json["id"] != second.json["id"]


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_other_tasks(client, models, key, name, task):
    trained = train(task)
    register(models, key, name, trained)
    [found] = predict(client, key, name, [ANN]).json["predictions"]
    row = np.array([[np.float32(30), 3.0, 1.0, "female"]], dtype=object)
    if task == "regression":
        assert found["value"] == pytest.approx(trained.pipeline.predict(row)[0], abs=1e-4)
    else:
        wanted = trained.pipeline.predict_proba(row)[0]
        np.testing.assert_allclose(list(found["probabilities"].values()), wanted, atol=1e-5)


def test_a_value_may_be_missing_that_no_row_lacked(client, key, model):
    gaps = predict(client, key, model, [ANN, {**ANN, "rooms": None, "sex": None}])
    assert len(gaps.json["predictions"]) == 2


@pytest.mark.parametrize(
    ("record", "column", "reason"),
    [
        ({"rooms": 3}, "sex", "missing required"),
        ({**ANN, "colour": "red"}, "colour", "unknown field"),
        ({**ANN, "age": "old"}, "age", "Expected `float | null`, got `str`"),
        ({**ANN, "age": -1}, "age", ">= 0"),
        ({**ANN, "age": 1e39}, "age", "<= 3.4"),
        ({**ANN, "rooms": 2.5}, "rooms", "Expected `int | null`"),
        ({**ANN, "sex": "x"}, "sex", "Invalid enum value"),
    ],
)
def test_a_bad_record_is_named(client, key, model, record, column, reason):
    answer = predict(client, key, model, [ANN, record], 422)
    [error] = answer.json["errors"]
    assert (error["row"], error["column"]) == (2, column)
    assert reason in error["reason"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"records": []}', 422),
        (b'{"records": [1]}', 422),
        (b'{"rows": []}', 422),
        (b"", 400),
        (b"{", 400),
        (b'{"records": [{"rooms": 1, "sex": "male", "age": NaN}]}', 422),
        (b'{"records": [' + b"[" * 50_000, 400),
        (b"\xff", 400),
    ],
)
def test_bad_bodies(client, key, model, body, status):
    path = f"/models/{model}/predict"
    answer = client.post(path, data=body, content_type="application/json", headers=key)
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"


def test_too_many_records_are_refused_with_the_limit(client, key, model):
    assert len(predict(client, key, model, [ANN] * 1000).json["predictions"]) == 1000
    assert "1,000" in predict(client, key, model, [ANN] * 1001, 422).json["detail"]


def test_versions_and_aliases_have_routes_of_their_own(client, models, key, name, trained):
    for _ in range(2):
        register(models, key, name, trained)
    body = {"version": 2}
    models.put(f"/models/{name}/aliases/challenger", json=body, headers=key)
    assert predict(client, key, name, [ANN]).json["version"] == 1
    assert predict(client, key, f"{name}/versions/2", [ANN]).json["version"] == 2
    assert predict(client, key, f"{name}/aliases/challenger", [ANN]).json["version"] == 2
    predict(client, key, f"{name}/versions/3", [ANN], 404)
    predict(client, key, f"{name}/versions/x", [ANN], 422)
    predict(client, key, f"{name}/aliases/none", [ANN], 404)
    predict(client, key, "nobody", [ANN], 404)
    predict(client, key, "__x__", [ANN], 404)


def test_a_promotion_arrives_within_two_seconds(client, models, key, name, trained):
    for _ in range(4):
        register(models, key, name, trained)
    later = iter((2, 3, 4))

    def promotion():
        version = next(later)
        assert predict(client, key, name, [ANN]).json["version"] == version - 1
        body = {"version": version}
        models.put(f"/models/{name}/aliases/champion", json=body, headers=key)
        return seconds_until(
            lambda: predict(client, key, name, [ANN]).json["version"] == version, "the promotion"
        )

    assert fastest(promotion, enough=2) < 2


def test_a_deleted_version_stops_answering(client, models, key, name, trained):
    for _ in range(4):
        register(models, key, name, trained)
    others = iter((2, 3, 4))

    def deletion():
        path = f"/models/{name}/versions/{next(others)}"
        ask = partial(client.post, f"{path}/predict", json={"records": [ANN]}, headers=key)
        assert ask().status_code == 200
        models.delete(path, headers=key)
        return seconds_until(lambda: ask().status_code == 404, "the deletion")

    assert fastest(deletion, enough=2) < 2


def test_a_damaged_version_leaves_the_one_before_serving(client, models, key, name, trained):
    register(models, key, name, trained)
    assert predict(client, key, name, [ANN]).json["version"] == 1
    assert register_unchecked(name, Exported(b"not ONNX", trained.signature)) == 2
    models.put(f"/models/{name}/aliases/champion", json={"version": 2}, headers=key)
    answer = predict(client, key, f"{name}/versions/2", [ANN], 503)
    assert "cannot open its file" in answer.json["detail"]
    assert predict(client, key, name, [ANN]).json["version"] == 1


@pytest.mark.parametrize("kind", ["external data", "unknown operator", "an input's name"])
def test_a_broken_model_says_why_and_hurts_no_other(client, key, model, kind):
    make, _, _ = MISFITS[kind]
    broken = f"broken-{model}"
    register_unchecked(broken, Exported(make().SerializeToString(), heavy(4).signature))
    for _ in range(3):
        answer = predict(client, key, broken, [{"age": 1}], 503)
        assert f"Model '{broken}', champion, cannot be loaded" in answer.json["detail"]
        assert answer.headers["Retry-After"]
        assert predict(client, key, model, [ANN]).json["version"] == 1


def test_a_model_that_cannot_answer_says_why_and_hurts_no_other(client, key, model):
    make, _ = HOSTILE["allocates when run"]
    broken = f"broken-{model}"
    register_unchecked(broken, Exported(make().SerializeToString(), heavy(4).signature))
    for _ in range(3):
        answer = predict(client, key, broken, [{"age": 1}], 500)
        assert f"Version 1 of '{broken}' cannot answer" in answer.json["detail"]
        assert predict(client, key, model, [ANN]).json["version"] == 1


def test_the_signature_holds_a_json_schema_of_a_record(client, key, model):
    answer = client.get(f"/models/{model}/signature", headers=key)
    assert answer.status_code == 200
    assert (answer.json["model"], answer.json["version"]) == (model, 1)
    assert answer.json["labels"] == ["class 0", "class 1"]
    record = answer.json["record"]
    assert list(record["properties"]) == ["age", "rooms", "owns home", "sex", "name"]
    assert record["required"] == ["rooms", "sex"]
    sex = [{"enum": ["female", "male"]}, {"type": "null"}]
    assert record["properties"]["sex"] == {"anyOf": sex}
    assert record["additionalProperties"] is False


def test_nobody_gets_in_without_a_key(client, model):
    assert client.post(f"/models/{model}/predict", json={"records": [ANN]}).status_code == 401
