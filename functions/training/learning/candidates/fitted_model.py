"""A fitted candidate: how it prepares rows, its estimator, and the unit of its target."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType

from functions.kit.contract.features import Inputs
from functions.kit.contract.signature import PROBABILITIES, Task
from functions.training.learning.candidates import estimators
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.graph.graph import OPSETS, Graph
from functions.training.learning.graph.parity import PLAIN, Scale
from functions.training.learning.graph.thresholds import round_down_in
from functions.training.learning.plan import Plan
from functions.training.learning.preprocessing.preprocessor import Preprocessor, preprocessor
from functions.training.learning.preprocessing.scaling import TargetScaling


@dataclass(frozen=True)
class FittedModel:
    """What predicts; `scaling` is None of classes."""

    task: Task
    prepare: Preprocessor
    estimator: Any
    scaling: TargetScaling | None

    def predict(self, inputs: Inputs) -> NDArray[np.float64]:
        """Return probabilities [rows, labels], or numbers [rows]."""
        matrix = self.prepare.transform(inputs)
        if self.scaling is not None:
            return self.scaling.invert(self.estimator.predict(matrix))
        return np.asarray(self.estimator.predict_proba(matrix), dtype=np.float64)

    @property
    def scale(self) -> Scale:
        """Return what differences of its predictions are held to."""
        return PLAIN if self.scaling is None else self.scaling.scale

    def add_to(self, graph: Graph) -> str:
        """Add the nodes; return the tensor: [rows, labels], or of a regression [rows, 1]."""
        matrix = self.prepare.add_to(graph)
        types = [("matrix", FloatTensorType([None, self.prepare.width]))]
        options = {} if self.scaling else {id(self.estimator): {"zipmap": False}}
        with warnings.catch_warnings():
            # skl2onnx 1.20 writes a boosted tree's flags as bools, which protobuf 6.33 warns of.
            warnings.filterwarnings("ignore", category=DeprecationWarning)
            model = convert_sklearn(
                self.estimator, "part", types, options=options, target_opset=OPSETS
            )
        output = model.graph.output[0].name if self.scaling else PROBABILITIES
        found = graph.embed(model, {"matrix": matrix}, output)
        return self.scaling.add_to(graph, found) if self.scaling else found


def fit_model(plan: Plan, choice: Choice, places: NDArray[Any] | None, *, seed: int) -> FittedModel:
    """Fit a candidate on the training rows at `places`; on all for None."""
    rows = plan.train if places is None else plan.train.take(places)
    view, allow_missing = estimators.VIEWS[choice.algorithm]
    prepare = preprocessor(view, plan, allow_missing=allow_missing, seed=seed)
    scaling = TargetScaling() if plan.task == "regression" else None
    target = scaling.fit(rows.target) if scaling else rows.target
    estimator = estimators.build(choice, plan.task, seed)
    estimator.fit(prepare.fit_transform(rows), target, sample_weight=rows.weights)
    round_down_in(estimator)
    return FittedModel(plan.task, prepare, estimator, scaling)
