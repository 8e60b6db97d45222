"""Every algorithm on every task: it learns, and its ONNX file predicts the same, come what may."""

import datetime as dt
import functools
import random
from collections.abc import Sequence
from typing import Any, get_args

import msgspec
import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.kit.contract.models.features import encoder
from functions.kit.contract.models.onnx import open_session
from functions.kit.contract.models.signature import Task
from functions.kit.contract.records.columns import Column, record_type
from functions.models.adapters import examiner, onnx_file
from functions.models.adapters.config import CheckSettings
from functions.training.learning import plan
from functions.training.learning.candidates import crossvalidation
from functions.training.learning.candidates.algorithms import CATALOGUE, Choice
from functions.training.learning.candidates.fitted_model import FittedModel, fit_model
from functions.training.learning.cores import one_core
from functions.training.learning.ensembles.ensemble import Ensemble
from functions.training.learning.evaluation.metrics import average, score
from functions.training.learning.graph import session as sessions
from functions.training.learning.graph.parity import compare
from functions.training.learning.plan import Plan, Rows
from functions.training.learning.table import Table
from functions.training.model.requests.spec import TrainingSpec
from tests.support.in_memory.training import heart, titanic
from tests.support.models.learnt import make_model

SMALL: dict[str, dict[str, Any]] = {
    "random_forest": {"n_estimators": 10, "max_leaf_nodes": 16},
    "hist_gradient_boosting": {"max_iter": 10, "min_samples_leaf": 5},
    "extra_trees": {"n_estimators": 10, "max_leaf_nodes": 32},
    "lightgbm": {"n_estimators": 60, "min_child_samples": 5},
    "perceptron": {"max_iter": 100},
}
PAIRS = [
    (name, task)
    for name, algorithm in CATALOGUE.items()
    for task in get_args(Task)
    if task in algorithm.tasks
]
COLUMNS = [
    Column("amount", "number"),
    Column("year", "integer"),
    Column("since", "datetime"),
    Column("member", "boolean"),
    Column("Größe", "category"),
    Column("note", "text"),
]
START = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def choice(name: str) -> Choice:
    return Choice(name, SMALL.get(name, {}))


@functools.cache
def odd_table(task: Task) -> Table:
    """Columns of every kind, with gaps; the target follows from three of them."""
    draw = random.Random(3)

    def gap(value: Any) -> Any:
        return None if draw.random() < 0.15 else value

    rows = []
    for _ in range(240):
        amount, size, year = (
            draw.gauss(1e4, 2e3),
            draw.choice(["ä", "☃", "xl"]),
            draw.randint(0, 40),
        )
        level = (amount - 1e4) / 2e3 + {"ä": -1, "☃": 0, "xl": 1}[size] + year / 40
        target = {"binary": level > 0.3, "multiclass": round(level / 2), "regression": level}[task]
        target = min(max(target, -1), 1) if task == "multiclass" else target
        rows.append(
            [
                gap(amount),
                2000 + year,
                gap(START + dt.timedelta(days=draw.random() * 1000)),
                draw.random() < 0.5,
                gap(size),
                gap(f"note {draw.random()}"),
                target,
            ]
        )
    kinds = {"binary": "boolean", "multiclass": "integer", "regression": "number"}
    columns = [*COLUMNS, Column("y", kinds[task])]  # type: ignore[arg-type] # looked up
    return Table(
        columns,
        {
            one.name: list(values)
            for one, values in zip(columns, zip(*rows, strict=True), strict=True)
        },
    )


@functools.cache
def learnt(name: str, task: Task) -> tuple[Plan, FittedModel, ort.InferenceSession]:
    made = plan.make(odd_table(task), TrainingSpec("y", 0.2, 3, 0))
    with one_core():
        fitted = fit_model(made, choice(name), None, seed=0)
    return made, fitted, open_session(Ensemble([(1.0, fitted)]).to_onnx(made.signature))


def agreement(name: str, task: Task, rows: Rows) -> float:
    _, fitted, session = learnt(name, task)
    with one_core():
        expected = fitted.predict(rows.inputs)
    found = compare(expected, sessions.answers(session, rows.inputs))
    assert found.agree, found
    return found.max_difference


@pytest.mark.parametrize(("name", "task"), PAIRS)
def test_it_learns_and_onnx_agrees(name: str, task: Task) -> None:
    made, _, session = learnt(name, task)
    assert made.task == task
    agreement(name, task, made.held_out)
    folds = [
        crossvalidation.run_fold(made, choice(name), fold=fold, seed=0).metrics for fold in range(3)
    ]
    metrics = average(folds)
    assert metrics["r2"] > 0.4 if task == "regression" else metrics["accuracy"] > 0.55
    assert score(task, metrics) == score(task, average(folds))
    [output] = session.get_outputs()
    assert output.name == ("value" if task == "regression" else "probabilities")
    assert [one.name for one in session.get_inputs()] == [
        one.input for one in made.signature.features
    ]


@pytest.mark.parametrize(("name", "task"), PAIRS)
def test_the_registry_finds_nothing_wrong_with_it(name: str, task: Task) -> None:
    made, fitted, _ = learnt(name, task)
    data = Ensemble([(1.0, fitted)]).to_onnx(made.signature)
    expected = examiner.expected(made.signature, len(data), CheckSettings.from_env({}))
    assert list(onnx_file.examine(data, expected)) == []


record_values = st.fixed_dictionaries(
    {
        "amount": st.none() | st.floats(-1e12, 1e12) | st.sampled_from([0.0, -0.0, 1e-45]),
        "year": st.none() | st.integers(-(2**63), 2**63 - 1),
        "since": st.none() | st.datetimes(timezones=st.just(dt.UTC)),
        "member": st.none() | st.booleans(),
        "Größe": st.none() | st.text() | st.sampled_from(["ä", "☃", "(other)", ""]),
        "note": st.none() | st.text(),
    }
)


@pytest.mark.parametrize(("name", "task"), PAIRS)
@settings(max_examples=5, deadline=None)
@given(st.lists(record_values, min_size=1, max_size=5))
def test_odd_records_are_predicted_alike(
    name: str, task: Task, records: Sequence[dict[str, Any]]
) -> None:
    made, *_ = learnt(name, task)
    columns = made.signature.columns
    kind = record_type(columns)
    rows = msgspec.convert(records, list[kind])  # type: ignore[valid-type] # made just now
    by_record = encoder(made.signature)(rows)
    whole = {one.name: [record[one.name] for record in records] for one in columns}
    by_column = plan.encode(made.signature, Table(columns, whole))
    for of_input, values in by_record.items():
        np.testing.assert_array_equal(values, by_column[of_input])
    agreement(
        name, task, Rows(by_record, np.zeros(len(records)), np.zeros(len(records), np.uint64))
    )


@pytest.mark.parametrize("table", [titanic, heart])
def test_a_column_far_from_zero_keeps_parity(table: Any) -> None:
    """A scaler's mean is float32 in ONNX; of years and dates any difference would show."""
    data = table()
    target = data.columns[-1].name
    far = [None if value is None else value + 5e6 for value in data.values["age"]]
    moved = Table(data.columns, {**data.values, "age": far})
    spec = TrainingSpec(target, 0.2, 5, 0)
    made = plan.make(moved, spec)
    assert make_model(made, Choice("logistic_regression"), spec).evaluation.parity.agree
