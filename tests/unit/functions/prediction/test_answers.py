"""What answers say beside the prediction, in both protocols."""

import json
from typing import Any

import pytest

from functions.kit.http.routing import openapi
from functions.prediction.model.options import Options
from tests.support.in_memory.predicting import House
from tests.support.models.onnx import LEVELS, certain, train
from tests.support.wsgi import environment

ANN = {"age": 30, "rooms": 3, "owns home": True, "sex": "female", "name": "Ann"}
BOB = {"age": 70.5, "rooms": 5, "owns home": False, "sex": "male"}
PREDICT = "/models/people/predict"


@pytest.fixture(scope="module")
def house() -> House:
    return House({"people": certain(train()), "prices": certain(train("regression"))})


def ask(house: House, path: str, body: Any, **more: Any) -> tuple[str, Any]:
    answer = house.entry(environment(path, json.dumps(body).encode(), **more))
    return answer.status, json.loads(answer.body)


def test_answers_have_sets_intervals_warnings_and_notices(house: House) -> None:
    bob = {"records": [BOB], "options": {"certainty": 0.8}}
    _, answer = ask(house, PREDICT, bob)
    [label] = answer["predictions"]
    assert answer["level"] == 0.8
    assert {one["kind"] for one in label["warnings"]} == {"unseen_category", "out_of_range"}
    assert label["set"] == [label["label"]]
    body, query = {"records": [ANN | {"colour": 1}]}, {"QUERY_STRING": "unknown=ignore"}
    _, answer = ask(house, "/models/prices/predict", body, **query)
    [one] = answer["predictions"]
    assert answer["level"] == 0.9
    assert answer["notices"] == [{"kind": "ignored_fields", "fields": ["colour"], "count": 1}]
    assert list(one) == ["value", "interval"]
    assert one["interval"]["high"] - one["value"] == pytest.approx(2)


def test_the_description_names_options_and_what_answers_have(house: House) -> None:
    described = openapi.describe(house.api)
    operation = described["paths"]["/models/{model}/predict"]["post"]
    asked = {one["name"] for one in operation["parameters"] if one.get("in") == "query"}
    assert asked == set(Options.__struct_fields__)
    schemas = described["components"]["schemas"]
    assert asked == schemas["Options"]["properties"].keys()
    assert set(schemas["PredictRequest"]["required"]) == {"records"}
    for name, own in (("Classified", "set"), ("Estimated", "interval")):
        assert {own, "warnings", "explanation"} <= schemas[name]["properties"].keys()
        assert own not in schemas[name]["required"]


def infer(house: House, model: str, *outputs: Any) -> tuple[str, Any]:
    """Return what is answered to a call that wants some outputs."""
    inputs = [
        {"name": name, "shape": [1], "datatype": kind, "data": [BOB[name]]}
        for name, kind in (("age", "FP32"), ("rooms", "INT64"), ("sex", "BYTES"))
    ]
    return ask(house, f"/v2/models/{model}/infer", {"inputs": inputs, "outputs": outputs})


@pytest.mark.parametrize(
    ("model", "output", "kind", "shape"),
    [("people", "set", "BOOL", [1, 2]), ("prices", "interval", "FP64", [1, 2])],
)
def test_sets_and_intervals_are_tensors_for_who_asks(
    house: House, model: str, output: str, kind: str, shape: list[int]
) -> None:
    _, plain = infer(house, model)
    assert output not in {one["name"] for one in plain["outputs"]}
    wanted = [{"name": output, "parameters": {"certainty": level}} for level in LEVELS]
    status, answer = infer(house, model, {"name": output}, *wanted, {"name": first_of(plain)})
    assert status == "200 OK"
    usual, narrow, wide, last = answer["outputs"]
    assert usual == wide
    assert (usual["datatype"], usual["shape"]) == (kind, shape)
    assert last["data"] == plain["outputs"][0]["data"]
    if output == "set":
        assert sum(narrow["data"]) <= sum(wide["data"])
        return
    [value] = last["data"]
    assert narrow["data"] == pytest.approx([value - 1, value + 1])
    assert wide["data"] == pytest.approx([value - 2, value + 2])


def first_of(answer: Any) -> Any:
    return answer["outputs"][0]["name"]


@pytest.mark.parametrize(
    ("model", "output", "reason"),
    [
        ("people", {"name": "interval"}, "it gives 'set'"),
        ("prices", {"name": "set"}, "it gives 'interval'"),
        ("prices", {"name": "interval", "parameters": {"certainty": 0.5}}, "0.8, 0.9, not for 0.5"),
        ("prices", {"name": "interval", "parameters": {"certainty": "x"}}, "no level"),
        ("prices", {"name": "sets"}, "no output 'sets'"),
    ],
)
def test_what_a_model_does_not_state_is_refused(
    house: House, model: str, output: Any, reason: str
) -> None:
    status, answer = infer(house, model, output)
    assert status == "400 BAD REQUEST"
    assert reason in answer["error"]
