"""The rows that predictions are explained against: few, like all, as many as there is time for."""

import numpy as np
import pytest

from functions.kit.contract.models.background import MOST_EFFORT, MOST_ROWS, from_bytes
from functions.kit.contract.models.onnx import open_session
from functions.training.learning import plan as plans
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.ensembles import twins
from functions.training.learning.ensembles.ensemble import Ensemble
from functions.training.learning.evaluation.explaining import representatives
from functions.training.learning.evaluation.explaining.representatives import background_of
from functions.training.learning.graph import session
from functions.training.learning.plan import Plan
from functions.training.model.requests.spec import TrainingSpec
from tests.support.in_memory.training import heart
from tests.support.in_memory.training_house import small_table


def learnt(made: Plan, algorithm: str):
    member = twins.fit(made, Choice(algorithm), 0, refit=False).to_serve
    return open_session(Ensemble([(1.0, member)]).to_onnx(made.signature))


@pytest.fixture(scope="module")
def made() -> Plan:
    data = heart()
    return plans.make(data, TrainingSpec(data.columns[-1].name, 0.2, 5, 0))


def test_what_is_said_of_them_is_what_is_said_of_all_on_average(made, monkeypatch):
    opened = learnt(made, "hist_gradient_boosting")
    monkeypatch.setattr(representatives, "_effort", lambda *_: 4_000)
    found = background_of(made.signature, made.train, opened, 0)
    assert found.rows >= 4
    one, every = (
        session.answers(opened, inputs)[:, 1] for inputs in (found.inputs, made.train.inputs)
    )
    assert one.mean() == pytest.approx(every.mean(), abs=0.05)
    assert one.min() < 0.2
    assert one.max() > 0.8
    again = background_of(made.signature, made.train, opened, 0)
    assert again.to_bytes() == found.to_bytes()


def test_they_are_training_rows(made, monkeypatch):
    opened = learnt(made, "logistic_regression")
    found = background_of(made.signature, made.train, opened, 0)
    rows = [
        zip(*(one[:, 0].tolist() for one in it.values()), strict=True)
        for it in (found.inputs, made.train.inputs)
    ]
    known, every = (set(map(str, one)) for one in rows)
    assert len(known) == found.rows
    assert known <= every
    kept = from_bytes(found.to_bytes(), made.signature)
    assert kept.rows == found.rows


@pytest.mark.parametrize(("effort", "rows"), [(1, 4), (MOST_EFFORT, MOST_ROWS)])
def test_the_faster_a_model_the_more_there_are(made, monkeypatch, effort, rows):
    monkeypatch.setattr(representatives, "_effort", lambda *_: effort)
    found = background_of(made.signature, made.train, learnt(made, "logistic_regression"), 0)
    assert (found.rows, found.effort) == (rows, effort)


@pytest.mark.parametrize(("seconds", "effort"), [(0.0, MOST_EFFORT), (1e-3, 1_536), (9.0, 256)])
def test_the_effort_is_what_the_time_allows(made, monkeypatch, seconds, effort):
    times = iter([seconds] * 3)
    monkeypatch.setattr(representatives, "_seconds", lambda *_: next(times))
    assert representatives._effort(None, made.train.inputs) == effort
    assert len(list(times)) == (2 if seconds > 1 else 0)


def test_of_few_rows_each_counts(monkeypatch):
    made = plans.make(small_table(20), TrainingSpec("y", folds=2))
    monkeypatch.setattr(representatives, "_effort", lambda *_: MOST_EFFORT)
    found = background_of(made.signature, made.train, learnt(made, "logistic_regression"), 0)
    assert found.rows == made.train.rows


def test_of_many_classes_each_likely_one_is_there():
    rows = np.random.default_rng(0).dirichlet([1, 1, 1], size=90)
    parts = np.array_split(representatives._order(rows), 6)
    labels = [rows[part].argmax(axis=1) for part in parts]
    counts = [len(set(one.tolist())) for one in labels]
    assert set(np.concatenate(labels).tolist()) == {0, 1, 2}
    assert sum(counts) <= 6 + 2
