"""What was given before is given again: the same answer but for its id, and never another's."""

import json
import re
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.kit.contract.access.workspaces import MAIN
from functions.kit.contract.models.signature import Certainty
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.describing import Predicted
from functions.prediction.model.tables import Table
from functions.prediction.service.ports import HIT, MISS, Chosen, Made
from functions.prediction.service.response_cache import OVERHEAD, ResponseCache, key_of, size_of
from functions.prediction.transport import fresh
from tests.support.in_memory.predicting import Answered, House
from tests.support.models.explained import PEOPLE, Explained
from tests.support.models.onnx import Exported, describe, train
from tests.support.wsgi import environment

ANN = {"age": 30, "rooms": 3, "owns home": True, "sex": "female", "name": "Ann"}
PREDICT, INFER = "/models/people/predict", "/v2/models/people/infer"
MODELS = {"people": train(), "rents": train("regression")}
ROOM = 2**20
ARROW = "application/vnd.apache.arrow.stream"
ID = re.compile(rb'"id":"[0-9a-f]*')
"""What houses leave of ids counts their answers."""


class Told:
    """A log of predictions that keeps them."""

    def __init__(self) -> None:
        self.made: list[Made] = []

    def take(self, made: Made, *, before_answer: bool = False) -> None:
        self.made.append(made)


def house(cache: ResponseCache | None, log: Told | None = None) -> House:
    backgrounds = {name: Explained(one, PEOPLE).background for name, one in MODELS.items()}
    return House(MODELS, backgrounds=backgrounds, cache=cache, log=log)


@pytest.fixture(name="ours")
def _ours() -> House:
    return house(ResponseCache(ROOM))


@pytest.fixture(scope="module", name="houses")
def _houses() -> tuple[House, House]:
    """Return a house that remembers nothing, and one that does."""
    return house(None), house(ResponseCache(ROOM))


def ask(asked: House, body: Any, path: str = PREDICT, **more: Any) -> Answered:
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    more = {"HTTP_AUTHORIZATION": "Bearer mf_free", "CONTENT_TYPE": "application/json", **more}
    return asked.entry(environment(path, body, **more))


def said(answer: Answered) -> str | None:
    return dict(answer.headers).get("X-Cache")


def unnamed(answer: Answered) -> Answered:
    """Return an answer without what is its own."""
    own = {"X-Cache", "X-Prediction-Id", "Content-Length"}  # ids differ in length here
    headers = [one for one in answer.headers if one[0] not in own]
    body = ID.sub(b'"id":"', answer.body)
    if dict(headers)["Content-Type"] == ARROW:  # its metadata have the id
        body = repr(pa.ipc.open_stream(body).read_all().to_pylist()).encode()
    return answer._replace(headers=headers, body=body)


ages = st.none() | st.integers(0, 90) | st.floats(0, 90, width=16)
people = st.fixed_dictionaries(
    {"age": ages, "rooms": st.integers(0, 9), "sex": st.sampled_from(["female", "male", "x"])},
    optional={"owns home": st.booleans(), "name": st.text(max_size=3)},
)
sizes = st.lists(people, min_size=1, max_size=20)
queries = st.sampled_from(["", "explain=true", "warnings=false", "unknown=ignore"])
paths = st.sampled_from(
    [PREDICT, "/models/rents/predict", "/models/people/versions/2/predict", "/models/no/predict"]
)
accepted = st.sampled_from(["application/json", "text/csv", "application/jsonl", ARROW])


@settings(max_examples=100, deadline=None)
@given(paths, sizes, queries, accepted)
def test_a_hit_is_the_miss_but_for_its_id(houses, path, rows, query, accept) -> None:
    bare, ours = houses
    more = {"QUERY_STRING": query, "HTTP_ACCEPT": accept}
    plain, first, again = (ask(one, {"records": rows}, path, **more) for one in (bare, ours, ours))
    assert unnamed(plain) == unnamed(first) == unnamed(again)
    assert said(plain) is None
    assert said(again) == ("hit" if again.status == "200 OK" else None)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(ages, st.integers(0, 9)), min_size=1, max_size=20), st.booleans())
def test_so_it_is_for_tensors(houses, rows, is_column) -> None:
    bare, ours = houses
    shape = [len(rows), 1] if is_column else [len(rows)]
    tensors = {
        "age": ("FP32", [age for age, _ in rows]),
        "rooms": ("INT64", [rooms for _, rooms in rows]),
        "sex": ("BYTES", ["male"] * len(rows)),
    }
    inputs = [
        {"name": name, "shape": shape, "datatype": kind, "data": data}
        for name, (kind, data) in tensors.items()
    ]
    plain, first, again = (ask(one, {"inputs": inputs}, INFER) for one in (bare, ours, ours))
    assert plain.status == "200 OK"
    assert unnamed(plain) == unnamed(first) == unnamed(again)
    assert said(again) == "hit"


