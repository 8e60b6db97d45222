"""Measures are what scikit-learn says they are, for one weighting of the rows or for many."""

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from functions.kit.contract.measures import bootstrap
from functions.kit.contract.measures.measuring import measure, weighted
from functions.kit.contract.measures.names import DECIDING, DIRECTIONS, unknown

if TYPE_CHECKING:
    from functions.kit.contract.models.signature import Task

ROWS = st.integers(5, 80)
SEEDS = st.integers(0, 10_000)


def made(rows: int, labels: int, seed: int, ties: bool) -> tuple[np.ndarray, np.ndarray]:
    """Truths of which each label is one, and probabilities; with `ties`, many of them alike."""
    random = np.random.default_rng(seed)
    truth = np.concatenate([np.arange(labels), random.integers(0, labels, rows)])
    shares = random.random((rows + labels, labels)) + 0.3 * np.eye(labels)[truth]
    shares = np.ceil(shares * 3) if ties else shares
    return truth, shares / shares.sum(axis=1, keepdims=True)


@settings(max_examples=30, deadline=None)
@given(ROWS, SEEDS, st.booleans(), st.booleans())
def test_two_classes(rows: int, seed: int, ties: bool, weigh: bool) -> None:
    truth, shares = made(rows, 2, seed, ties)
    weights = np.random.default_rng(seed).integers(1, 4, len(truth)) if weigh else None
    found = measure("binary", truth, shares, weights)
    more = {"sample_weight": weights}
    chosen, positive = shares.argmax(axis=1), shares[:, 1]
    assert found == pytest.approx(
        {
            "accuracy": sk.accuracy_score(truth, chosen, **more),
            "balanced_accuracy": sk.balanced_accuracy_score(truth, chosen, **more),
            "precision": sk.precision_score(truth, chosen, zero_division=0.0, **more),
            "recall": sk.recall_score(truth, chosen, **more),
            "f1": sk.f1_score(truth, chosen, zero_division=0.0, **more),
            "mcc": sk.matthews_corrcoef(truth, chosen, **more),
            "roc_auc": sk.roc_auc_score(truth, positive, **more),
            "average_precision": sk.average_precision_score(truth, positive, **more),
            "log_loss": sk.log_loss(truth, shares, **more),
            "brier": sk.brier_score_loss(truth, positive, **more),
            "ece": found["ece"],
        },
        abs=1e-9,
    )


@settings(max_examples=20, deadline=None)
@given(ROWS, SEEDS, st.booleans())
def test_four_classes(rows: int, seed: int, ties: bool) -> None:
    truth, shares = made(rows, 4, seed, ties)
    found = measure("multiclass", truth, shares)
    chosen, macro = shares.argmax(axis=1), {"average": "macro", "zero_division": 0.0}
    onehot = np.eye(4)[truth]
    assert found == pytest.approx(
        {
            "accuracy": sk.accuracy_score(truth, chosen),
            "balanced_accuracy": sk.balanced_accuracy_score(truth, chosen),
            "precision": sk.precision_score(truth, chosen, **macro),
            "recall": sk.recall_score(truth, chosen, **macro),
            "f1": sk.f1_score(truth, chosen, **macro),
            "mcc": sk.matthews_corrcoef(truth, chosen),
            "roc_auc": sk.roc_auc_score(truth, shares, multi_class="ovr"),
            "average_precision": sk.average_precision_score(onehot, shares),
            "log_loss": sk.log_loss(truth, shares),
            "brier": np.mean(np.sum((shares - onehot) ** 2, axis=1)),
            "ece": found["ece"],
        },
        abs=1e-9,
    )


@settings(max_examples=20, deadline=None)
@given(ROWS, SEEDS, st.booleans())
def test_numbers(rows: int, seed: int, weigh: bool) -> None:
    random = np.random.default_rng(seed)
    truth = random.normal(1e6, 1.0, rows)
    predicted = truth + random.normal(0.1, 1.0, rows)
    weights = random.integers(1, 4, rows) if weigh else None
    more = {"sample_weight": weights}
    assert measure("regression", truth, predicted, weights) == pytest.approx(
        {
            "rmse": sk.root_mean_squared_error(truth, predicted, **more),
            "mae": sk.mean_absolute_error(truth, predicted, **more),
            "r2": sk.r2_score(truth, predicted, **more),
            "mape": sk.mean_absolute_percentage_error(truth, predicted, **more),
            "pinball_10": sk.mean_pinball_loss(truth, predicted, alpha=0.1, **more),
            "pinball_90": sk.mean_pinball_loss(truth, predicted, alpha=0.9, **more),
        },
        rel=1e-6,
    )


def test_a_measure_that_is_not_defined_is_not_there() -> None:
    one_class = measure("binary", np.zeros(4, int), np.tile([0.7, 0.3], (4, 1)))
    assert {"roc_auc", "average_precision", "recall"}.isdisjoint(one_class)
    assert one_class["accuracy"] == one_class["balanced_accuracy"] == 1.0
    assert "mape" not in measure("regression", np.array([0.0, 1.0]), np.ones(2))
    assert "r2" not in measure("regression", np.ones(3), np.zeros(3))


def test_the_calibration_error_is_how_far_what_was_said_is_from_what_came() -> None:
    truth = np.array([0, 1, 1, 1, 0, 0])
    positive = np.array([0.55, 0.55, 0.55, 0.55, 0.15, 0.15])
    shares = np.stack([1 - positive, positive], axis=1)
    # Four rows said 0.55 where 0.75 came, two said 0.15 where none came.
    expected = (4 * 0.20 + 2 * 0.15) / 6
    assert measure("binary", truth, shares)["ece"] == pytest.approx(expected)


