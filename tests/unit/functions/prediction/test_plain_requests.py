"""Requests that need nothing of Flask are answered as if they had it: byte for byte."""

import gzip
import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.kit.adapters.calls.step_tokens import Call, authorization
from functions.kit.http.requests.plain import plain_request
from tests.support.in_memory.predicting import KEYS, MOST_BYTES, SECRET, House
from tests.support.models.onnx import LEVELS, certain, train
from tests.support.wsgi import environment

ANN = {"age": 30, "rooms": 3, "owns home": True, "sex": "female", "name": "Ann"}
BOB = {"age": 70.5, "rooms": 5, "owns home": False, "sex": "male"}
PREDICT, INFER = "/models/people/predict", "/v2/models/people/infer"
STEP = authorization(SECRET, "training", Call("POST", "prediction", PREDICT), workspace="main")


@pytest.fixture(scope="module")
def houses() -> tuple[House, House]:
    """Return two houses that are in the same state as long as they are asked the same."""
    models = {"people": certain(train()), "prices": certain(train("regression"))}
    return House(models), House(models)


wanted = st.fixed_dictionaries(
    {},
    optional={
        "certainty": st.sampled_from([*LEVELS, 0.5, 2, None]),
        "warnings": st.booleans(),
        "unknown": st.sampled_from(["ignore", "refuse", "no"]),
        "colour": st.just(1),
    },
)
queries = st.sampled_from(
    ["", "", "certainty=0.8", "unknown=ignore", "warnings=false&certainty=0.5", "x=1", "%ff"]
)


def tensors(values: dict[str, Any], **more: Any) -> bytes:
    inputs = [
        {"name": name, "shape": [1], "datatype": kind, "data": [values.get(name)]}
        for name, kind in (("age", "FP32"), ("rooms", "INT64"), ("sex", "BYTES"))
    ]
    return json.dumps({"inputs": inputs, **more}).encode()


def binary() -> tuple[bytes, bytes]:
    """Return the JSON of a call, and the tensors after it."""
    word = b"male"
    parts = {"age": ("FP32", struct.pack("<f", 30)), "rooms": ("INT64", struct.pack("<q", 3))}
    parts["sex"] = ("BYTES", struct.pack("<I", len(word)) + word)
    inputs = [
        {
            "name": name,
            "shape": [1, 1],
            "datatype": kind,
            "parameters": {"binary_data_size": len(raw)},
        }
        for name, (kind, raw) in parts.items()
    ]
    whole = {"inputs": inputs, "parameters": {"binary_data_output": True}}
    return json.dumps(whole).encode(), b"".join(raw for _, raw in parts.values())


