"""The catalogue: what a candidate may be."""

from typing import Any, get_args

import pytest

from functions.kit.contract.errors import DomainError, Invalid
from functions.kit.contract.models.signature import Task
from functions.training.learning.candidates import algorithms
from functions.training.learning.candidates.algorithms import Choice


@pytest.mark.parametrize("task", get_args(Task))
def test_all_that_can_do_a_task_are_in_the_catalogue_and_no_other(task: Task) -> None:
    found = algorithms.able(task, None)
    algorithms.check(found)
    assert algorithms.check_task(found, task) is None
    names = [one.algorithm for one in found]
    assert names == [one for one, it in algorithms.CATALOGUE.items() if task in it.tasks]
    for name in algorithms.CATALOGUE.keys() - names:
        assert algorithms.check_task([Choice(name)], task) is not None


def test_settings_left_out_are_spelt_out() -> None:
    assert algorithms.complete(Choice("ridge")).settings == {"alpha": 1.0}
    assert set(algorithms.complete(Choice("random_forest")).settings) == {
        "n_estimators",
        "max_leaf_nodes",
        "min_samples_leaf",
        "max_features",
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
    with pytest.raises(DomainError) as caught:
        algorithms.check([Choice("ridge"), Choice(algorithm, settings)])
    assert isinstance(caught.value, Invalid)
    assert [flaw.column for flaw in caught.value.flaws] == [column]


def test_an_algorithm_for_another_task_is_named_with_those_that_can() -> None:
    wrong = algorithms.check_task([Choice("ridge")], "binary")
    assert wrong is not None
    assert "choose among logistic_regression, random_forest" in wrong.detail


def test_what_may_be_tried_can_be_narrowed_to_some_algorithms() -> None:
    found = algorithms.able("binary", ["random_forest", "ridge"])
    assert {one.algorithm for one in found} == {"random_forest"}
    for name, one in algorithms.CATALOGUE.items():
        for task in one.tasks:
            assert {choice.algorithm for choice in algorithms.able(task, [name])} == {name}
    with pytest.raises(DomainError, match="ridge cannot do a binary task; choose among") as caught:
        algorithms.able("binary", ["ridge"])
    assert caught.value.flaws[0].column == "algorithms"


def test_an_unknown_name_is_refused() -> None:
    algorithms.check_names(["ridge"])
    with pytest.raises(DomainError) as caught:
        algorithms.check_names(["ridge", "oracle"])
    assert [flaw.value for flaw in caught.value.flaws] == ["oracle"]
