"""The search: what is tried in which order, on how many rows, and what a sample keeps."""

from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pytest

from functions.kit.contract.models.signature import Task
from functions.training.learning.candidates import algorithms
from functions.training.learning.candidates.algorithms import CATALOGUE
from functions.training.learning.candidates.portfolio import MOST_LEAF_VALUES, portfolio
from functions.training.learning.candidates.rungs import Rung, rungs
from functions.training.learning.candidates.sampling import LEAST_OF_CLASS, sample
from functions.training.model.requests.spec import Budget, JobRequest

ROWS = (100, 1_500, 10_000, 1_000_000)


def request(**asked: Any) -> JobRequest:
    return JobRequest("y", dataset="d", **asked)


@pytest.mark.parametrize("budget", get_args(Budget))
@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("task", get_args(Task))
def test_the_portfolio_is_of_the_catalogue_and_without_repeats(
    task: Task, rows: int, budget: Budget
) -> None:
    found = portfolio(task, rows, 12, request(budget=budget))
    algorithms.check(found)
    assert algorithms.check_task(found, task) is None
    assert len({repr(one) for one in map(algorithms.complete, found)}) == len(found)
    assert len(found) == {"fast": 10, "balanced": 20, "thorough": 100}[budget]
    assert found[0].algorithm == "lightgbm"
    assert len({one.algorithm for one in found[:4]}) >= 3  # what errs alike combines badly


@pytest.mark.parametrize("rows", [100, 2_500])
def test_every_algorithm_is_tried_somewhere(rows: int) -> None:
    tried = {
        one.algorithm
        for task in get_args(Task)
        for one in portfolio(task, rows, 12, request(budget="balanced"))
    }
    assert tried == set(CATALOGUE)


def test_what_takes_too_long_on_many_rows_is_left_out() -> None:
    tried = {one.algorithm for one in portfolio("binary", 200_000, 12, request(budget="thorough"))}
    assert not tried & {"support_vectors", "nearest_neighbors", "perceptron"}


def test_the_caller_chooses_algorithms_trials_and_the_seed() -> None:
    own = request(algorithms=["ridge", "lightgbm"], trials=7)
    found = portfolio("regression", 5_000, 12, own)
    assert {one.algorithm for one in found} == {"ridge", "lightgbm"}
    assert len(found) == 7
    assert portfolio("regression", 5_000, 12, own) == found
    other = portfolio("regression", 5_000, 12, request(trials=40, seed=1))
    assert other != portfolio("regression", 5_000, 12, request(trials=40, seed=2))


def test_forests_of_many_classes_fit_in_a_file() -> None:
    for one in portfolio("multiclass", 10_000, 12, request(budget="thorough"), labels=100):
        if one.algorithm in {"random_forest", "extra_trees"}:
            settings = algorithms.complete(one).settings
            leaves = settings["n_estimators"] * settings["max_leaf_nodes"]
            assert leaves * 99 <= MOST_LEAF_VALUES or settings["n_estimators"] == 10


@pytest.mark.parametrize("count", [1, 2, 10, 100])
@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("budget", get_args(Budget))
def test_rungs_show_more_rows_to_fewer_and_all_to_the_last(
    budget: Budget, rows: int, count: int
) -> None:
    found = rungs(rows, count, request(budget=budget, folds=4))
    assert (found[-1].rows, found[-1].folds) == (None, 4)
    assert found[-1].keep <= count
    assert all(one.folds == 1 for one in found[:-1])
    seen = [one.rows or rows for one in found]
    assert seen == sorted(seen)
    assert max(seen) <= rows
    for before, after in pairwise(found):
        assert 1 <= after.keep <= before.keep


def test_few_rows_are_shown_to_all_at_once() -> None:
    assert rungs(600, 10, request()) == [Rung(None, 5, 10)]
    assert rungs(2_500, 20, request(budget="balanced")) == [Rung(None, 5, 20)]
    assert rungs(10_000, 10, request())[0].rows == 2_000


def test_of_some_rows_all_are_looked_at_in_one_fold_and_the_best_few_in_all() -> None:
    assert rungs(1_000, 10, request()) == [Rung(None, 1, 6), Rung(None, 5, 6)]
    assert rungs(3_999, 4, request()) == [Rung(None, 5, 4)]


def test_of_few_rows_the_best_are_measured_on_further_ways_to_deal_them_out() -> None:
    assert rungs(600, 10, request(), 15) == [Rung(None, 5, 6), Rung(None, 15, 6)]
    assert rungs(900, 10, request(), 15) == [
        Rung(None, 1, 6),
        Rung(None, 5, 6),
        Rung(None, 15, 6),
    ]
    assert rungs(600, 2, request(), 15) == [Rung(None, 5, 2), Rung(None, 15, 2)]
    for few in (5, None):
        assert rungs(600, 10, request(), few) == rungs(600, 10, request())
    assert rungs(1_001, 10, request(), 15) == rungs(1_001, 10, request())
    assert rungs(2_500, 9, request(budget="balanced"), 15)[-1] == Rung(None, 15, 8)


def test_a_sample_keeps_shares_and_loses_no_class() -> None:
    target = np.array([0] * 9_000 + [1] * 990 + [2] * 7 + [3] * 3)
    places = np.arange(10_000)
    drawn = sample(places, target, "multiclass", 1_000, 0)
    counts = np.bincount(target[drawn])
    assert counts.tolist() == [900, 99, LEAST_OF_CLASS, 3]
    assert (np.diff(drawn) > 0).all()
    np.testing.assert_array_equal(drawn, sample(places, target, "multiclass", 1_000, 0))


def test_a_sample_of_no_more_rows_than_asked_for_is_all() -> None:
    places = np.array([3, 5, 9])
    assert sample(places, np.arange(10.0), "regression", 3, 0) is places
    drawn = sample(np.arange(5, 10), np.arange(10.0), "regression", 3, 0)
    assert len(set(drawn.tolist())) == 3
    assert min(drawn) >= 5
