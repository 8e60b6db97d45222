"""Sets and intervals hold the truth as often as stated, and are what mapie makes them."""

import numpy as np
import pytest
from mapie.classification import SplitConformalClassifier
from mapie.regression import SplitConformalRegressor
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_val_predict

from functions.kit.contract.measures.coverage import coverage
from functions.kit.contract.models.certainty import sets
from functions.kit.contract.models.signature import Certainty, Task
from functions.training.learning.certainty.conformal import LEVELS, certainty, limit


def stated(task: Task, truth: np.ndarray, out_of_fold: np.ndarray) -> Certainty:
    found = certainty(task, truth, out_of_fold)
    assert found is not None
    return found


class Given(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Predicts the probabilities that its inputs are."""

    def __init__(self, labels=3):
        self.labels = labels
        self.classes_ = np.arange(labels)
        self.is_fitted_ = True

    def fit(self, x, y):
        return self

    def predict_proba(self, x):
        return x

    def predict(self, x):
        return x.argmax(axis=1)


def classes(rows: int, labels: int, seed: int, skew: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Truths, drawn by the probabilities that a somewhat wrong model gives."""
    random = np.random.default_rng(seed)
    right = random.dirichlet(np.linspace(skew, 1, labels) * 0.8, rows)
    truth = (random.random(rows)[:, None] > right.cumsum(axis=1)).sum(axis=1).clip(0, labels - 1)
    wrong = 0.8 * right + 0.2 * random.dirichlet(np.ones(labels), rows)
    return truth, wrong


def test_sets_are_those_of_mapie() -> None:
    truth, shares = classes(400, 3, 0)
    fresh = classes(300, 3, 1)[1]
    peer = SplitConformalClassifier(Given(), confidence_level=list(LEVELS))
    peer.conformalize(shares, truth)
    _, expected = peer.predict_set(fresh)
    found = sets(stated("multiclass", truth, shares).scores, fresh)
    np.testing.assert_array_equal(found, np.moveaxis(expected, 2, 0))


def test_intervals_are_those_of_mapie() -> None:
    random = np.random.default_rng(0)
    predicted = random.normal(size=300)
    truth = predicted + random.normal(size=300)
    itself = LinearRegression().fit(predicted[:, None], predicted)
    peer = SplitConformalRegressor(itself, confidence_level=list(LEVELS))
    peer.conformalize(predicted[:, None], truth)
    _, expected = peer.predict_interval(np.zeros((1, 1)))
    found = stated("regression", truth, predicted)
    assert found.widths == pytest.approx(expected[0, 1, :].tolist())


def test_a_limit_counts_one_row_more_than_there_are() -> None:
    assert limit(np.arange(1.0, 20), 0.9) == 18  # of 19 rows the 20 · 0.9th
    assert limit(np.arange(1.0, 20), 0.95) == 19
    assert limit(np.arange(1.0, 11), 0.95) == 10


@pytest.mark.parametrize("labels", [2, 4])
@pytest.mark.parametrize("skew", [1.0, 12.0])
def test_sets_hold_the_truth_as_often_as_stated(labels: int, skew: float) -> None:
    """Ten tables: the mean of what is covered is within two points of what is stated."""
    found = []
    for seed in range(10):
        truth, shares = classes(3000, labels, seed, skew)
        stored = stated("multiclass", truth[:1000], shares[:1000])
        names = [str(place) for place in range(labels)]
        found.append([one.covered for one in coverage(stored, truth[1000:], shares[1000:], names)])
    assert np.mean(found, axis=0) == pytest.approx(LEVELS, abs=0.02)


def test_intervals_hold_the_truth_as_often_as_stated() -> None:
    """Predictions out of folds of a real model, on ten tables with thick-tailed errors."""
    found = []
    for seed in range(10):
        random = np.random.default_rng(seed)
        x = random.normal(size=(2300, 3))
        y = x @ [1.0, 2.0, 0.0] + random.standard_t(3, size=2300)
        stored = stated(
            "regression", y[:300], cross_val_predict(LinearRegression(), x[:300], y[:300])
        )
        predicted = LinearRegression().fit(x[:300], y[:300]).predict(x[300:])
        found.append([one.covered for one in coverage(stored, y[300:], predicted, [])])
    assert np.mean(found, axis=0) == pytest.approx(LEVELS, abs=0.02)


def test_a_rare_class_is_covered_as_often_as_the_others() -> None:
    random = np.random.default_rng(0)
    truth = (random.random(20_000) < 0.08).astype(int)
    x = random.normal(size=(20_000, 1)) + 1.5 * truth[:, None]
    folds = cross_val_predict(LogisticRegression(), x[:5000], truth[:5000], method="predict_proba")
    model = LogisticRegression().fit(x[:5000], truth[:5000])
    stored = stated("binary", truth[:5000], folds)
    for one in coverage(stored, truth[5000:], model.predict_proba(x[5000:]), ["no", "yes"]):
        assert one.by_label == pytest.approx({"no": one.level, "yes": one.level}, abs=0.04)
        assert one.low < one.covered < one.high


def test_rows_that_were_in_no_fold_do_not_count() -> None:
    truth, shares = classes(200, 3, 0)
    with_gaps = np.concatenate([np.full((50, 3), np.nan), shares])
    more = np.concatenate([np.zeros(50, int), truth])
    assert certainty("multiclass", more, with_gaps) == certainty("multiclass", truth, shares)


def test_too_few_rows_state_nothing() -> None:
    assert certainty("regression", np.ones(19), np.ones(19)) is None
    assert certainty("regression", np.ones(20), np.ones(20)) is not None
