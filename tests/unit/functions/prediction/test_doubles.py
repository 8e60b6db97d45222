"""Models whose file takes and gives float64, moments and texts are served as they were proved."""

import datetime as dt
from typing import Any

import msgspec
import numpy as np
import pytest

from functions.kit.contract.errors import DomainError
from functions.kit.contract.records.columns import Column
from functions.models.adapters import examiner, onnx_file
from functions.models.adapters.config import CheckSettings
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.transport.open_inference import mapping
from functions.prediction.transport.open_inference.messages import InputTensor
from functions.training.learning import plan
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import FittedModel, fit_model
from functions.training.learning.ensembles.ensemble import Ensemble
from functions.training.learning.plan import Plan
from functions.training.model.requests.spec import TrainingSpec
from tests.support.in_memory.training import table
from tests.support.models.onnx import Exported, describe, train

START = dt.datetime(2024, 3, 1, tzinfo=dt.UTC)
COLUMNS = [
    Column("seen", "datetime"),
    Column("born", "date", date_format="%m/%d/%Y"),
    Column("note", "text"),
    Column("amount", "number"),
    Column("y", "number"),
]
RECORD = {"seen": "2024-03-01T05:00:00Z", "born": "2001-02-03", "note": "good one", "amount": 1e9}


@pytest.fixture(scope="module")
def learnt() -> tuple[Plan, FittedModel]:
    rows = range(200)
    data = table(
        COLUMNS,
        seen=[START + dt.timedelta(hours=5 * n) for n in rows],
        born=[dt.date(2000, 1, 1) + dt.timedelta(days=3 * n) for n in rows],
        note=[f"{'good' if n % 3 else 'bad'} number {n}" for n in rows],
        amount=[1e9 + n % 7 / 4 for n in rows],
        y=[1e9 + n % 7 / 4 + (n % 3 > 0) for n in rows],
    )
    made = plan.make(data, TrainingSpec("y", 0.2, 3, 0))
    return made, fit_model(made, Choice("ridge"), None, seed=0)


@pytest.fixture(scope="module")
def predictor(learnt: tuple[Plan, FittedModel]) -> Predictor:
    made, fitted = learnt
    data = Ensemble([(1.0, fitted)]).to_onnx(made.signature)
    return Predictor(describe(Exported(data, made.signature)), data)


def predicted(predictor: Predictor, *records: dict[str, Any]) -> list[float]:
    read = predictor.reader.read(msgspec.json.encode({"records": list(records)}))
    return [float(value) for value in predictor.run(predictor.encode(read))[:, 0]]


def test_a_column_may_be_several_inputs(learnt: tuple[Plan, FittedModel]) -> None:
    made, _ = learnt
    assert [(one.column, one.encoding) for one in made.signature.features] == [
        ("seen", "double"),
        ("born", "double"),
        ("note", "words"),
        ("note", "characters"),
        ("amount", "double"),
    ]


def test_a_value_keeps_its_digits(learnt: tuple[Plan, FittedModel], predictor: Predictor) -> None:
    made, fitted = learnt
    assert predictor.is_double
    [value] = predicted(predictor, RECORD)
    moment = START + dt.timedelta(hours=5)
    data = table(
        COLUMNS[:4],
        seen=[moment],
        born=[dt.date(2001, 2, 3)],
        note=["good one"],
        amount=[1e9],
    )
    [expected] = fitted.predict(plan.encode(made.signature, data))
    assert abs(value - expected) < 1e-5
    assert abs(value - (1e9 + 1)) < 0.3


def test_a_date_that_files_take_is_taken(predictor: Predictor) -> None:
    [wanted] = predicted(predictor, RECORD | {"seen": "2024-03-01T00:00:00Z"})
    for seen in ("2024-03-01", "2024-03-01 00:00", "2024-03-01T01:00:00+01:00", "20240301"):
        assert predicted(predictor, RECORD | {"seen": seen}) == [wanted]
    assert predicted(predictor, RECORD | {"born": "2001-02-03T00:00:00Z"}) == predicted(
        predictor, RECORD
    )


