"""One graph: equal nodes once, converted models as parts, thresholds on the safe side."""

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingRegressor

from functions.kit.contract.onnx import open_session
from functions.kit.contract.signature import Feature
from functions.training.learning import plan
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import fit_model
from functions.training.learning.graph.graph import Graph
from functions.training.learning.graph.session import answers
from functions.training.learning.graph.thresholds import (
    round_down,
    round_down_in,
    round_down_thresholds,
)
from functions.training.model.spec import TrainingSpec
from tests.support.training import heart

FEATURE = Feature("x", "x", "double")


def test_what_is_the_same_is_there_once() -> None:
    graph = Graph([FEATURE])
    first = graph.add("Add", ["x", graph.constant(np.array(1.0))])
    assert graph.add("Add", ["x", graph.constant(np.array(1.0))]) == first
    assert graph.add("Sub", ["x", graph.constant(np.array(1.0))]) != first
    assert graph.add("Cast", ["x"], to=1) != graph.add("Cast", ["x"], to=7)


def test_members_of_an_ensemble_share_what_prepares_their_rows() -> None:
    made = plan.make(heart(), TrainingSpec("heart_disease", 0.2, 5, 0))
    members = [
        fit_model(made, Choice("logistic_regression", {"C": c}), None, seed=0) for c in (0.1, 1.0)
    ]
    graph = Graph(made.signature.features)
    halves = [
        graph.add("Mul", [one.add_to(graph), graph.constant(np.array(0.5, np.float32))])
        for one in members
    ]
    data = graph.model(graph.add("Add", halves), "binary", made.signature.labels)
    nodes = [node.op_type for node in onnx.load_model_from_string(data).graph.node]
    words = sum(one.encoding == "string" for one in made.signature.features)
    assert nodes.count("LabelEncoder") == words > 0
    assert nodes.count("IsNaN") == 1
    found = answers(open_session(data), made.held_out.inputs)
    expected = np.mean([one.predict(made.held_out.inputs) for one in members], axis=0)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@given(st.floats(-1e30, 1e30), st.floats(-(2.0**99), 2.0**99, width=32))
def test_a_float32_stays_on_its_side_of_a_threshold(threshold: float, value: float) -> None:
    [rounded] = round_down(np.array([threshold]))
    for one in (np.float32(value), np.float32(threshold), rounded):
        assert (float(one) <= threshold) == (one <= rounded)


def test_an_estimator_answers_alike_with_its_thresholds_rounded_down() -> None:
    draw = np.random.default_rng(0)
    rows = (draw.integers(0, 300, (400, 3)) / 10).astype(np.float32)
    estimator = HistGradientBoostingRegressor(max_iter=20).fit(rows, rows.sum(axis=1))
    before = estimator.predict(rows)
    round_down_in(estimator)
    np.testing.assert_array_equal(estimator.predict(rows), before)
    thresholds = np.concatenate([one[0].nodes["num_threshold"] for one in estimator._predictors])
    assert (thresholds == thresholds.astype(np.float32)).all()


def tree(thresholds: list[float]) -> onnx.ModelProto:
    node = onnx.helper.make_node(
        "TreeEnsembleRegressor", ["x"], ["y"], domain="ai.onnx.ml", nodes_values=thresholds
    )
    return onnx.helper.make_model(onnx.helper.make_graph([node], "g", [], []))


def test_thresholds_of_a_file_are_set() -> None:
    model = tree([0.1, 0.2])
    round_down_thresholds(model, np.array([0.1, 0.3]))
    [values] = model.graph.node[0].attribute
    assert [np.float32(one) for one in values.floats] == round_down(np.array([0.1, 0.3])).tolist()
    with pytest.raises(ValueError, match="2 nodes in the file, 3 thresholds"):
        round_down_thresholds(model, np.zeros(3))
