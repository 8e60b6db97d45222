"""Every algorithm on a matrix: it learns, and its nodes compute the same, come what may."""

import functools
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from functions.kit.contract.models.onnx import open_session
from functions.kit.contract.models.signature import Feature, Task
from functions.training.learning.candidates.algorithms import CATALOGUE, Choice
from functions.training.learning.candidates.estimators import neighbors, vectors
from functions.training.learning.candidates.estimators.fit import fit
from functions.training.learning.candidates.estimators.problem import (
    Estimator,
    Problem,
    Stopped,
    TooMuch,
)
from functions.training.learning.graph.graph import Graph

SMALL: dict[str, dict[str, Any]] = {
    "random_forest": {"n_estimators": 30},
    "extra_trees": {"n_estimators": 30},
    "hist_gradient_boosting": {"max_iter": 20, "early_stopping": True},
    "lightgbm": {"n_estimators": 60, "early_stopping_rounds": 10, "subsample": 0.8},
    "logistic_regression": {"l1_ratio": 0.5},
    "perceptron": {"hidden_layer_sizes": [16, 8], "max_iter": 60},
}
PAIRS = [
    (name, task)
    for name, algorithm in CATALOGUE.items()
    for task in get_args(Task)
    if task in algorithm.tasks
]
FEATURES = [Feature(f"c{place}", f"c{place}", "float") for place in range(5)]
CODES = 4  # the column of the matrix that holds codes of categories
HELPS = np.random.default_rng(1).permutation(40) % 2  # of each code


def table(rows: int, seed: int = 0, *, gaps: bool) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """Return a matrix, and a level that follows from it."""
    draw = np.random.default_rng(seed)
    matrix = draw.normal(size=(rows, 5)).round(1).astype(np.float32)
    matrix[:, CODES] = draw.integers(0, 40, rows)
    level = matrix[:, 0] + np.abs(matrix[:, 1]) + 2 * HELPS[matrix[:, CODES].astype(int)]
    if gaps:
        matrix[draw.random(matrix.shape) < 0.1] = np.nan
    else:
        matrix[:, CODES] = HELPS[matrix[:, CODES].astype(int)]
    return matrix, level


def takes_gaps(name: str) -> bool:
    return CATALOGUE[name].view != "linear"


def problem(name: str, task: Task, level: NDArray[Any], **more: Any) -> Problem:
    if task == "regression":
        target, labels = (level - level.mean()) / level.std(), 0
    else:
        cuts = [1.8] if task == "binary" else [1.0, 2.5]
        target, labels = np.digitize(level, cuts), len(cuts) + 1
    categories = [CODES] if CATALOGUE[name].view == "native" else []
    return Problem(task, target, labels, categories=categories, seed=3, **more)


@functools.cache
def learnt(name: str, task: Task) -> tuple[Estimator, Problem, NDArray[np.float32]]:
    matrix, level = table(600, gaps=takes_gaps(name))
    asked = problem(name, task, level)
    return fit(Choice(name, SMALL.get(name, {})), matrix, asked), asked, matrix


def by_onnx(estimator: Estimator, matrix: NDArray[np.float32], task: Task, labels: int) -> Any:
    graph = Graph(FEATURES)
    tensor = graph.add("Concat", [one.input for one in FEATURES], axis=1)
    names = [str(place) for place in range(labels)]
    session = open_session(graph.model(estimator.add_to(graph, tensor), task, names))
    given = {one.input: matrix[:, [place]] for place, one in enumerate(FEATURES)}
    [found] = session.run(None, given)
    return found if labels else found[:, 0]


def gap(estimator: Estimator, matrix: NDArray[np.float32], asked: Problem) -> float:
    expected = estimator.predict(matrix)
    found = by_onnx(estimator, matrix, asked.task, asked.labels)
    assert found.shape == expected.shape
    return float(np.abs(found - expected).max())


@pytest.mark.parametrize(("name", "task"), PAIRS)
def test_it_learns_and_onnx_computes_the_same(name: str, task: Task) -> None:
    estimator, asked, _ = learnt(name, task)
    unseen, level = table(300, seed=7, gaps=takes_gaps(name))
    predicted = estimator.predict(unseen)
    truth = problem(name, task, level).target
    if task == "regression":
        assert 1 - np.mean((predicted - truth) ** 2) / np.var(truth) > 0.5
    else:
        np.testing.assert_allclose(predicted.sum(axis=1), 1)
        assert np.mean(predicted.argmax(axis=1) == truth) > 0.55
    assert gap(estimator, unseen, asked) < 1e-6


