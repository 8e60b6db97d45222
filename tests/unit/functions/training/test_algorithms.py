"""The catalogue: what a candidate may be."""

from typing import Any, get_args

import pytest

from functions.kit.problems import Problem
from functions.kit.signature import Task
from functions.training import algorithms
from functions.training.algorithms import CATALOGUE, DEFAULTS, Choice


@pytest.mark.parametrize("task", get_args(Task))
def test_the_defaults_are_in_the_catalogue(task: Task) -> None:
    algorithms.check(DEFAULTS[task])
    assert algorithms.check_task(DEFAULTS[task], task) is None
    assert 4 <= len(DEFAULTS[task]) <= 6


def test_settings_left_out_are_spelt_out() -> None:
    assert algorithms.complete(Choice("ridge")).settings == {"alpha": 1.0}
    assert set(algorithms.complete(Choice("random_forest")).settings) == {
        "n_estimators",
        "max_leaf_nodes",
        "min_samples_leaf",
    }


@pytest.mark.parametrize(
    ("algorithm", "settings", "column"),
    [
        ("oracle", {}, "candidates[1].algorithm"),
        ("ridge", {"alpha": 0}, "candidates[1].settings.alpha"),
        ("ridge", {"beta": 1}, "candidates[1].settings.beta"),
        ("random_forest", {"n_estimators": 10**6}, "candidates[1].settings.n_estimators"),
        ("random_forest", {"n_estimators": "ten"}, "candidates[1].settings.n_estimators"),
    ],
)
def test_what_is_not_in_the_catalogue_is_named(
    algorithm: str, settings: dict[str, Any], column: str
) -> None:
    with pytest.raises(Problem) as caught:
        algorithms.check([Choice("ridge"), Choice(algorithm, settings)])
    assert caught.value.status == 422
    assert [flaw.column for flaw in caught.value.flaws] == [column]


def test_an_algorithm_for_another_task_is_named_with_those_that_can() -> None:
    wrong = algorithms.check_task([Choice("ridge")], "binary")
    assert wrong is not None
    assert "choose among logistic_regression, random_forest" in wrong.detail


def test_every_algorithm_is_tried_by_default_somewhere() -> None:
    assert {one.algorithm for choices in DEFAULTS.values() for one in choices} == set(CATALOGUE)
