"""Explanations on request: as an option of a prediction, whichever way it came."""

import io
import json
from typing import Any

import pytest

from tests.support.in_memory.predicting import Answered, Environ, House
from tests.support.models.explained import ANN, BOB, PEOPLE, Explained
from tests.support.models.onnx import train
from tests.support.openapi import described

PREDICT = "/models/people/predict"
WHY = "explain=true"
PEOPLE_MODELS = {"people": train("binary"), "rents": train("regression")}


def house() -> House:
    backgrounds = {
        name: Explained(exported, PEOPLE).background for name, exported in PEOPLE_MODELS.items()
    }
    return House(PEOPLE_MODELS, backgrounds=backgrounds)


@pytest.fixture(scope="module")
def shared() -> House:
    return house()


def request(
    records: list[dict[str, Any]],
    query: str = WHY,
    path: str = PREDICT,
    key: str = "mf_free",
    **more: Any,
) -> Environ:
    body = json.dumps({"records": records, **more}).encode()
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_AUTHORIZATION": f"Bearer {key}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    }


def predictions(answer: Answered) -> Any:
    assert answer.status == "200 OK", answer.body
    return json.loads(answer.body)["predictions"]


def test_each_prediction_says_why(shared: House) -> None:
    found = predictions(shared.entry(request([ANN, BOB])))
    assert len(found) == 2
    for one in found:
        why = one["explanation"]
        assert list(why) == ["label", "base", "columns", "exact"]
        assert why["label"] == one["label"]
        assert why["exact"] is True
        assert [list(column) for column in why["columns"]] == [
            ["column", "value", "contribution"]
        ] * 4
        total = why["base"] + sum(column["contribution"] for column in why["columns"])
        assert total == pytest.approx(one["probability"], abs=1e-6)


def test_it_can_be_asked_for_in_the_body_too(shared: House) -> None:
    in_body = request([ANN, BOB], query="", options={"explain": True})
    assert predictions(shared.entry(in_body)) == predictions(shared.entry(request([ANN, BOB])))


def test_of_a_value_no_label_is_told(shared: House) -> None:
    [one] = predictions(shared.entry(request([BOB], path="/models/rents/predict")))
    why = one["explanation"]
    assert list(why) == ["base", "columns", "exact"]
    total = why["base"] + sum(column["contribution"] for column in why["columns"])
    assert total == pytest.approx(one["value"], abs=1e-5)


def test_who_does_not_ask_is_not_told(shared: House) -> None:
    asked = predictions(shared.entry(request([ANN] * 9, query="explain=false")))
    assert asked == predictions(shared.entry(request([ANN] * 9, query="")))
    assert not any("explanation" in one for one in asked)


def test_it_is_the_same_on_both_ways_and_beside_many(shared: House) -> None:
    few = predictions(shared.entry(request([ANN])))
    many = predictions(shared.whole(request([ANN] * 12)))
    for one in many:
        assert one["explanation"].keys() == few[0]["explanation"].keys()
        pairs = zip(one["explanation"]["columns"], few[0]["explanation"]["columns"], strict=True)
        for mine, theirs in pairs:
            assert mine["column"] == theirs["column"]
            assert mine["contribution"] == pytest.approx(theirs["contribution"], abs=1e-6)


def test_a_version_without_background_rows_cannot_be_explained(shared: House) -> None:
    answer = shared.entry(request([ANN], path="/models/people/versions/2/predict"))
    assert answer.status.startswith("409")
    problem = json.loads(answer.body)
    assert problem["detail"].startswith("Version 2 of 'people' cannot be explained")
    predictions(shared.entry(request([ANN], query="", path="/models/people/versions/2/predict")))


def test_too_many_rows_are_refused_with_how_many_there_may_be(shared: House) -> None:
    predictions(shared.entry(request([ANN] * 20)))
    answer = shared.entry(request([ANN] * 21))
    assert answer.status.startswith("422")
    assert "21 records: one call explains up to 20" in json.loads(answer.body)["detail"]


def test_an_explained_row_counts_as_two_predictions() -> None:
    fresh = house()
    left = [
        dict(fresh.entry(request([ANN] * 2, query=query, key="mf_small")).headers)["RateLimit"]
        for query in ("", WHY, WHY)
    ]
    assert [one.partition(";")[2].partition(";")[0] for one in left] == ["r=38", "r=34", "r=30"]


def test_the_description_says_what_an_explanation_is() -> None:
    description = described("prediction")
    schemas = description["components"]["schemas"]
    assert set(schemas["Explanation"]["required"]) == {"base", "columns", "exact"}
    assert "contribution" in schemas["Contribution"]["properties"]
    assert "409" in description["paths"]["/models/{model}/predict"]["post"]["responses"]