@pytest.mark.parametrize(("name", "task"), PAIRS)
def test_odd_values_are_predicted_alike(name: str, task: Task) -> None:
    estimator, asked, matrix = learnt(name, task)
    odd = [0.0, -0.0, 1e-45, 1e-35, 3e6, -3e6, 39.0, 40.0, -1.0]
    if takes_gaps(name):
        odd += [np.nan, 3e38, -3e38]
    if name in {"lightgbm", "hist_gradient_boosting"}:  # scikit-learn's forests refuse infinity
        odd += [np.inf, -np.inf]
    draw = np.random.default_rng(0)
    rows = matrix[draw.integers(0, len(matrix), 200)].copy()
    rows[draw.random(rows.shape) < 0.4] = 0
    rows[draw.random(rows.shape) < 0.4] = draw.choice(odd)
    for value in odd:
        rows[draw.integers(0, 200, 5), draw.integers(0, CODES, 5)] = value
    if CATALOGUE[name].view == "native":  # codes are whole numbers, or missing
        rows[:, CODES] = draw.choice([-1, 0, 5, 39, 40, 1000, np.nan], 200)
    expected = estimator.predict(rows)
    scale = max(1.0, float(np.abs(expected).max()))
    assert gap(estimator, rows, asked) / scale < 1e-6


@pytest.mark.parametrize(("name", "task"), PAIRS)
def test_weights_count_and_a_seed_repeats(name: str, task: Task) -> None:
    estimator, asked, matrix = learnt(name, task)
    choice = Choice(name, SMALL.get(name, {}))
    again = fit(choice, matrix, asked)
    np.testing.assert_array_equal(again.predict(matrix), estimator.predict(matrix))
    # Rows of the upper half count nearly nothing: what is predicted moves down.
    upper = asked.target > np.median(asked.target) if task == "regression" else asked.target > 0
    weights = np.where(upper, 0.02, 1.0)
    moved = (
        fit(choice, matrix, problem(name, task, asked.target, weights=weights))
        if (task == "regression")
        else fit(
            choice, matrix, Problem(task, asked.target, asked.labels, weights, 3, asked.categories)
        )
    )
    before, after = (one.predict(matrix) for one in (estimator, moved))
    if task == "regression":
        assert after.mean() < before.mean() - 0.1
    else:
        assert after[:, 0].mean() > before[:, 0].mean() + 0.05


CLASSES = [(name, task) for name, task in PAIRS if task == "multiclass"]


@pytest.mark.parametrize("present", [[1], [0, 2]])
@pytest.mark.parametrize(("name", "task"), CLASSES)
def test_a_label_that_no_row_has_is_given_no_chance(
    name: str, task: Task, present: list[int]
) -> None:
    _, asked, matrix = learnt(name, task)
    kept = np.flatnonzero(np.isin(asked.target, present))
    some = asked.take(kept)
    estimator = fit(Choice(name, SMALL.get(name, {})), matrix[kept], some)
    predicted = estimator.predict(matrix)
    assert predicted.shape == (len(matrix), 3)
    absent = [label for label in range(3) if label not in present]
    assert predicted[:, absent].max() == 0
    np.testing.assert_allclose(predicted.sum(axis=1), 1)
    assert gap(estimator, matrix, asked) < 1e-6


@pytest.mark.parametrize(("name", "task"), [pair for pair in PAIRS if pair[1] != "multiclass"])
def test_a_fit_that_is_not_wanted_any_more_ends(name: str, task: Task) -> None:
    _, asked, matrix = learnt(name, task)
    unwanted = Problem(task, asked.target, asked.labels, seed=3, stop=lambda: True)
    with pytest.raises(Stopped):
        fit(Choice(name), matrix, unwanted)


@pytest.mark.parametrize(
    ("name", "most"),
    [("nearest_neighbors", neighbors.MOST_ROWS), ("support_vectors", vectors.MOST_ROWS)],
)
def test_what_is_for_few_rows_says_so(name: str, most: int) -> None:
    matrix = np.zeros((most + 1, 1), dtype=np.float32)
    target = np.arange(most + 1) % 2
    with pytest.raises(TooMuch, match=f"{name} .*at most {most:,}"):
        fit(Choice(name), matrix, Problem("binary", target, 2))


def test_equal_distances_decide_nothing() -> None:
    """Of ten rows at one place, all say what they say, whatever their order."""
    matrix = np.zeros((10, 1), dtype=np.float32)
    target = np.array([0] * 7 + [1] * 3)
    for order in (np.arange(10), np.arange(10)[::-1]):
        found = fit(
            Choice("nearest_neighbors", {"n_neighbors": 2}),
            matrix,
            Problem("binary", target[order], 2),
        )
        np.testing.assert_allclose(found.predict(matrix[:1]), [[0.7, 0.3]])
