"""Labels that no row of a fit has: their probability is zero."""

import dataclasses
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.candidates.estimators.links import as_double, column
from functions.training.learning.candidates.estimators.problem import (
    Estimator,
    Problem,
)
from functions.training.learning.graph.graph import Graph

Fit = Callable[[Problem], Estimator]


def fit_present(problem: Problem, fit: Fit) -> Estimator:
    """Let `fit` see the labels that occur alone, numbered without a gap."""
    if problem.regression:
        return fit(problem)
    present, places = np.unique(problem.target, return_inverse=True)
    if len(present) == problem.labels:
        return fit(problem)
    if len(present) == 1:
        return WithAbsent(None, present, problem.labels)
    some = dataclasses.replace(
        problem,
        task="binary" if len(present) == 2 else "multiclass",
        target=places,
        labels=len(present),
    )
    return WithAbsent(fit(some), present, problem.labels)


class WithAbsent:
    """An estimator of some of the labels; None knows one alone."""

    def __init__(
        self, of_present: Estimator | None, present: NDArray[np.int64], labels: int
    ) -> None:
        self._of_present = of_present
        self._spread = np.eye(labels)[present]  # [present, labels]

    def predict(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return probabilities [rows, labels]."""
        if self._of_present is None:
            return np.repeat(self._spread, len(matrix), axis=0)
        spread: NDArray[np.float64] = self._of_present.predict(matrix) @ self._spread
        return spread

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add the estimator, and spread its answer over all labels."""
        spread = graph.constant(self._spread)
        if self._of_present is not None:
            return graph.add("MatMul", [self._of_present.add_to(graph, tensor), spread])
        # A one for each row, whatever is in it, also a missing value.
        none = graph.add("IsNaN", [as_double(graph, column(graph, tensor, 0))])
        known = as_double(graph, graph.add("Or", [none, graph.add("Not", [none])]))
        return graph.add("MatMul", [known, spread])
