"""One graph: equal nodes once, also those of several models."""

import numpy as np
import onnx

from functions.kit.contract.models.onnx import open_session
from functions.kit.contract.models.signature import Feature
from functions.training.learning import plan
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import fit_model
from functions.training.learning.graph.graph import Graph
from functions.training.learning.graph.session import answers
from functions.training.model.requests.spec import TrainingSpec
from tests.support.in_memory.training import heart

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
        graph.add("Mul", [one.add_to(graph), graph.constant(np.array(0.5))]) for one in members
    ]
    data = graph.model(graph.add("Add", halves), "binary", made.signature.labels)
    nodes = [node.op_type for node in onnx.load_model_from_string(data).graph.node]
    words = sum(one.encoding == "string" for one in made.signature.features)
    assert nodes.count("LabelEncoder") == words > 0
    assert nodes.count("IsNaN") == 1
    found = answers(open_session(data), made.held_out.inputs)
    expected = np.mean([one.predict(made.held_out.inputs) for one in members], axis=0)
    np.testing.assert_allclose(found, expected, atol=1e-6)
