"""Values unlike what a model learnt from are told: of one row, many, and whole columns alike."""

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.kit.contract.models.features import encoder
from functions.kit.contract.models.signature import Feature, Signature
from functions.kit.contract.records.columns import Column, Suggested
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.options import Options
from functions.prediction.model.questions import Question
from functions.prediction.model.records import Reader
from functions.prediction.model.responses import Warned
from functions.prediction.model.tables import Table
from functions.prediction.model.unusual import SHOWN, Unusual
from tests.support.models.onnx import FEATURES, describe, train

AGES = Suggested(minimum=0.1, maximum=80)
COLUMNS = [
    Column("age", "number", suggested=AGES),
    Column("share", "number", suggested=Suggested(maximum=1)),
    Column("rooms", "integer", suggested=Suggested(minimum=1, maximum=9)),
    Column("sex", "category", suggested=Suggested(levels=["female", "male"])),
    Column("code", "integer", suggested=Suggested(minimum=0)),
    Column("idle", "number", suggested=Suggested(minimum=0, maximum=0)),
    Column("town", "category"),
]
KINDS = [
    Feature("age", "x0", "float"),
    Feature("share", "x1", "double"),
    Feature("rooms", "x2", "float"),
    Feature("sex", "x3", "string", levels=["female"]),
    Feature("code", "x4", "string"),
    Feature("town", "x5", "string"),
]
SIGNATURE = Signature("binary", "y", COLUMNS, KINDS, ["0", "1"])
READER, UNUSUAL, ENCODE = Reader(COLUMNS), Unusual(SIGNATURE), encoder(SIGNATURE)
NAMES = [column.name for column in COLUMNS]


def found(*rows: dict[str, Any]) -> dict[int, list[Warned]]:
    records = READER.convert(rows)
    return dict(UNUSUAL.find(records, ENCODE(records)))


@pytest.mark.parametrize(
    ("row", "warned"),
    [
        ({"age": 80.5}, Warned("age", "out_of_range", 80.5, 0.1, 80)),
        ({"age": 0}, Warned("age", "out_of_range", 0, 0.1, 80)),
        ({"share": 2.5}, Warned("share", "out_of_range", 2.5, None, 1)),
        ({"rooms": 10}, Warned("rooms", "out_of_range", 10, 1, 9)),
        ({"code": -1}, Warned("code", "out_of_range", -1, 0, None)),
        ({"sex": "x" * 200}, Warned("sex", "unseen_category", "x" * SHOWN)),
    ],
)
@pytest.mark.parametrize("others", [0, 20])
def test_what_is_unlike_what_was_learnt_is_named(
    row: dict[str, Any], warned: Warned, others: int
) -> None:
    usual = {"age": 30, "share": 0.5, "rooms": 3, "sex": "male", "code": 7, "town": "anywhere"}
    assert found(*[usual] * others, usual | row) == {others: [warned]}


@pytest.mark.parametrize(
    "row", [{}, {"age": None, "sex": None}, {"age": 0.1, "rooms": 9, "sex": "male"}, {"idle": 1}]
)
def test_missing_values_ends_and_what_the_model_ignores_warn_of_nothing(
    row: dict[str, Any],
) -> None:
    assert found(row) == found(row, row) == {}


def test_a_number_just_beyond_what_was_learnt_is_seen_however_the_model_rounds_it() -> None:
    beyond = float(np.nextafter(80, 100))
    assert np.float32(beyond) == 80
    assert found({"age": beyond}) == {0: [Warned("age", "out_of_range", beyond, 0.1, 80)]}
    assert list(found({"age": 80}, {"age": beyond})) == [1]


@pytest.mark.parametrize("encoding", ["float", "double"])
@pytest.mark.parametrize("most", [9, 2**24 - 1, 2**24, 2**24 + 2, 2**53 - 1, 2**53, 2**53 + 2])
def test_a_whole_number_just_beyond_is_seen_however_large(encoding: Any, most: int) -> None:
    columns = [Column("n", "integer", suggested=Suggested(minimum=-most, maximum=most))]
    signature = Signature("binary", "y", columns, [Feature("n", "x", encoding)], ["0", "1"])
    read, encode = Reader(columns).convert, encoder(signature)
    rows = read([{"n": one} for one in (0, most, most + 1, -most, -most - 1)])
    assert list(Unusual(signature).find(rows, encode(rows))) == [2, 4]


numbers = st.none() | st.sampled_from([0.1, 80.0, 1.0, 0.0]) | st.floats(-100, 200)
whole = st.none() | st.integers(-2, 12)
rows = st.fixed_dictionaries(
    {
        "age": numbers,
        "share": numbers,
        "rooms": whole,
        "sex": st.none() | st.sampled_from(["", "female", "male", "other", "new"]),
        "code": whole,
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(rows, min_size=2, max_size=12))
def test_many_rows_warn_of_what_each_alone_does(drawn: list[dict[str, Any]]) -> None:
    many = found(*drawn)
    assert many == {place: one[0] for place, row in enumerate(drawn) if (one := found(row))}
    assert UNUSUAL.find(as_table(drawn), {}) == many


def as_table(drawn: list[dict[str, Any]]) -> Table:
    """Return the rows as columns, as tensors and files hold them."""
    columns = {}
    for name in ("age", "share", "rooms", "code"):
        values = [row[name] for row in drawn]
        columns[name] = np.array([np.nan if one is None else one for one in values], np.float64)
    columns["sex"] = np.array([row["sex"] or "" for row in drawn], dtype=object)
    return Table(len(drawn), columns)


def test_a_prediction_has_its_warnings_and_a_clean_one_no_such_key() -> None:
    trained = train()
    known = {"age": AGES, "sex": Suggested(levels=["female", "male"])}
    columns = [
        msgspec.structs.replace(one, suggested=known.get(one.name), levels=None)
        for one in trained.signature.columns
    ]
    signature = Signature("binary", "target", columns, FEATURES, trained.signature.labels)
    predictor = Predictor(describe(trained, signature=signature), trained.data)
    for count in (1, 20):
        clean = [{"rooms": 1, "sex": "male", "age": 30}] * count
        odd = {"rooms": 1, "sex": "diver", "age": 81}
        records = predictor.reader.convert([*clean, odd])
        given_out = predictor.predict(records)
        said = {
            told: predictor.describe(Question(records, Options(warnings=told)), given_out)
            for told in (True, False)
        }
        *rest, last = msgspec.json.decode(msgspec.json.encode(said[True].predictions()))
        assert last.pop("warnings") == [
            {"column": "age", "kind": "out_of_range", "value": 81, "minimum": 0.1, "maximum": 80},
            {"column": "sex", "kind": "unseen_category", "value": "diver"},
        ]
        plain = msgspec.json.decode(msgspec.json.encode(said[False].predictions()))
        assert [*rest, last] == plain
        assert not any("warnings" in one for one in plain)