def test_so_are_sets_that_tensors_ask_for() -> None:
    stated = Certainty([0.9], scores=[[0.3, 0.3]])
    signature = msgspec.structs.replace(MODELS["people"].signature, certainty=stated)
    models = {"people": Exported(MODELS["people"].data, signature)}
    bare, ours = House(models), House(models, cache=ResponseCache(ROOM))
    tensors = (("age", "FP32", 30), ("rooms", "INT64", 3), ("sex", "BYTES", "male"))
    inputs = [
        {"name": name, "shape": [1], "datatype": kind, "data": [value]}
        for name, kind, value in tensors
    ]
    body = {"inputs": inputs, "outputs": [{"name": "set"}, {"name": "label"}]}
    plain, first, again = (ask(one, body, INFER) for one in (bare, ours, ours))
    assert [one["name"] for one in json.loads(again.body)["outputs"]] == ["set", "label"]
    assert unnamed(plain) == unnamed(first) == unnamed(again)
    assert (said(first), said(again)) == ("miss", "hit")
    assert said(ask(ours, {"inputs": inputs}, INFER)) == "miss"  # of that alone


REORDERED = b'{"records":[{"sex":"female","name":"Ann","rooms":3,"age":3e1,"owns home":true}]}'
SPACED = rb"""{"records": [ {"age": 30.0, "rooms": 3.0, "name": "Ann", "sex": "f\u0065male",
    "owns home": true} ], "options": {"warnings": false}}"""


@pytest.mark.parametrize("written", [REORDERED, SPACED], ids=["reordered", "spaced"])
def test_how_a_question_is_written_does_not_matter(ours: House, written: bytes) -> None:
    assert said(ask(ours, {"records": [ANN]})) == "miss"
    assert said(ask(ours, written)) == "hit"


def test_what_differs_is_another_question(ours: House) -> None:
    other = {"records": [{**ANN, "age": 31}]}
    both = {"records": [ANN, ANN]}
    for body in ({"records": [ANN]}, other, both, {"records": [{**ANN, "age": None}]}):
        assert said(ask(ours, body)) == "miss"
    for path in ("/models/people/versions/2/predict", "/models/rents/predict"):
        assert said(ask(ours, {"records": [ANN]}, path)) == "miss"
    assert said(ask(ours, {"records": [ANN]}, QUERY_STRING="explain=true")) == "miss"
    assert said(ask(ours, {"records": [ANN]}, QUERY_STRING="explain=true")) == "hit"


def test_nothing_is_shared_between_workspaces_or_versions() -> None:
    first, second = (
        Predictor(describe(MODELS["people"], model="people", version=one), MODELS["people"].data)
        for one in (1, 2)
    )
    rows = first.reader.convert([ANN])
    table = Table(1, {"age": np.array([30.0])})
    keys = [
        key_of(workspace, predictor, kind, given)
        for workspace in (MAIN, "south")
        for predictor in (first, second)
        for kind in ("run", "predict", "explain")
        for given in (rows, table)
    ]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("ones", "others"),
    [
        ({"a": np.array([1.0])}, {"b": np.array([1.0])}),
        ({"a": np.array([1.0])}, {"a": np.array([np.nan])}),
        ({"a": np.array(["x", "yz"], object)}, {"a": np.array(["xy", "z"], object)}),
        ({"a": np.array([1.0])}, {"a": np.array([1.0]), "b": np.array([1.0])}),
        ({}, {"a": np.array([np.nan])}),
    ],
)
def test_tables_are_told_apart(ones: dict[str, Any], others: dict[str, Any]) -> None:
    version = describe(MODELS["people"], model="people", version=1)
    predictor = Predictor(version, MODELS["people"].data)
    keys = [key_of(MAIN, predictor, "run", Table(2, one)) for one in (ones, others, dict(ones))]
    assert keys[0] == keys[2]
    assert keys[0] != keys[1]


