"""The threshold that a goal asks for is the best there is."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from functions.training.learning.evaluation.thresholds import choose_threshold
from functions.training.model.requests.spec import Goal


def made(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = np.append((random.random(rows) < 0.3).astype(int), [0, 1])
    positive = np.clip(random.normal(0.3 + 0.3 * truth, 0.25), 0, 1).round(1)
    return truth, np.stack([1 - positive, positive], axis=1)


GOALS: dict[str, tuple[Goal, Any]] = {
    "f1": (Goal("f1"), lambda y, c: sk.f1_score(y, c, zero_division=0.0)),
    "recall": (
        Goal("recall_at_precision", 0.6),
        lambda y, c: sk.recall_score(y, c) if c.any() and sk.precision_score(y, c) >= 0.6 else -1,
    ),
    "precision": (
        Goal("precision_at_recall", 0.7),
        lambda y, c: sk.precision_score(y, c) if sk.recall_score(y, c) >= 0.7 else -1,
    ),
    "cost": (
        Goal("cost", costs=(5, 1)),
        lambda y, c: -(5 * ((y == 1) & ~c).mean() + ((y == 0) & c).mean()),
    ),
}


@settings(max_examples=25, deadline=None)
@given(st.integers(5, 60), st.integers(0, 10_000), st.sampled_from(sorted(GOALS)))
def test_no_other_threshold_is_better(rows: int, seed: int, name: str) -> None:
    truth, shares = made(rows, seed)
    goal, value = GOALS[name]
    found = choose_threshold(goal, truth, shares)
    tried = [value(truth, shares[:, 1] >= at) for at in [*np.linspace(0, 1, 11) - 0.05, 2.0]]
    got = value(truth, shares[:, 1] >= found.value)
    assert got == pytest.approx(max(tried))
    if found.met:
        assert found.reached == pytest.approx(abs(got))


def test_what_cannot_be_had_is_said() -> None:
    truth, shares = np.array([0, 1] * 20), np.tile([0.5, 0.5], (40, 1))
    found = choose_threshold(Goal("recall_at_precision", 0.9), truth, shares)
    assert not found.met
    assert "precision of at least 0.9" in found.goal


def test_with_costs_nobody_may_be_called_positive() -> None:
    truth, shares = made(50, 3)
    found = choose_threshold(Goal("cost", costs=(1, 1000)), truth, np.round(shares))
    assert not (np.round(shares)[:, 1] >= found.value).any()


def test_rows_that_were_in_no_fold_do_not_count() -> None:
    truth, shares = made(60, 1)
    gaps = np.concatenate([np.full((10, 2), np.nan), shares])
    more = np.concatenate([np.ones(10, int), truth])
    assert choose_threshold(Goal("f1"), more, gaps) == choose_threshold(Goal("f1"), truth, shares)
