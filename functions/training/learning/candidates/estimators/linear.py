"""Linear models with a penalty."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge

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


class Linear:
    """A fitted linear model of scikit-learn; it predicts in float64."""

    def __init__(self, fitted: Any, labels: int) -> None:
        self._fitted = fitted
        self._labels = labels

    def predict(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return probabilities [rows, labels], or numbers [rows]."""
        return in_chunks(
            self._fitted.predict_proba if self._labels else self._fitted.predict, matrix
        )

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add the weighted sum, and what makes probabilities of it."""
        weights = np.atleast_2d(self._fitted.coef_).T
        shift = np.ravel(self._fitted.intercept_)
        scores = affine(graph, as_double(graph, tensor), weights, shift)
        return probabilities(graph, scores, len(shift)) if self._labels else scores


def fit(
    name: str, settings: dict[str, Any], matrix: NDArray[np.float32], problem: Problem
) -> Linear:
    """Fit; one that has not quite converged by `max_iter` counts as it is."""
    problem.check_stop()
    fitted = _unfitted(name, settings, problem.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted.fit(matrix, problem.target, sample_weight=problem.weights)
    return Linear(fitted, problem.labels)


def _unfitted(name: str, settings: dict[str, Any], seed: int) -> Any:
    if name == "ridge":
        return Ridge(**settings)
    if name == "elastic_net":
        return ElasticNet(**settings, random_state=seed)
    # Of scikit-learn's solvers, the fastest for a smooth penalty, and the one for all others.
    solver = "saga" if settings["l1_ratio"] else "lbfgs"
    return LogisticRegression(**settings, solver=solver, random_state=seed)
