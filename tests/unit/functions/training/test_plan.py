"""From a table to the rows that a job trains and tests on."""

import datetime as dt
from typing import Any

import numpy as np
import pytest

from functions.kit.contract.records.columns import Column
from functions.training.learning import plan
from functions.training.learning.preprocessing.preprocessor import preprocessor
from functions.training.learning.table import Table, from_parquet
from functions.training.model.requests.spec import TrainingSpec
from functions.training.model.task import UnsuitableData
from tests.support.in_memory.training import changed, heart, titanic, to_parquet

SPEC = TrainingSpec("survived", 0.2, 5, 0)


def test_the_same_wish_makes_the_same_plan() -> None:
    one, other = plan.make(titanic(), SPEC), plan.make(titanic(), SPEC)
    assert one.signature == other.signature
    for name, values in one.train.inputs.items():
        np.testing.assert_array_equal(values, other.train.inputs[name])
    np.testing.assert_array_equal(one.held_out.target, other.held_out.target)


def test_the_held_out_rows_are_others_with_the_same_shares() -> None:
    made = plan.make(titanic(), SPEC)
    assert (made.train.rows, made.held_out.rows) == (1047, 262)
    assert made.train.target.mean() == pytest.approx(made.held_out.target.mean(), abs=0.005)
    seeds = {
        tuple(plan.make(titanic(), TrainingSpec("survived", 0.2, 5, seed)).held_out.target)
        for seed in range(3)
    }
    assert len(seeds) == 3


def test_levels_come_from_the_training_rows_alone() -> None:
    values: dict[str, list[Any]] = {"x": ["rare"] * 6 + ["a", "b"] * 47, "y": [0, 1] * 50}
    table = Table([Column("x", "category"), Column("y", "integer")], values)
    made = plan.make(table, TrainingSpec("y", 0.2, 5, 0))
    in_training = sum(made.train.inputs["x"][:, 0] == "rare")
    prepare = preprocessor("linear", made)
    prepare.fit_transform(made.train)
    assert ("x: rare" in prepare.names) == (in_training >= 5)
    assert made.signature.labels == ["0", "1"]
    assert made.train.rows + made.held_out.rows == 100


def test_rows_without_a_target_are_left_out_and_counted() -> None:
    table = heart()
    truth = [None] * 3 + table.values["heart_disease"][3:]
    table = changed(table, heart_disease=truth)
    made = plan.make(table, TrainingSpec("heart_disease", 0.2, 5, 0))
    assert made.left_out == {"without_target": 3}
    assert made.train.rows + made.held_out.rows == 300


def test_a_target_that_is_not_there_is_named() -> None:
    with pytest.raises(UnsuitableData, match="no column 'drowned'"):
        plan.make(titanic(), TrainingSpec("drowned", 0.2, 5, 0))


@pytest.mark.parametrize("place", range(0, 300, 60))
def test_a_number_beyond_float32_is_refused_wherever_it_is(place: int) -> None:
    cholesterol = heart().values["cholesterol"]
    cholesterol[place] = -1e300
    table = changed(heart(), cholesterol=cholesterol)
    with pytest.raises(UnsuitableData, match=r"'cholesterol' holds -1e\+300"):
        plan.make(table, TrainingSpec("heart_disease", 0.2, 5, 0))


def test_what_is_infinite_is_refused() -> None:
    cholesterol = heart().values["cholesterol"]
    cholesterol[7] = float("inf")
    table = changed(heart(), cholesterol=cholesterol)
    with pytest.raises(UnsuitableData, match="'cholesterol' holds inf"):
        plan.make(table, TrainingSpec("heart_disease", 0.2, 5, 0))


def test_a_snapshot_gives_back_the_table() -> None:
    day = dt.datetime(2020, 1, 2, tzinfo=dt.UTC)
    table = Table(
        [
            Column("a", "number"),
            Column("b", "boolean"),
            Column("c", "text"),
            Column("d", "datetime"),
        ],
        {"a": [1.5, None], "b": [None, True], "c": ["ä", None], "d": [day, None]},
    )
    read = from_parquet(to_parquet(table), table.columns)
    assert dict(read.values) == dict(table.values)
    assert (read.columns, read.rows) == (table.columns, 2)