@pytest.mark.parametrize("born", ["02/03/2001", "3 Feb 2001", "20010203", " 2001-02-03"])
def test_a_day_is_taken_as_its_file_wrote_it(predictor: Predictor, born: str) -> None:
    wanted = predicted(predictor, RECORD, RECORD | {"born": "2001-03-02"})
    other = {"born": "03/02/2001", "seen": "20240301T050000Z"}
    assert predicted(predictor, RECORD | {"born": born}, RECORD | other) == wanted
    tensors = [
        InputTensor(name, [2], kind, data=[RECORD[name] if name != "born" else born] * 2)
        for name, kind in (("seen", "BYTES"), ("born", "BYTES"), ("note", "BYTES"))
    ]
    tensors.append(InputTensor("amount", [2], "FP64", data=[1e9, 1e9]))
    rows = mapping.rows(predictor.version.signature, tensors, [None] * 4)
    values = predictor.run(predictor.encode(predictor.reader.convert(rows)))[:, 0]
    assert values.tolist() == [wanted[0]] * 2


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("born", "02/30/2001"),
        ("seen", "soon"),
        ("seen", "2024-02-30"),
        ("born", "2001-02-03T11:00:00Z"),
    ],
)
def test_what_is_no_date_is_named(predictor: Predictor, column: str, text: str) -> None:
    with pytest.raises(DomainError) as caught:
        predicted(predictor, RECORD, RECORD | {column: text})
    [flaw] = caught.value.flaws
    assert (flaw.row, flaw.column) == (2, column)


def test_every_column_may_be_missing(predictor: Predictor) -> None:
    assert np.isfinite(predicted(predictor, {}, RECORD)).all()


def test_microseconds_tell_moments_apart(predictor: Predictor) -> None:
    encoded = predictor.encode(
        predictor.reader.convert(
            [RECORD | {"seen": f"2024-03-01T05:00:00.00000{n}Z"} for n in range(3)]
        )
    )
    seconds = encoded["seen"][:, 0]
    assert np.diff(seconds * 1e6).round(1).tolist() == [1.0, 1.0]


def test_the_protocol_says_what_is_double(predictor: Predictor) -> None:
    signature = predictor.version.signature
    kinds = {one.name: one.datatype for one in mapping.inputs(signature)}
    assert kinds == {"seen": "BYTES", "born": "BYTES", "note": "BYTES", "amount": "FP64"}
    [output] = mapping.outputs(signature, is_double=True)
    assert (output.name, output.datatype) == ("value", "FP64")
    given = [
        InputTensor("amount", [1], "FP64", data=[1e9]),
        InputTensor("seen", [1], "BYTES", data=["2024-03-01"]),
    ]
    [row] = predictor.reader.convert(mapping.rows(signature, given, [None, None]))
    output_array = predictor.run(predictor.encode([row]))
    [(tensor, flat, _)] = mapping.results(signature, output_array, [])
    assert (tensor.datatype, [*flat]) == ("FP64", [output_array[0, 0]])


def test_the_registry_takes_it(learnt: tuple[Plan, FittedModel]) -> None:
    made, fitted = learnt
    data = Ensemble([(1.0, fitted)]).to_onnx(made.signature)
    expected = examiner.expected(made.signature, len(data), CheckSettings.from_env({}))
    assert list(onnx_file.examine(data, expected)) == []


def test_a_model_of_an_earlier_release_still_serves() -> None:
    old = train("regression")
    predictor = Predictor(describe(old), old.data)
    assert not predictor.is_double
    [value] = predicted(predictor, {"rooms": 2, "sex": "male", "age": 40})
    assert value == pytest.approx(40 / 20 + 2 - 2, abs=0.01)
    kinds = {one.name: one.datatype for one in mapping.inputs(old.signature)}
    assert kinds["age"] == "FP32"


def test_null_in_a_number_tensor_is_a_missing_value() -> None:
    people = train()
    predictor = Predictor(describe(people), people.data)

    def answer(age: list[Any], raw: bytes | None = None) -> Any:
        given = [
            InputTensor("age", [2], "FP32", data=age),
            InputTensor("rooms", [2], "INT64", data=[1, 2]),
            InputTensor("owns home", [2], "BOOL", data=[None, True]),
            InputTensor("sex", [2], "BYTES", data=["male", "female"]),
        ]
        rows = mapping.rows(people.signature, given, [raw, None, None, None])
        assert [row["age"] for row in rows] == [None, 30.0]
        assert rows[0]["owns home"] is None
        return predictor.run(predictor.encode(predictor.reader.convert(rows))).tolist()

    missing = np.array([np.nan, 30], np.float32).tobytes()
    assert answer([None, 30]) == answer([], missing)
    with pytest.raises(DomainError, match="value 2 is a str"):
        answer([None, "30"])
    tensor = InputTensor("rooms", [2], "INT64", data=[None, 1])
    [row, _] = mapping.rows(people.signature, [tensor], [None])
    assert row == {"rooms": None}
    records = predictor.reader.convert([row | {"sex": "male"}])
    [gap] = predictor.run(predictor.encode(records)).tolist()
    assert sum(gap) == pytest.approx(1)
    with pytest.raises(DomainError, match="'rooms'"):
        predictor.reader.convert([{"sex": "male"}])
