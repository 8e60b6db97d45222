"""Predictions as CloudEvents: what `monitoring` reads is what was asked and answered."""

import random
from typing import Any

import msgspec
import numpy as np
import pytest
from cloudevents.http import from_json

from functions.kit.contract.access.identity import of_first_key
from functions.kit.contract.records.sensitive import hashed, secret_of
from functions.kit.contract.telemetry.predictions import (
    LOST,
    MADE,
    Event,
    Lost,
    Output,
    Prediction,
    given_at,
)
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.options import USUAL
from functions.prediction.model.questions import Question
from functions.prediction.model.responses import Ids
from functions.prediction.model.tables import Table
from functions.prediction.service.ports import Chosen, Made
from functions.prediction.service.telling import Hide, Teller, array, hiding, parts
from tests.support.models.onnx import Trained, describe, train

CALLER = of_first_key().callers["main"]
SECRET = "step secret"
AT = 1_700_000_000.25


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train()


def predictor(trained: Trained, *sensitive: str) -> Predictor:
    version = describe(trained, model="titanic", version=3)
    columns = [
        msgspec.structs.replace(column, sensitive=column.name in sensitive)
        for column in version.signature.columns
    ]
    signature = msgspec.structs.replace(version.signature, columns=columns)
    return Predictor(msgspec.structs.replace(version, signature=signature), trained.data)


def renamed(trained: Trained, column: str, name: str) -> Predictor:
    """Return a predictor one of whose columns is called another name."""
    version = describe(trained, model="titanic", version=3)
    signature = version.signature
    replace = msgspec.structs.replace
    columns = [replace(one, name=name) if one.name == column else one for one in signature.columns]
    features = [
        replace(one, column=name) if one.column == column else one for one in signature.features
    ]
    signature = replace(signature, columns=columns, features=features)
    return Predictor(replace(version, signature=signature), trained.data)


def records(count: int, seed: int = 0) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    return [
        {
            "age": rng.choice([None, 0.0, 31.5, 7]),
            "rooms": rng.choice([1, None, 2**40]),
            "owns home": rng.choice([True, False, None]),
            "sex": rng.choice(["female", "male"]),
            "name": rng.choice([None, 'O"Neil\n', "Zoë"]),
        }
        for _ in range(count)
    ]


def made(found: Predictor, rows: Any, number: str = "") -> Made:
    output = found.run(found.encode(rows))
    number = number or Ids()()
    return Made(AT, number, Chosen(found, "champion", "alias"), rows, output, 0.0015, CALLER)


def told(hide: Hide, *calls: Made, lost: int = 0) -> list[Event]:
    return msgspec.json.decode(array(Teller(hide).batch(calls, lost)), type=list[Event])


def inputs(events: list[Event]) -> list[dict[str, Any]]:
    return [msgspec.json.decode(one.data, type=Prediction).inputs for one in events]


HASH, LEAVE_OUT = hiding(SECRET, leave_out=False), hiding(SECRET, leave_out=True)


def test_each_prediction_is_an_event_of_its_own(trained: Trained) -> None:
    found, asked = predictor(trained), records(3)
    found.uid = "life"
    call = made(found, found.reader.convert(asked))
    events = told(HASH, call)
    assert [one.id for one in events] == [f"{call.id}-{place}" for place in range(3)]
    assert {(one.type, one.source, one.time) for one in events} == {
        (MADE, "/models/titanic/versions/3", "2023-11-14T22:13:20.250000+00:00")
    }
    question = Question(call.rows, USUAL)
    answers = found.describe(question, found.predict(call.rows)).predictions()
    for event, row, answer in zip(events, asked, answers, strict=True):
        wanted = msgspec.to_builtins(answer)
        assert msgspec.json.decode(event.data, type=Prediction) == Prediction(
            "main", "titanic", 3, "champion", "alias", CALLER.name, CALLER.account, 1500, row,
            Output(wanted["label"], wanted["probability"], wanted["probabilities"]), "life",
        )  # fmt: skip


def test_the_events_are_those_that_cloudevents_own_library_reads(trained: Trained) -> None:
    found = predictor(trained)
    call = made(found, found.reader.convert(records(1)))
    for text in Teller(HASH).batch([call], 3):
        event = from_json(text)
        assert event["specversion"] == "1.0"
        assert event["type"] in {MADE, LOST}
    assert from_json(Teller(HASH).events(call)[0]).data["model"] == "titanic"


