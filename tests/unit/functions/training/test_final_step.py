"""The final step does nothing twice."""

import numpy as np
import pytest

from functions.kit.contract.measures import measuring, probabilities
from functions.training.learning import plan as plans
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.ensembles import twins
from functions.training.learning.evaluation import learning_curve
from functions.training.learning.graph import session
from functions.training.model.requests.spec import TrainingSpec
from functions.training.service.step_kinds import assembling
from tests.support.in_memory.training_house import small_table
from tests.support.models.learnt import make_model
from tests.support.patches import counted

SPEC = TrainingSpec("y", folds=2)


def test_all_rows_are_fitted_once_also_for_the_learning_curve(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = plans.make(small_table(400), SPEC)
    fits = counted(monkeypatch, twins, "fit_model")
    parts = counted(monkeypatch, assembling, "fit_model")
    found = make_model(made, Choice("logistic_regression"), SPEC).evaluation.learning_curve
    rows = [round(share * made.train.rows) for share in learning_curve.SHARES]
    assert [one.rows for one in found] == rows
    assert [given[2] for given in fits] == [None]
    assert [len(given[2]) for given in parts] == rows[:-1]


def test_the_held_out_rows_are_predicted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = plans.make(small_table(400), SPEC)
    runs = counted(monkeypatch, session, "answers")
    make_model(made, Choice("logistic_regression"), SPEC)
    assert sum(given[1] is made.held_out.inputs for given in runs) == 1


def test_only_the_measures_that_are_asked_for_are_worked_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    errors = counted(monkeypatch, probabilities, "_calibration_error")
    made = plans.make(small_table(60), SPEC)
    truth, ones = made.train.target, np.ones((1, made.train.rows))
    shares = np.eye(2)[truth]
    found = measuring.weighted("binary", truth, shares, ones, only=frozenset({"log_loss"}))
    assert (list(found), errors) == (["log_loss"], [])
    every = measuring.weighted("binary", truth, shares, ones)
    assert every["log_loss"] == pytest.approx(found["log_loss"])
    assert len(errors) == 1
