"""A version that is a function: what it is asked, and what of its answers is refused."""

import math
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from functions.kit.adapters.manual_clock import START
from functions.kit.contract.errors import Failed
from functions.kit.contract.models.own_models import Schema
from functions.kit.contract.models.registration import Version
from functions.kit.contract.records.columns import Column
from functions.prediction.adapters.remote_predictor import ROWS_A_CALL, RemotePredictor
from functions.prediction.model.tables import Table

COLUMNS = [
    Column("n", "number"),
    Column("i", "integer"),
    Column("b", "boolean"),
    Column("c", "category", levels=["x", "y"]),
    Column("d", "date"),
    Column("t", "datetime"),
]
WHOLE = {"n": 1.5, "i": 7, "b": True, "c": "x", "d": "2024-02-29"}
MOMENT = "2024-02-29T12:00:00.250000+00:00"


def version(**changes: Any) -> Version:
    signature = replace(Schema("binary", "y", COLUMNS, ["no", "yes"]).signature, **changes)
    return Version(
        job="function-own-0",
        target="y",
        task=signature.task,
        algorithm="function",
        signature=signature,
        function="own",
        model="own",
        version=1,
        created_at=START,
    )


def predictor(*outputs: list[float], asked: list[Any] | None = None, **changes: Any):
    def ask(records: list[dict[str, Any]]) -> list[list[float]]:
        if asked is not None:
            asked.extend(records)
        return [*outputs] or [[0.25, 0.75]] * len(records)

    return RemotePredictor(version(**changes), ask)


def test_records_reach_the_function_as_they_were_sent():
    asked: list[Any] = []
    own = predictor(asked=asked)
    rows = own.reader.convert([{**WHOLE, "t": MOMENT}, {}])
    given = own.predict(rows)
    assert asked == [{**WHOLE, "t": MOMENT}, dict.fromkeys(["n", "i", "b", "c", "d", "t"])]
    assert [type(asked[0][name]) for name in "nib"] == [float, int, bool]
    assert given.output.tolist() == [[0.25, 0.75]] * 2
    assert given.output.dtype == np.float32


def test_a_table_reaches_it_as_records_do():
    asked: list[Any] = []
    own = predictor(asked=asked)
    columns = {
        "n": np.array([1.5, math.nan]),
        "i": np.array([7.0, math.nan]),
        "b": np.array([1.0, math.nan]),
        "c": np.array(["x", ""], dtype=object),
        "d": np.array(["2024-02-29", None], dtype="datetime64[us]"),
        "t": np.array([MOMENT[:-6], None], dtype="datetime64[us]"),
    }
    own.predict(Table(2, columns))
    assert asked == [{**WHOLE, "t": MOMENT}, dict.fromkeys(columns)]


def test_many_rows_are_several_calls():
    calls: list[int] = []

    def ask(records: list[dict[str, Any]]) -> list[list[float]]:
        calls.append(len(records))
        return [[1.0, 0.0]] * len(records)

    own = RemotePredictor(version(), ask)
    rows = Table(ROWS_A_CALL + 1, {})
    assert len(own.predict(rows).output) == ROWS_A_CALL + 1
    assert calls == [ROWS_A_CALL, 1]


@pytest.mark.parametrize(
    ("outputs", "changes", "reason"),
    [
        ([[0.5, 0.5]], {}, "gives 1 outputs for 2 records"),
        ([[0.5, 0.5], [1.0]], {}, "gives 1 numbers for a record, not 2"),
        ([[0.5, 0.5], [1.5, -0.5]], {}, "gives a probability that is not within 0 and 1"),
        ([[1.0], [math.inf]], {"task": "regression", "labels": []}, "is no finite number"),
    ],
)
def test_an_answer_that_its_schema_does_not_promise_is_refused(outputs, changes, reason):
    own = predictor(*outputs, **changes)
    with pytest.raises(Failed, match=reason) as caught:
        own.predict(own.reader.convert([{}, {}]))
    assert "its function 'own'" in caught.value.detail