def test_a_table_is_told_as_records_are(trained: Trained) -> None:
    found, asked = predictor(trained), records(50, 1)
    columns: dict[str, Any] = {
        name: np.array([np.nan if row[name] is None else float(row[name]) for row in asked])
        for name in ("age", "rooms", "owns home")
    } | {
        name: np.array([row[name] or "" for row in asked], dtype=object) for name in ("sex", "name")
    }
    rows = found.reader.convert(asked)
    by_records, by_table = made(found, rows, "a" * 30), made(found, Table(50, columns), "a" * 30)
    assert told(HASH, by_records)[7].data != told(HASH, by_records)[8].data
    for one, other in zip(told(HASH, by_records), told(HASH, by_table), strict=True):
        assert msgspec.json.decode(one.data) == msgspec.json.decode(other.data)
    left_out = made(found, Table(50, {"rooms": columns["rooms"], "sex": columns["sex"]}))
    assert {row["age"] for row in inputs(told(HASH, left_out))} == {None}


@pytest.mark.parametrize("name", ["sex", 'a "name"', "back\\slash", "line\nend"])
@pytest.mark.parametrize("count", [1, 8, 9, 200])
def test_events_of_many_rows_say_what_those_of_each_row_say(
    trained: Trained, name: str, count: int
) -> None:
    found, asked = renamed(trained, "sex", name), records(count, 3)
    rows = found.reader.convert([{name: row.pop("sex"), **row} for row in asked])
    whole = made(found, rows, "a" * 30)
    each = [
        whole._replace(rows=rows[place : place + 1], output=whole.output[place : place + 1])
        for place in range(count)
    ]
    for one, other in zip(told(HASH, whole), told(HASH, *each), strict=True):
        assert msgspec.json.decode(one.data) == msgspec.json.decode(other.data)
    names = [one.name for one in found.version.signature.columns]
    for given, row in zip(rows, inputs(told(HASH, whole)), strict=True):
        assert row == dict(zip(names, msgspec.structs.astuple(given), strict=True))


def test_a_regression_tells_its_value() -> None:
    model = train("regression")
    found = predictor(model)
    call = made(found, found.reader.convert(records(2)))
    values = [msgspec.json.decode(one.data, type=Prediction).output for one in told(HASH, call)]
    assert values == [Output(value=one) for one in call.output.ravel().tolist()]
    wide = call._replace(spread=np.array([[0.5], [2.0]]))
    told_of = [msgspec.json.decode(one.data, type=Prediction).output for one in told(HASH, wide)]
    assert [one.spread for one in told_of] == [0.5, 2.0]
    assert [one.value for one in told_of] == [one.value for one in values]


def test_sensitive_values_are_hashed_alike_or_left_out(trained: Trained) -> None:
    found, asked = predictor(trained, "name", "rooms"), records(40, 2)
    call = made(found, found.reader.convert(asked))
    secret = secret_of(SECRET, "main")
    for row, hidden in zip(asked, inputs(told(HASH, call)), strict=True):
        assert hidden["name"] == hashed(secret, "name", row["name"])
        assert hidden["rooms"] == hashed(secret, "rooms", row["rooms"])
        assert (hidden["name"] is None) == (row["name"] is None)
        assert hidden["age"] == row["age"]
    text = array(Teller(HASH).batch([call], 0)).decode()
    assert "Neil" not in text
    assert str(2**40) not in text
    assert {frozenset(row) for row in inputs(told(LEAVE_OUT, call))} == {
        frozenset(("age", "owns home", "sex"))
    }
    assert hashed(secret_of(SECRET, "other"), "name", "x") != hashed(secret, "name", "x")
    assert (
        hashed(secret, "rooms", 7) == hashed(secret, "rooms", 7.0) == hashed(secret, "rooms", "7")
    )


def test_what_cannot_be_told_is_counted_and_keeps_no_other_back(trained: Trained) -> None:
    found = predictor(trained)
    good = made(found, found.reader.convert(records(2)))
    bad = good._replace(output=good.output[:1])
    events = told(HASH, bad, good, lost=5)
    assert [one.type for one in events] == [MADE, MADE, LOST]
    assert msgspec.json.decode(events[-1].data, type=Lost) == Lost(7)


def test_large_events_travel_in_parts_and_none_is_left_out() -> None:
    events = [b"a" * size for size in (3, 3, 30, 1, 1, 9)]
    found = [[len(one) for one in part] for part in parts(events, 10)]
    assert found == [[3, 3], [30], [1, 1], [9]]
    assert [list(part) for part in parts(events[:1], 1)] == [[b"aaa"]]


def test_an_id_tells_when_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.prediction.model.responses.time.time", lambda: AT)
    ids = Ids()
    first, second = ids(), ids()
    assert first != second
    assert given_at(f"{first}-0") == given_at(f"{second}-999") == 1_700_000_000
    assert given_at(first) is None
