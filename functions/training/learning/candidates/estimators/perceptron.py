"""A perceptron of several layers."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from functions.training.learning.candidates.estimators.links import (
    affine,
    as_double,
    probabilities,
)
from functions.training.learning.candidates.estimators.problem import (
    Problem,
    in_chunks,
)
from functions.training.learning.graph.graph import Graph

NODES = {"relu": "Relu", "tanh": "Tanh"}
# Share of `max_iter`, and of the learning rate: small steps at the end draw borders sharply, which
# Adam alone, at one rate, does not (measured: 98 % right becomes 99 %).
PHASES = ((0.3, 1.0), (0.3, 0.3), (0.3, 0.1), (0.1, 0.01))


class Perceptron:
    """A fitted perceptron of scikit-learn; it predicts in float64."""

    def __init__(self, fitted: Any, labels: int) -> None:
        self._fitted = fitted
        self._labels = labels

    def predict(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return probabilities [rows, labels], or numbers [rows]."""
        return in_chunks(
            self._fitted.predict_proba if self._labels else self._fitted.predict, matrix
        )

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add layer after layer."""
        layers = list(zip(self._fitted.coefs_, self._fitted.intercepts_, strict=True))
        tensor = as_double(graph, tensor)
        for weights, shift in layers[:-1]:
            sums = affine(graph, tensor, weights, shift)
            tensor = graph.add(NODES[self._fitted.activation], [sums])
        scores = affine(graph, tensor, *layers[-1])
        return probabilities(graph, scores, len(layers[-1][1])) if self._labels else scores


def fit(settings: dict[str, Any], matrix: NDArray[np.float32], problem: Problem) -> Perceptron:
    """Fit in phases; one that has not quite converged by `max_iter` counts as it is."""
    kind = MLPRegressor if problem.regression else MLPClassifier
    fitted = kind(**settings, random_state=problem.seed, warm_start=True)
    for share, factor in PHASES:
        problem.check_stop()
        fitted.set_params(
            max_iter=max(round(share * settings["max_iter"]), 1),
            learning_rate_init=factor * settings["learning_rate_init"],
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted.fit(matrix, problem.target, sample_weight=problem.weights)
    return Perceptron(fitted, problem.labels)