def test_a_threshold_moves_the_labels_and_nothing_else() -> None:
    truth, shares = made(60, 2, 1, ties=False)
    half, low = measure("binary", truth, shares), measure("binary", truth, shares, threshold=0.2)
    assert low["recall"] > half["recall"]
    assert {name for name in half if half[name] == low[name]} == {
        "roc_auc",
        "average_precision",
        "log_loss",
        "brier",
        "ece",
    }


@pytest.mark.parametrize("labels", [2, 3])
def test_many_weightings_are_measured_as_one_after_the_other(labels: int) -> None:
    task: Task = "binary" if labels == 2 else "multiclass"
    truth, shares = made(40, labels, 3, ties=True)
    [weights] = bootstrap.weights_of(len(truth), seed=5)
    at_once = weighted(task, truth, shares, weights[:7])
    for place in range(7):
        taken = np.repeat(np.arange(len(truth)), weights[place].astype(int))
        alone = measure(task, truth[taken], shares[taken])
        assert {name: values[place] for name, values in at_once.items()} == pytest.approx(alone)


def test_an_interval_holds_the_true_value_about_as_often_as_it_says() -> None:
    """Of 60 samples of a population of accuracy 0.7, about 57 give an interval that has it."""
    random, held = np.random.default_rng(0), 0
    for seed in range(60):
        truth = random.integers(0, 2, 150)
        right = random.random(150) < 0.7
        positive = np.where(right == (truth == 1), 0.9, 0.1)
        shares = np.stack([1 - positive, positive], axis=1)
        low, high = bootstrap.intervals("binary", truth, shares, seed)["accuracy"]
        held += low <= 0.7 <= high
    assert 52 <= held <= 60


def test_draws_are_repeatable_and_hold_as_many_rows_as_there_are() -> None:
    one, other = (next(iter(bootstrap.weights_of(30, seed=4))) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert set(one.sum(axis=1)) == {30.0}
    assert len({tuple(row) for row in one}) == len(one)


def test_large_data_are_drawn_part_by_part() -> None:
    parts = list(bootstrap.weights_of(20_000, seed=0))
    assert sum(len(part) for part in parts) == bootstrap.FEWEST_DRAWS
    assert max(part.size for part in parts) <= bootstrap.WEIGHTS_AT_ONCE


def test_copies_make_nothing_surer() -> None:
    truth, shares = made(100, 2, 0, ties=False)
    low, high = bootstrap.intervals("binary", truth, shares)["accuracy"]
    keys = np.tile(np.arange(len(truth)), 10)
    copied = np.tile(truth, 10), np.tile(shares, (10, 1))
    found = bootstrap.intervals("binary", *copied, units=keys)["accuracy"]
    assert found == pytest.approx((low, high), abs=0.02)
    surer = bootstrap.intervals("binary", *copied)["accuracy"]
    assert surer[1] - surer[0] < (high - low) / 2


def grouped(groups: int, each: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of groups in all of which, or in none of which, a model is right."""
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), each)
    right = (random.random(groups) < 0.7)[group]
    truth = random.integers(0, 2, len(group))
    positive = np.where(right == (truth == 1), 0.9, 0.1)
    return group, truth, np.stack([1 - positive, positive], axis=1)


def test_an_interval_holds_the_true_value_as_often_where_rows_come_in_groups() -> None:
    held = {True: 0, False: 0}
    for seed in range(60):
        group, truth, shares = grouped(60, 12, seed)
        for known in held:
            drawn = bootstrap.draw(
                "binary",
                truth,
                shares,
                seed,
                only=frozenset({"accuracy"}),
                units=group if known else None,
            )
            low, high = bootstrap.limits(drawn["accuracy"]) or (0.0, 0.0)
            held[known] += low <= 0.7 <= high
    assert 52 <= held[True] <= 60
    assert held[False] < 35  # each row by itself is far too sure


@pytest.mark.parametrize(("groups", "each"), [(60, 1000), (6000, 10), (30_000, 2)])
def test_of_very_many_rows_in_groups_a_sample_tells_how_sure_the_whole_is(
    groups: int, each: int
) -> None:
    group, truth, shares = grouped(groups, each, 0)
    low, high = bootstrap.intervals("binary", truth, shares, units=group)["accuracy"]
    expected = 2 * 1.96 * np.sqrt(0.7 * 0.3 / groups)
    assert high - low == pytest.approx(expected, rel=0.3)


def test_of_very_many_rows_a_sample_tells_how_sure_the_whole_is() -> None:
    truth, shares = made(80_000, 2, 0, ties=False)
    low, high = bootstrap.intervals("binary", truth, shares)["accuracy"]
    accuracy = measure("binary", truth, shares)["accuracy"]
    expected = 2 * 1.96 * np.sqrt(accuracy * (1 - accuracy) / len(truth))
    assert low < accuracy < high
    assert high - low == pytest.approx(expected, rel=0.25)


@pytest.mark.parametrize("labels", [2, 4])
def test_two_thousand_rows_take_less_than_a_second(labels: int) -> None:
    truth, shares = made(2000, labels, 0, ties=False)
    began = time.process_time()
    found = bootstrap.intervals("binary" if labels == 2 else "multiclass", truth, shares)
    assert time.process_time() - began < 1.5  # of a busy machine; 0.2 s alone
    assert set(found) == set(DIRECTIONS["binary"])


def test_what_decides_is_a_measure_of_its_task() -> None:
    assert all(unknown(task, name) is None for task, name in DECIDING.items())
    assert "choose among rmse, mae" in str(unknown("regression", "roc_auc"))
