"""What training keeps tells later how good the model is, out of what a log holds."""

import datetime as dt
import json
from typing import Any

import msgspec
import numpy as np
import pytest

from functions.kit.contract.measures.expectation.expected import (
    expected_of_classes,
    expected_of_numbers,
)
from functions.kit.contract.measures.measuring import measure
from functions.kit.contract.models.readable import readable, readable_values
from functions.kit.contract.records.columns import Column, Kind
from functions.training.learning import plan as plans
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.plan import Plan
from functions.training.learning.table import Table
from functions.training.model.requests.spec import TrainingSpec
from functions.training.service.step_kinds.assembling import Assembled
from tests.support.models.learnt import COLUMNS, make_model, of_classes, planned


def made(plan: Plan, name: str, **settings: object) -> Assembled:
    """Return the model of one candidate."""
    return make_model(plan, Choice(name, settings), TrainingSpec("y", holdout=0.5, folds=3))


@pytest.mark.parametrize("labels", [2, 3])
def test_classes(labels: int) -> None:
    plan = of_classes(3_000, labels)
    found = made(plan, "logistic_regression", max_iter=100)
    expectation = found.evaluation.expectation
    assert expectation is not None
    assert expectation.chances is not None
    assert {term.column for term in expectation.chances.terms} == {"x", "town"}
    rows, predicted = plan.held_out, found.held_out.predicted
    columns = {one.name: one for one in readable(found.signature, rows.inputs)}
    task = found.signature.task
    said = expected_of_classes(task, expectation.chances, predicted, columns)
    true = measure(task, rows.target, predicted)
    assert said["accuracy"].value == pytest.approx(true["accuracy"], abs=0.03)
    assert said["log_loss"].low < true["log_loss"] < said["log_loss"].high


def test_a_regression_whose_intervals_fit_the_spread() -> None:
    plan = planned(3_000, uneven=True)
    found = made(plan, "ridge")
    assert found.signature.certainty is not None
    assert found.signature.certainty.scaled
    expectation = found.evaluation.expectation
    assert expectation is not None
    assert expectation.losses is not None
    assert expectation.losses.scaled
    assert expected_of_numbers(expectation.losses, found.held_out.predicted, {}) == {}


def test_a_regression_without() -> None:
    plan = planned(600, uneven=False)
    found = made(plan, "ridge")
    expectation = found.evaluation.expectation
    assert expectation is not None
    assert expectation.losses is not None
    predicted = found.held_out.predicted
    columns = {one.name: one for one in readable(found.signature, plan.held_out.inputs)}
    said = expected_of_numbers(expectation.losses, predicted, columns)
    true = measure("regression", plan.held_out.target, predicted)
    assert said["mae"].low < true["mae"] < said["mae"].high
    assert said["r2"].value == pytest.approx(true["r2"], abs=0.02)


def test_sensitive_columns_have_no_part_in_it() -> None:
    random = np.random.default_rng(0)
    x = random.random(500)
    columns = [COLUMNS[0], msgspec.structs.replace(COLUMNS[1], sensitive=True), COLUMNS[2]]
    towns = random.choice(["north", "south"], 500).tolist()
    values = {"x": x.tolist(), "town": towns, "y": (x + random.normal(0, 1, 500)).tolist()}
    plan = plans.make(Table(columns, values), TrainingSpec("y", holdout=0.5, folds=3))
    expectation = made(plan, "ridge").evaluation.expectation
    assert expectation is not None
    assert expectation.losses is not None
    assert {term.column for term in expectation.losses.terms} == {"x"}


def test_too_few_rows_keep_nothing() -> None:
    assert made(planned(80, uneven=False), "ridge").evaluation.expectation is None


def test_it_is_kept_with_the_evaluation_without_nan() -> None:
    found = made(of_classes(600, 2), "logistic_regression", max_iter=100).evaluation
    data = msgspec.json.encode(found)
    assert msgspec.json.decode(data, type=type(found)).expectation == found.expectation
    json.loads(data, parse_constant=lambda name: pytest.fail(f"{name} in the evaluation"))


def test_columns_read_out_of_a_log_as_they_do_out_of_a_models_inputs() -> None:
    moments = [
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=one) for one in range(80)
    ]
    held: dict[str, list[Any]] = {
        "n": [None if one % 7 == 0 else one / 3 for one in range(80)],
        "i": [one % 5 for one in range(80)],
        "b": [one % 3 == 0 for one in range(80)],
        "w": [("red", "green", None)[one % 3] for one in range(80)],
        "t": moments,
        "d": [one.date() for one in moments],
        "y": [float(one % 11) for one in range(80)],
    }
    kinds: tuple[Kind, ...] = (
        "number",
        "integer",
        "boolean",
        "category",
        "datetime",
        "date",
        "number",
    )
    columns = [Column(name, kind) for name, kind in zip(held, kinds, strict=True)]
    plan = plans.make(Table(columns, held), TrainingSpec("y", holdout=0.2, folds=3))
    signature = plan.signature
    logged = {
        name: [one.isoformat() if hasattr(one, "isoformat") else one for one in values]
        for name, values in held.items()
    }
    found = readable_values(signature, logged)
    assert {*found} == {one.column for one in signature.features}
    for rows in (plan.train, plan.held_out):
        for one in readable(signature, rows.inputs):
            assert found[one.name].kind == one.kind
            known, wanted = found[one.name].values, one.values
            gaps = 0 if one.kind == "word" else int(np.isnan(wanted).sum())
            assert {*known[: len(known)].tolist()} >= {
                value for value in wanted.tolist() if not _is_gap(value)
            }
            assert gaps == 0 or np.isnan(known.astype(float)).any()


def _is_gap(value: object) -> bool:
    return isinstance(value, float) and np.isnan(value)
