"""What the held-out rows say of a model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.contract.records.columns import Column
from functions.training.learning import plan
from functions.training.learning.evaluation import curves, importance, metrics
from functions.training.learning.evaluation import report as evaluation
from functions.training.learning.graph.parity import Parity
from functions.training.learning.plan import Plan
from functions.training.learning.table import Table
from functions.training.model.requests.spec import TrainingSpec

PARITY = Parity(20, 0.0, 1e-5, agree=True, ties=0, row=0)


def made_plan(kind: str = "integer") -> Plan:
    """A target that follows from `good` alone."""
    draw = np.random.default_rng(0)
    good, bad = draw.random(100).tolist(), draw.random(100).tolist()
    target = good if kind == "number" else [int(value > 0.5) for value in good]
    columns = [Column("good", "number"), Column("bad", "number"), Column("y", kind)]  # type: ignore[arg-type] # two of them
    spec = TrainingSpec("y", positive=None if kind == "number" else "1")
    return plan.make(Table(columns, {"good": good, "bad": bad, "y": target}), spec)


def knowing(inputs: dict[str, np.ndarray]) -> np.ndarray:
    """The right answer, from `good`."""
    positive = np.clip((inputs["good"][:, 0] - 0.5) * 100, -0.5, 0.5) + 0.5
    return np.stack([1 - positive, positive], axis=1)


def test_a_model_that_knows() -> None:
    made = made_plan()
    found = evaluation.evaluate(made, knowing, PARITY, seed=0)
    assert found.metrics["accuracy"] == found.metrics["roc_auc"] == 1.0
    assert found.baseline["accuracy"] < 0.7
    assert found.baseline["roc_auc"] == 0.5
    assert found.measure == "roc_auc"
    assert found.rows == {"train": 80, "held_out": 20, "without_target": 0}
    assert found.confusion is not None
    assert found.confusion.labels == ["0", "1"]
    assert np.trace(np.array(found.confusion.matrix)) == 20
    assert [one.column for one in found.importance] == ["good", "bad"]
    assert found.importance[0].value > 0.3
    assert found.importance[1].value == 0.0
    assert sum(found.balance.values()) == pytest.approx(1)
    assert (found.roc[0], found.roc[-1]) == ([0.0, 0.0], [1.0, 1.0])


def test_a_regression() -> None:
    made = made_plan("number")
    found = evaluation.evaluate(made, lambda inputs: inputs["good"][:, 0], PARITY, seed=0)
    assert found.metrics["rmse"] < 1e-6
    assert found.metrics["r2"] == pytest.approx(1)
    assert found.baseline["rmse"] > 0.2
    assert (found.roc, found.confusion, found.balance) == ([], None, {})
    assert found.importance[0].column == "good"


def test_importance_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importance, "IMPORTANCE_SECONDS", 0.0)
    calls = []

    def predict(inputs: dict[str, np.ndarray]) -> np.ndarray:
        calls.append(1)
        return knowing(inputs)

    made = made_plan()
    held_out = made.held_out
    found = importance.importance(made.signature, held_out.inputs, held_out.target, predict, 0)
    assert len(found) == 2
    assert len(calls) == 3


@given(st.integers(0, 1000), st.integers(2, 500))
def test_a_thinned_curve_keeps_its_ends_and_its_order(seed: int, rows: int) -> None:
    draw = np.random.default_rng(seed)
    truth = np.append(draw.integers(0, 2, rows), [0, 1])
    points = curves.roc_points(truth, draw.random(rows + 2), most=50)
    assert len(points) <= 50
    assert (points[0], points[-1]) == ([0.0, 0.0], [1.0, 1.0])
    assert points == sorted(points)


def test_measures_of_three_classes() -> None:
    truth = np.array([0, 1, 2, 0])
    shares = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.1, 0.8, 0.1]])
    found = metrics.measure("multiclass", truth, shares.astype(np.float32))
    assert found["accuracy"] == 0.75
    assert found["log_loss"] == pytest.approx(-(3 * np.log(0.8) + np.log(0.1)) / 4)
    assert found["brier"] == pytest.approx((3 * 0.06 + 0.81 + 0.64 + 0.01) / 4)
    assert 0.5 < found["roc_auc"] <= 1
    assert 0.5 < found["f1"] < 1
    assert metrics.score_of("multiclass", truth, shares) == pytest.approx(-found["log_loss"])


def test_folds_are_averaged_with_their_spread() -> None:
    folds = [{"rmse": 1.0}, {"rmse": 3.0}]
    assert metrics.average(folds) == {"rmse": 2.0}
    assert metrics.spread(folds) == {"rmse": 1.0}
    assert metrics.score("regression", {"rmse": 2.0}) == -2.0
