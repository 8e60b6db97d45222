"""What is served learns from all rows; what is said of it is said of a twin that did not."""

import msgspec
import numpy as np
import pytest

from functions.kit.contract.models.onnx import open_session
from functions.training.learning import plan as plans
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.ensembles import twins
from functions.training.learning.graph import session
from functions.training.learning.plan import Plan
from functions.training.model.requests.spec import JobRequest, TrainingSpec
from functions.training.service.step_kinds.assembling import Assembled, assemble
from tests.support.in_memory.training_house import small_table
from tests.support.patches import counted

REQUEST = JobRequest(target="y", dataset="small", folds=2)
MEMORY = Choice("nearest_neighbors", {"n_neighbors": 1})


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plans.make(small_table(200), TrainingSpec("y", folds=2))


def assembled(plan: Plan, *, refit: bool) -> Assembled:
    members = [(1.0, twins.fit(plan, MEMORY, 0, refit=refit))]
    return assemble(plan, members, None, REQUEST)


def right(plan: Plan, onnx: bytes) -> float:
    answers = session.answers(open_session(onnx), plan.held_out.inputs)
    return float(np.mean(answers.argmax(axis=1) == plan.held_out.target))


def test_what_is_served_knows_the_held_out_rows_and_what_is_measured_does_not(plan: Plan) -> None:
    once, again = (assembled(plan, refit=refit) for refit in (False, True))
    assert right(plan, again.onnx) == 1.0 > right(plan, once.onnx)
    for measured in (once, again):
        assert measured.evaluation.metrics["accuracy"] == pytest.approx(right(plan, once.onnx))
    assert again.held_out.to_bytes() == once.held_out.to_bytes()


def test_both_are_proved(plan: Plan) -> None:
    made = assembled(plan, refit=True)
    assert made.evaluation.parity.agree
    assert made.evaluation.parity.rows == plan.held_out.rows


def test_all_rows_are_those_of_both_sides(plan: Plan) -> None:
    whole = plan.train.and_(plan.held_out)
    assert whole.rows == plan.train.rows + plan.held_out.rows
    assert set(whole.keys) == {*plan.train.keys, *plan.held_out.keys}
    assert np.array_equal(whole.take(np.arange(plan.train.rows)).target, plan.train.target)


@pytest.mark.parametrize("refit", [False, True])
def test_twins_are_kept_as_they_are(plan: Plan, refit: bool) -> None:
    made = twins.fit(plan, MEMORY, 0, refit=refit)
    kept = twins.from_bytes(made.to_bytes())
    for mine, theirs in ((made.measured, kept.measured), (made.to_serve, kept.to_serve)):
        assert mine.onnx == theirs.onnx
        assert np.array_equal(mine.predicted, theirs.predicted)
    assert (kept.served is None) is not refit


def test_many_rows_are_not_learnt_twice(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twins, "MOST_REFITTED", plan.train.rows)
    made = twins.fit(plan, MEMORY, 0, refit=True)
    assert made.served is None
    assert twins.fits(plan, refit=True) == 1


def test_a_member_is_fitted_as_often_as_is_said(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = counted(monkeypatch, twins, "_exported")
    for refit in (False, True):
        fitted.clear()
        twins.fit(plan, MEMORY, 0, refit=refit)
        assert len(fitted) == twins.fits(plan, refit=refit)


def test_a_request_may_do_without() -> None:
    told = b'{"dataset": "small", "target": "y", "refit": false}'
    assert not msgspec.json.decode(told, type=JobRequest).refit