HEAD, RAW = binary()
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
records = st.sampled_from([ANN, BOB]) | st.fixed_dictionaries(
    {}, optional=dict.fromkeys((*ANN, "colour"), values)
)
bodies = st.one_of(
    st.lists(records, max_size=6).map(lambda rows: json.dumps({"records": rows}).encode()),
    st.builds(
        lambda rows, options: json.dumps({"records": rows, "options": options}).encode(),
        st.lists(records, min_size=1, max_size=12),
        wanted,
    ),
    st.sampled_from([ANN, BOB]).map(lambda row: json.dumps({"records": [row]}).encode()),
    st.builds(tensors, records, id=st.text(max_size=3)),
    st.builds(tensors, st.just(BOB), outputs=st.just([{"name": "label"}])),
    st.sampled_from([b"", b"{", b"\xff", b'{"records": []}', HEAD + RAW, b" " * MOST_BYTES]),
    st.binary(max_size=20),
    st.just(gzip.compress(tensors(BOB))),
)
usual = st.sampled_from([PREDICT, INFER])
paths = usual | st.sampled_from(
    [
        "/models/people/versions/2/predict",
        "/models/people/versions/x/predict",
        "/models/people/aliases/next/predict",
        "/models/people/aliases/none/predict",
        "/models/prices/predict",
        "/models/nobody/predict",
        "/models/other/predict",
        "/models/p\xc3\xa4/predict",
        "/models/people/predict/",
        "//models/people/predict",
        "models/people/predict",
        "/models//predict",
        "/models/people/signature",
        "/v2/models/people/versions/1/infer",
        "/v2/models/nobody/infer",
        "/v2/repository/index",
        "/_/health",
        "",
        "*",
    ]
)
methods = st.just("POST") | st.sampled_from(["POST", "GET", "HEAD", "PUT", "post", "OPTIONS"])
keys = st.sampled_from([f"Bearer {key}" for key in KEYS]) | st.sampled_from(
    ["Bearer mf_first", "bearer mf_free", "Bearer", "Bearer nobody", "Basic x", STEP, "Step x"]
)
heads = st.fixed_dictionaries(
    {},
    optional={
        "HTTP_X_API_KEY": st.sampled_from(["mf_free", "nobody", ""]),
        "HTTP_X_WORKSPACE": st.sampled_from(["main", "team"]),
        "HTTP_X_CALL_ID": st.text(max_size=80),
        "HTTP_CONTENT_ENCODING": st.sampled_from(["", "identity", "gzip", "br"]),
        "HTTP_ACCEPT_ENCODING": st.sampled_from(["gzip", "deflate;q=1", "*"]),
        "HTTP_INFERENCE_HEADER_CONTENT_LENGTH": st.sampled_from([str(len(HEAD)), "x", "-1"]),
        "HTTP_TRANSFER_ENCODING": st.sampled_from(["chunked", "Chunked", "gzip, chunked"]),
        "CONTENT_LENGTH": st.sampled_from(["0", "-1", "+3", "x", "\u0663", "", "9" * 30, "3000"]),
    },
)
kinds = st.just("application/json") | st.sampled_from(
    [
        "application/octet-stream",
        "application/json; charset=utf-8",
        "Application/JSON",
        "text/plain",
        "",
        None,
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    paths,
    bodies,
    methods,
    keys | st.none(),
    kinds,
    heads,
    queries,
    st.sampled_from([True, True, None]),
)
def test_both_ways_answer_the_same(houses, path, body, method, key, kind, head, query, ends):
    """So that a body meets each fault alone, most parts of a request are as they should be."""
    more = {"REQUEST_METHOD": method, "HTTP_AUTHORIZATION": key, "CONTENT_TYPE": kind}
    more["QUERY_STRING"] = query
    more |= {"wsgi.input_terminated": ends, **head}
    first, second = houses
    assert first.entry(environment(path, body, **more)) == second.whole(
        environment(path, body, **more)
    )


@settings(max_examples=100, deadline=None)
@given(usual, bodies, st.sampled_from(["Bearer mf_free", "Bearer mf_small"]), queries)
def test_both_ways_answer_plain_requests_the_same(houses, path, body, key, query):
    first, second = houses
    more = {"HTTP_AUTHORIZATION": key, "QUERY_STRING": query}
    asked = environment(path, body, **more)
    assert plain_request(asked) is not None
    answered = first.entry(asked)
    assert answered == second.whole(environment(path, body, **more))
    assert len(answered.noted) == 1
    assert sum(answered.counted.values()) == 1


def test_a_plan_that_is_used_up_is_refused_the_same(houses):
    body = json.dumps({"records": [ANN] * 4}).encode()
    first, second = houses
    statuses = set()
    for _ in range(20):
        asked = [environment(PREDICT, body, HTTP_AUTHORIZATION="Bearer mf_small") for _ in "12"]
        answered = first.entry(asked[0])
        assert answered == second.whole(asked[1])
        statuses.add(answered.status)
    assert "429 TOO MANY REQUESTS" in statuses


@pytest.mark.parametrize(
    "change",
    [
        {"REQUEST_METHOD": "PUT"},
        {"CONTENT_TYPE": "text/csv"},
        {"CONTENT_TYPE": None},
        {"CONTENT_LENGTH": None},
        {"CONTENT_LENGTH": "-1"},
        {"HTTP_TRANSFER_ENCODING": "gzip"},
        {"PATH_INFO": "/models/p\xc3\xa4/predict"},
        {"PATH_INFO": "models/people/predict"},
        {"wsgi.input_terminated": None},
    ],
)
def test_what_is_odd_is_not_plain(change):
    assert plain_request(environment(PREDICT, b"{}")) is not None
    assert plain_request(environment(PREDICT, b"{}", **change)) is None


def test_a_body_in_chunks_is_plain(houses):
    body = json.dumps({"records": [ANN]}).encode()
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": None}
    request = plain_request(environment(PREDICT, body, **chunked))
    assert request is not None
    assert request.content_length is None
    assert houses[0].entry(environment(PREDICT, body, **chunked)).status == "200 OK"
    houses[1].whole(environment(PREDICT, body, **chunked))


def test_no_part_of_a_plain_request_is_flasks(houses, monkeypatch):
    body = json.dumps({"records": [ANN]}).encode()

    def refuse(*_: Any) -> None:
        raise AssertionError("Flask's request was made")

    monkeypatch.setattr("functions.kit.http.wsgi.Request", refuse)
    for path, sent in ((PREDICT, body), (INFER, tensors(BOB))):
        assert houses[0].entry(environment(path, sent)).status == "200 OK"
