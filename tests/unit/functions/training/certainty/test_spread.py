"""Intervals are wide where a model errs much, where that is clearly shorter."""

import numpy as np
import onnx
import pytest
from mapie.conformity_scores import ResidualNormalisedScore
from mapie.regression import SplitConformalRegressor
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin

from functions.kit.contract.measures.coverage import coverage
from functions.kit.contract.models.certainty import half_widths
from functions.kit.contract.models.onnx import open_session
from functions.kit.contract.models.signature import SPREAD, VALUE
from functions.kit.contract.records.columns import Column
from functions.models.adapters import examiner, onnx_file
from functions.models.adapters.config import CheckSettings
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import fit_model
from functions.training.learning.certainty.conformal import LEVELS, certainty
from functions.training.learning.certainty.spread import learn_spread
from functions.training.learning.ensembles.ensemble import Ensemble
from functions.training.learning.graph import session
from functions.training.learning.plan import Plan
from functions.training.model.requests.spec import TrainingSpec
from functions.training.service.step_kinds.assembling import Assembled
from tests.support.models.learnt import make_model, planned

RIDGE = Choice("ridge")
COLUMNS = [Column("x", "number"), Column("town", "category"), Column("y", "number")]


@pytest.fixture(scope="module")
def made() -> Plan:
    return planned(2000, uneven=True)


@pytest.fixture(scope="module")
def model(made: Plan) -> Assembled:
    return make_model(made, RIDGE, TrainingSpec("y", folds=3))


def test_intervals_fit_the_spread_and_hold_the_truth_as_often_in_each_part(
    made: Plan, model: Assembled
) -> None:
    stated = model.signature.certainty
    assert stated is not None
    assert stated.scaled
    opened, inputs = open_session(model.onnx), made.held_out.inputs
    half = half_widths(stated.widths, session.spreads(opened, inputs))
    off = np.abs(session.answers(opened, inputs) - made.held_out.target)
    quiet = inputs["x"][:, 0] < 0.5
    for level, one in zip(LEVELS, half, strict=True):
        assert (off <= one).mean() == pytest.approx(level, abs=0.04)
        assert (off <= one)[quiet].mean() == pytest.approx(level, abs=0.07)
        assert (off <= one)[~quiet].mean() == pytest.approx(level, abs=0.07)
    [_, middle, _] = model.evaluation.certainty
    assert middle.covered == (off <= half[1]).mean()
    assert middle.size == pytest.approx(2 * half[1].mean())
    assert half[1][~quiet].mean() > 2 * half[1][quiet].mean()


def test_its_file_tells_the_spread_as_python_does(made: Plan, model: Assembled) -> None:
    outputs = onnx.load_model_from_string(model.onnx).graph.output
    assert [one.name for one in outputs] == [VALUE, SPREAD]
    proof = model.evaluation.parity
    assert proof.agree
    assert proof.max_difference < 1e-6
    assert (session.spreads(open_session(model.onnx), made.held_out.inputs) > 0).all()


def test_a_registry_takes_no_model_that_should_tell_its_spread_and_does_not(
    made: Plan, model: Assembled
) -> None:
    settings = CheckSettings.from_env({})
    expected = examiner.expected(model.signature, len(model.onnx), settings)
    assert list(onnx_file.examine(model.onnx, expected)) == []
    without = Ensemble([(1.0, fit_model(made, RIDGE, None, seed=0))]).to_onnx(made.signature)
    [(reason, _)] = onnx_file.examine(without, expected)
    assert reason == "Expected an output 'spread'; the file gives ['value']"


@pytest.mark.parametrize("rows", [300, 2000])
def test_where_noise_is_the_same_everywhere_intervals_are(rows: int) -> None:
    for seed in range(3):
        made = planned(rows, seed, uneven=False)
        random = np.random.default_rng(seed)
        truth = made.train.target
        assert learn_spread(made, truth + random.normal(size=len(truth)), seed=0) is None


def unevenly_off(made: Plan) -> NDArray[np.float64]:
    """Return predictions of the training rows that err more and more along the line."""
    noise = np.random.default_rng(0).normal(size=made.train.rows)
    found: NDArray[np.float64] = (
        made.train.target + np.exp(3 * made.train.inputs["x"][:, 0]) * noise
    )
    return found


@pytest.mark.parametrize("folds", [2, 3, 5])
def test_each_row_has_its_spread_by_others_however_many_folds_there_are(folds: int) -> None:
    made = planned(2000, uneven=True, folds=folds)
    found = learn_spread(made, unevenly_off(made), seed=0)
    assert found is not None
    assert np.isfinite(found.of_rows).all()


def test_nothing_is_learnt_of_few_rows_or_of_no_mistakes(made: Plan) -> None:
    truth, off = made.train.target, unevenly_off(made)
    few = np.where(np.arange(len(truth)) < 199, off, np.nan)
    assert learn_spread(made, few, seed=0) is None
    assert learn_spread(made, truth, seed=0) is None


class Given(RegressorMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Predicts a column of its inputs."""

    def __init__(self, column=0):
        self.column = column
        self.fitted_ = True

    def fit(self, x, y):
        return self

    def predict(self, x):
        return x[:, self.column]


def test_scaled_intervals_are_those_of_mapie() -> None:
    random = np.random.default_rng(0)
    predicted, spread = random.normal(size=300), np.exp(random.normal(size=300))
    truth = predicted + spread * random.normal(size=300)
    both = np.stack([predicted, spread], axis=1)
    peer = SplitConformalRegressor(
        Given(0),
        confidence_level=list(LEVELS),
        conformity_score=ResidualNormalisedScore(Given(1), prefit=True),
    )
    peer.conformalize(both, truth)
    fresh = np.stack([np.zeros(5), np.exp(random.normal(size=5))], axis=1)
    _, expected = peer.predict_interval(fresh)
    unknown = np.append(spread, np.nan)
    stored = certainty("regression", np.append(truth, 9), np.append(predicted, 7), unknown)
    assert stored is not None
    assert stored.scaled
    np.testing.assert_allclose(half_widths(stored.widths, fresh[:, 1]), expected[:, 1, :].T)
    [one, *_] = coverage(stored, truth, predicted, [], spread)
    assert one.covered == pytest.approx(0.8, abs=0.01)
