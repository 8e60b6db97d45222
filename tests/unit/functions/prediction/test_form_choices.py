"""Which form a body has and which its answer gets: by Content-Type and Accept."""

import json

import pytest

from functions.kit.http.routing.openapi import describe
from functions.prediction.transport.records.formats import media
from tests.support.in_memory.predicting import House
from tests.support.models.mixed import mixed
from tests.support.rows.forms import ARROW, CSV, JSON, LINES, PROTOBUF
from tests.support.wsgi import environment

PATH = "/models/classes/predict"
BODY = json.dumps({"records": [{"rooms": 3}]}).encode()
TABLE = b"rooms\n3\n"


@pytest.fixture(scope="module")
def house() -> House:
    return House({"classes": mixed()})


def type_of(answered):
    return dict(answered.headers)["Content-Type"].partition(";")[0]


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, CSV),
        ("", CSV),
        ("*/*", CSV),
        ("application/json", JSON),
        ("application/*", JSON),
        ("text/*", CSV),
        ("TEXT/CSV", CSV),
        ("application/x-ndjson", "application/x-ndjson"),
        ("application/jsonl", LINES),
        (ARROW, ARROW),
        (PROTOBUF, PROTOBUF),
        ("application/protobuf", "application/protobuf"),
        ("application/json;q=0.5, application/jsonl", LINES),
        ("application/json, application/jsonl;q=0.5", JSON),
        ("text/html, application/xhtml+xml, */*;q=0.8", CSV),
        ("*/*, text/csv;q=0", JSON),
        ("text/csv;q=0.1, application/*;q=0.2, application/json;q=0.1", LINES),
        ("application/json;q=x, text/csv", CSV),
        ("application/json; charset=utf-8; q=0.9, text/csv; q=0.3", JSON),
    ],
)
def test_the_form_is_the_one_that_is_accepted_most(house, accept, wanted):
    answered = house.whole(environment(PATH, TABLE, CONTENT_TYPE=CSV, HTTP_ACCEPT=accept))
    assert answered.status == "200 OK"
    assert type_of(answered) == wanted


@pytest.mark.parametrize("way", ["entry", "whole"])
@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "application/json;q=0, text/html"])
def test_what_is_not_accepted_is_a_406_that_lists_what_there_is(house, accept, way):
    answered = getattr(house, way)(environment(PATH, BODY, HTTP_ACCEPT=accept))
    assert (answered.status, type_of(answered)) == (
        "406 NOT ACCEPTABLE",
        "application/problem+json",
    )
    for form in (JSON, LINES, CSV, ARROW, PROTOBUF):
        assert form in json.loads(answered.body)["detail"]


@pytest.mark.parametrize("sent", ["text/plain", "", None, "application/xml", "text/csvx"])
def test_an_unknown_type_is_a_415_that_lists_what_there_is(house, sent):
    answered = house.whole(environment(PATH, BODY, CONTENT_TYPE=sent))
    assert answered.status == "415 UNSUPPORTED MEDIA TYPE"
    for form in (JSON, LINES, CSV, ARROW, PROTOBUF):
        assert form in json.loads(answered.body)["detail"]


def test_a_refusal_is_a_problem_whatever_is_accepted(house):
    table = environment(PATH, b"rooms\nx\n", CONTENT_TYPE=CSV, HTTP_ACCEPT=ARROW)
    answered = house.whole(table)
    assert (answered.status[:3], type_of(answered)) == ("422", "application/problem+json")


def test_other_forms_say_in_their_head_what_json_says_beside_the_predictions(house):
    asked = environment(
        PATH,
        b"rooms,colour\n3,red\n",
        CONTENT_TYPE=CSV,
        QUERY_STRING="unknown=ignore&certainty=0.8",
    )
    head = dict(house.whole(asked).headers)
    assert head["X-Model-Version"] == "1"
    assert head["X-Prediction-Level"] == "0.8"
    assert head["X-Prediction-Notices"] == "ignored_fields=1"
    assert head["X-Prediction-Id"]


@pytest.mark.parametrize("way", ["", "/versions/{version}", "/aliases/{alias}"])
def test_the_description_lists_every_type(house, way):
    described = describe(house.api)["paths"]
    operation = described[f"/models/{{model}}{way}/predict"]["post"]
    types = {*media.FORMS}
    assert operation["requestBody"]["content"].keys() == types
    assert operation["responses"]["200"]["content"].keys() == types
    assert {"406", "415"} < operation["responses"].keys()
    schema = described[f"/models/{{model}}{way}/schema.proto"]["get"]
    assert schema["responses"]["200"]["content"].keys() == {"text/plain"}
