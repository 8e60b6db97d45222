"""Estimators that skl2onnx says in float64, as exactly as scikit-learn computes them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType

from functions.kit.contract.models.signature import PROBABILITIES
from functions.training.learning.candidates.estimators.links import as_double
from functions.training.learning.candidates.estimators.problem import in_chunks
from functions.training.learning.graph.graph import OPSETS, Graph

MATRIX = "matrix"


class Converted:
    """A fitted model of scikit-learn; it predicts in float64, and so does its graph.

    Args:
        fitted: a linear model or a perceptron: sums of products, which skl2onnx keeps in double.
        labels: how many it tells apart; 0 of a regression.
    """

    def __init__(self, fitted: Any, labels: int) -> None:
        self._fitted = fitted
        self._labels = labels

    def predict(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return probabilities [rows, labels], or numbers [rows]."""
        return in_chunks(
            self._fitted.predict_proba if self._labels else self._fitted.predict, matrix
        )

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add what skl2onnx makes of the model; of a classifier its probabilities alone."""
        width = self._fitted.n_features_in_
        model = convert_sklearn(
            self._fitted,
            initial_types=[(MATRIX, DoubleTensorType([None, width]))],
            options={id(self._fitted): {"zipmap": False}} if self._labels else None,
            target_opset=OPSETS,
        )
        output = PROBABILITIES if self._labels else model.graph.output[0].name
        return graph.embed(model, {MATRIX: as_double(graph, tensor)}, output)
