"""Support vectors, for few rows: the borders of classes, or a tube around a quantity.

Of several classes, each is told from all others. The borders' distances become probabilities by a
sigmoid that is fitted to rows which the border had not seen.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.svm import SVC, SVR

from functions.training.learning.calibration.sigmoid import Sigmoid, fit_sigmoid
from functions.training.learning.candidates.estimators.distances import add_squared
from functions.training.learning.candidates.estimators.links import (
    affine,
    as_double,
    both_sides,
    normalised,
)
from functions.training.learning.candidates.estimators.problem import (
    Problem,
    TooMuch,
    in_chunks,
)
from functions.training.learning.graph.graph import Graph

MOST_ROWS = 10_000
FOLDS = 3


class Machine:
    """One fitted machine of scikit-learn with its radial kernel."""

    def __init__(self, fitted: Any, gamma: float) -> None:
        self.fitted = fitted
        self._gamma = gamma

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add what the machine gives for a double `tensor`: [rows, 1]."""
        distances = add_squared(graph, tensor, self.fitted.support_vectors_)
        scaled = graph.add("Mul", [distances, graph.constant(np.array(-self._gamma))])
        near = graph.add("Exp", [scaled])
        return affine(graph, near, self.fitted.dual_coef_.T, self.fitted.intercept_)


class Tube:
    """A regression."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def predict(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return numbers [rows]."""
        return in_chunks(self._machine.fitted.predict, matrix)

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add the machine."""
        return self._machine.add_to(graph, as_double(graph, tensor))


class Borders:
    """A border for each label but the first of two, each with its sigmoid."""

    def __init__(self, machines: list[tuple[Machine, Sigmoid]]) -> None:
        self._machines = machines

    def predict(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return probabilities [rows, labels]."""
        return in_chunks(self._predict, matrix)

    def _predict(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        found = [
            expit(sigmoid.slope * machine.fitted.decision_function(matrix) + sigmoid.shift)
            for machine, sigmoid in self._machines
        ]
        if len(found) == 1:
            return np.stack([1 - found[0], found[0]], axis=1)
        each = np.stack(found, axis=1)
        shares: NDArray[np.float64] = each / each.sum(axis=1, keepdims=True)
        return shares

    def add_to(self, graph: Graph, tensor: str) -> str:
        """Add each machine with its sigmoid."""
        tensor = as_double(graph, tensor)
        found = [
            sigmoid.add_to(graph, machine.add_to(graph, tensor))
            for machine, sigmoid in self._machines
        ]
        if len(found) == 1:
            return both_sides(graph, found[0])
        return normalised(graph, graph.add("Concat", found, axis=1))


def fit(settings: dict[str, Any], matrix: NDArray[np.float32], problem: Problem) -> Tube | Borders:
    """Fit one machine, or one for each label.

    Raises:
        TooMuch: there are more rows than the time, which grows with their square, is there for.
    """
    if len(matrix) > MOST_ROWS:
        raise TooMuch(f"support_vectors takes at most {MOST_ROWS:,} rows.")
    gamma = 1 / (matrix.shape[1] * max(float(matrix.var(dtype=np.float64)), 1e-12))
    gamma *= settings.pop("gamma_scale")
    if problem.regression:
        problem.check_stop()
        fitted = SVR(gamma=gamma, **settings)
        fitted.fit(matrix.astype(np.float64), problem.target, sample_weight=problem.weights)
        return Tube(Machine(fitted, gamma))
    settings.pop("epsilon")
    machine = SVC(gamma=gamma, **settings)
    wanted = [1] if problem.labels == 2 else range(problem.labels)
    return Borders([_border(machine, matrix.astype(np.float64), problem, one) for one in wanted])


def _border(
    machine: SVC, matrix: NDArray[np.float64], problem: Problem, label: int
) -> tuple[Machine, Sigmoid]:
    problem.check_stop()
    target = (problem.target == label).astype(np.int64)
    fitted = SVC(**machine.get_params()).fit(matrix, target, sample_weight=problem.weights)
    unseen = _unseen(machine, matrix, target, problem)
    if unseen is None:
        unseen = fitted.decision_function(matrix)
    return Machine(fitted, machine.gamma), fit_sigmoid(unseen, target, problem.weights)


def _unseen(
    machine: SVC, matrix: NDArray[np.float64], target: NDArray[np.int64], problem: Problem
) -> NDArray[np.float64] | None:
    """Return each row's distance from a border that was drawn without it; None of too few rows."""
    if np.bincount(target, minlength=2).min() < FOLDS:
        return None
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=problem.seed)
    weights = {} if problem.weights is None else {"sample_weight": problem.weights}
    found: NDArray[np.float64] = cross_val_predict(
        machine, matrix, target, cv=folds, method="decision_function", params=weights
    )
    return found