def test_a_hit_runs_no_model_and_counts_as_a_prediction(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Told()
    ours = house(ResponseCache(ROOM), log)
    small = {"HTTP_AUTHORIZATION": "Bearer mf_small"}
    body = {"records": [ANN] * 2}
    first = ask(ours, body, **small)
    monkeypatch.setattr(Predictor, "_answers", lambda *_: 1 / 0)
    again = ask(ours, body, **small)
    left = [dict(answer.headers)["RateLimit"].split(";")[1] for answer in (first, again)]
    assert left == ["r=38", "r=36"]
    one, two = log.made
    assert (one.chosen.told, two.chosen.told) == ("alias", "alias, cached")
    assert one.id != two.id
    assert two.rows == one.rows
    assert ask(ours, body, HTTP_CACHE_CONTROL="no-cache").status.startswith("500")


@pytest.mark.parametrize(
    ("header", "is_allowed"),
    [
        (None, True),
        ("max-age=0", True),
        ("no-cache", False),
        ("max-age=0, No-Cache", False),
        ("no-store", False),
    ],
)
def test_who_wants_no_old_answer_says_so(ours: House, header: str | None, is_allowed: bool) -> None:
    more = {} if header is None else {"HTTP_CACHE_CONTROL": header}
    ask(ours, {"records": [ANN]})
    found = said(ask(ours, {"records": [ANN]}, **more))
    assert found == ("hit" if is_allowed else None)
    assert fresh.HEADER == "Cache-Control"


def given_by(size: int) -> "np.ndarray[Any, Any]":
    return np.zeros((size, 1))


def kept(cache: ResponseCache, rows: int, places: range) -> list[str]:
    """Ask for so many rows each; return what became of it."""
    version = describe(MODELS["people"], model="people", version=1)
    predictor = Predictor(version, MODELS["people"].data)
    chosen = Chosen(predictor, "", "version")
    found = []
    for place in places:
        key = key_of(MAIN, predictor, "run", Table(rows, {"age": np.full(rows, float(place))}))
        answered, _, _ = cache.remembered(key, chosen, None, lambda: (chosen, None, given_by(rows)))
        found.append(answered.cache)
    return found


def test_the_longest_unused_leaves_when_it_gets_too_much() -> None:
    cache = ResponseCache(4 * (OVERHEAD + 800))
    assert kept(cache, 100, range(4)) == [MISS] * 4
    assert kept(cache, 100, range(1)) == [HIT]
    assert kept(cache, 100, range(4, 5)) == [MISS]
    assert cache.size == 4 * (OVERHEAD + 800)
    assert kept(cache, 100, range(1)) == [HIT]
    assert kept(cache, 100, range(1, 2)) == [MISS]


def test_what_is_larger_than_all_of_it_is_not_kept() -> None:
    cache = ResponseCache(OVERHEAD)
    assert kept(cache, 1, range(1)) + kept(cache, 1, range(1)) == [MISS, MISS]
    assert cache.size == 0


def test_texts_and_reasons_take_room_as_well() -> None:
    texts = np.array([["female"], ["male"]], object)
    bare = Predicted({"age": np.zeros((2, 1), np.float32)}, np.zeros((2, 2)), None)
    assert size_of(bare) == 2 * 4 + 4 * 8
    with_texts = msgspec.structs.replace(bare, inputs={"sex": texts})
    assert size_of(with_texts) > 2 * len("female")
    with_spread = msgspec.structs.replace(bare, spread=np.zeros((2, 1)))
    assert size_of(with_spread) == size_of(bare) + 16


def test_what_another_version_gave_instead_is_not_kept() -> None:
    version = describe(MODELS["people"], model="people", version=1)
    predictor = Predictor(version, MODELS["people"].data)
    wanted, instead = Chosen(predictor, "", "share"), Chosen(predictor, "", "version 2 failed")
    cache, key = ResponseCache(ROOM), key_of(MAIN, predictor, "run", Table(1, {}))
    for _ in range(2):
        answered, _, _ = cache.remembered(key, wanted, None, lambda: (instead, None, given_by(1)))
        assert answered == instead._replace(cache=MISS)


def test_a_stream_says_nothing_of_its_first_block(ours: House) -> None:
    lines = b"\n".join(json.dumps({**ANN, "age": age % 90}).encode() for age in range(1500))
    more = {"CONTENT_TYPE": "application/jsonl"}
    first, again = (ask(ours, lines[:9000].rpartition(b"\n")[0], **more) for _ in range(2))
    assert (said(first), said(again)) == ("miss", "hit")
    big = House(MODELS, most_bytes=10**6, cache=ResponseCache(8 * ROOM))
    first, again = (ask(big, lines, **more) for _ in range(2))
    assert (said(first), said(again)) == (None, None)
    assert unnamed(first) == unnamed(again)
