"""An ensemble is one file: its parts share what they share, and it predicts as Python does."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from functions.kit.contract.models.onnx import open_session
from functions.kit.contract.models.signature import Feature, Task
from functions.kit.contract.records.columns import Column
from functions.training.learning import plan as plans
from functions.training.learning.calibration.calibration import fit_calibration
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.crossvalidation import out_of_fold, run_fold
from functions.training.learning.candidates.estimators.problem import Stopped
from functions.training.learning.candidates.fitted_model import fit_model
from functions.training.learning.ensembles.ensemble import Ensemble
from functions.training.learning.ensembles.exported import export
from functions.training.learning.graph import session
from functions.training.learning.graph.graft import graft
from functions.training.learning.graph.graph import Graph
from functions.training.learning.graph.parity import prove
from functions.training.learning.plan import Plan
from functions.training.learning.table import Table
from functions.training.model.requests.spec import TrainingSpec

CHOICES = [
    Choice("lightgbm", {"n_estimators": 20}),
    Choice("extra_trees", {"n_estimators": 10}),
    Choice("perceptron", {"hidden_layer_sizes": [8], "max_iter": 30}),
    Choice("nearest_neighbors"),
]


def plan_of(task: Task, rows: int = 240) -> Plan:
    draw = np.random.default_rng(0)
    amount, size = draw.normal(5e6, 3, rows), draw.integers(0, 4, rows)
    level = (amount - 5e6) / 3 + 0.8 * size
    target = level.tolist() if task == "regression" else np.digitize(level, [0.5, 2]).tolist()
    if task == "binary":
        target = ["no" if one < 1 else "yes" for one in target]
    gaps = [None if place % 9 == 0 else value for place, value in enumerate(amount.tolist())]
    kinds = {"binary": "category", "multiclass": "integer", "regression": "number"}
    columns = [
        Column("amount", "number"),
        Column("size", "category"),
        Column("y", kinds[task]),  # type: ignore[arg-type] # looked up
    ]
    sizes = [f"size {one}" for one in size]
    table = Table(columns, {"amount": gaps, "size": sizes, "y": target})
    return plans.make(table, TrainingSpec("y", folds=3))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_it_is_one_file_that_predicts_as_its_members_do(task: Task) -> None:
    made = plan_of(task)
    weights = [0.4, 0.3, 0.2, 0.1]
    models = [fit_model(made, one, None, seed=0) for one in CHOICES]
    calibration = None
    if task != "regression":
        predicted = models[0].predict(made.train.inputs)
        calibration = fit_calibration("sigmoid", predicted, made.train.target)
    ensemble = Ensemble(list(zip(weights, models, strict=True)), calibration)
    file = ensemble.to_onnx(made.signature)
    parts = [one.predict(made.held_out.inputs) for one in models]
    expected = ensemble.combined(parts)
    opened = open_session(file)
    found = prove(expected, session.answers(opened, made.held_out.inputs))
    assert found.max_difference < 1e-6
    by_hand = sum(weight * part for weight, part in zip(weights, parts, strict=True))
    if calibration is not None:
        by_hand = calibration.apply(np.asarray(by_hand))
    np.testing.assert_allclose(expected, by_hand)


def test_members_that_prepare_alike_share_the_nodes_that_do() -> None:
    made = plan_of("binary")
    perceptron, neighbors = (fit_model(made, one, None, seed=0) for one in CHOICES[2:])
    alone = [
        onnx.load_model_from_string(Ensemble([(1.0, one)]).to_onnx(made.signature)).graph
        for one in (perceptron, neighbors)
    ]
    both = Ensemble([(0.5, perceptron), (0.5, neighbors)]).to_onnx(made.signature)
    nodes = onnx.load_model_from_string(both).graph.node
    preparing = [one for one in nodes if one.op_type == "IsNaN"]
    assert len(preparing) == 1
    assert len(nodes) < sum(len(graph.node) for graph in alone)


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_members_that_were_exported_one_by_one_make_the_same_file(task: Task) -> None:
    made = plan_of(task)
    models = [fit_model(made, one, None, seed=0) for one in CHOICES]
    kept = [export(one, made.signature, made.held_out.inputs) for one in models]
    files = [
        Ensemble([(0.25, one) for one in members]).to_onnx(made.signature)
        for members in (models, kept)
    ]
    whole, parts = (onnx.load_model_from_string(one).graph for one in files)
    # Each member ends in a cast to what it is already.
    assert len(parts.node) == len(whole.node) + len(CHOICES)
    assert len(parts.initializer) <= len(whole.initializer)
    first, second = (session.answers(open_session(one), made.held_out.inputs) for one in files)
    np.testing.assert_array_equal(first, second)
    for one, model in zip(kept, models, strict=True):
        np.testing.assert_array_equal(one.predicted, model.predict(made.held_out.inputs))


def test_a_graph_within_a_node_is_grafted_with_it() -> None:
    inputs = [Feature("amount", "amount", "double")]
    graph = Graph(inputs)
    doubled = graph.add("Add", ["amount", "amount"])
    positive = graph.add(
        "Greater", [graph.add("ReduceSum", [doubled]), graph.constant(np.array(0.0))]
    )
    flat = graph.add("Reshape", [positive, graph.constant(np.array([], np.int64))])
    branches = [
        helper.make_graph(
            [helper.make_node(op, [doubled], ["inner"])],
            op,
            [],
            [helper.make_tensor_value_info("inner", TensorProto.DOUBLE, [None, 1])],
        )
        for op in ("Identity", "Neg")
    ]
    chosen = graph.add("If", [flat], then_branch=branches[0], else_branch=branches[1])
    model = graph.give({"/out": (chosen, np.float64, 1)})
    other = Graph(inputs)
    other.add("Neg", ["amount"])  # so that names are others
    found = other.give({"/out": (graft(other, model, "/out"), np.float64, 1)})
    given = {"amount": np.array([[-1.0], [-2.0]])}
    [answer] = open_session(found.SerializeToString()).run(None, given)
    np.testing.assert_array_equal(answer, [[2.0], [4.0]])


def test_folds_give_each_training_row_a_prediction_by_a_model_that_had_not_seen_it() -> None:
    made = plan_of("binary")
    folds = [run_fold(made, CHOICES[0], fold=fold, seed=0) for fold in range(len(made.folds))]
    found, again, third = out_of_fold(made, [one.predictions for one in folds], 3)
    assert found.shape == again.shape == (made.train.rows, 2)
    assert not np.isnan(third).any()
    assert not np.array_equal(found, again)
    [cut] = out_of_fold(made, [one.predictions for one in folds[:5]], 3)
    np.testing.assert_array_equal(cut, found)
    fitting, testing = made.folds[1]
    alone = fit_model(made, CHOICES[0], fitting, seed=0)
    np.testing.assert_array_equal(found[testing], alone.predict(made.train.take(testing).inputs))
    assert folds[1].metrics["roc_auc"] > 0.7


def test_a_screening_fold_is_fitted_on_a_sample() -> None:
    made = plan_of("binary")
    few, again, whole = (
        run_fold(made, CHOICES[3], fold=0, rows=rows, seed=0).predictions for rows in (40, 40, None)
    )
    np.testing.assert_array_equal(few, again)
    assert few.shape == whole.shape
    assert np.abs(few - whole).max() > 0.01


def test_a_fold_that_is_not_wanted_any_more_ends() -> None:
    with pytest.raises(Stopped):
        run_fold(plan_of("binary"), CHOICES[0], fold=0, seed=0, stop=lambda: True)


def test_the_perceptron_learns_the_rule_of_cardiac_risk() -> None:
    """Three ifs with two parts each; a border that no weighted sum draws."""
    draw = np.random.default_rng(0)
    cholesterol, pressure = draw.uniform(1, 3, 5_000), draw.uniform(0.6, 1.8, 5_000)
    glucose, age = draw.uniform(0.5, 2, 5_000), draw.integers(0, 100, 5_000)
    overweight, smoker = draw.integers(0, 2, (2, 5_000))
    by_blood = (cholesterol > 2) & (pressure > 1.4)
    risk = by_blood | (glucose > 1) & (age > 50) | (overweight & smoker == 1)
    numbers = {
        "cholesterol": cholesterol,
        "pressure": pressure,
        "glucose": glucose,
        "age": age,
        "overweight": overweight,
        "smoker": smoker,
        "risk": risk.astype(np.int64),
    }
    columns = [
        Column(name, "integer" if one.dtype == np.int64 else "number")
        for name, one in numbers.items()
    ]
    values = {name: one.tolist() for name, one in numbers.items()}
    made = plans.make(Table(columns, values), TrainingSpec("risk"))
    model = fit_model(made, Choice("perceptron"), None, seed=0)
    right = model.predict(made.held_out.inputs).argmax(axis=1) == made.held_out.target
    assert right.mean() >= 0.99
