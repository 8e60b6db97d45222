"""Linear models with a penalty."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge

from functions.training.learning.candidates.estimators.converted import Converted
from functions.training.learning.candidates.estimators.problem import Problem


def fit(
    name: str, settings: dict[str, Any], matrix: NDArray[np.float32], problem: Problem
) -> Converted:
    """Fit; one that has not quite converged by `max_iter` counts as it is."""
    problem.check_stop()
    fitted = _unfitted(name, settings, problem.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted.fit(matrix, problem.target, sample_weight=problem.weights)
    return Converted(fitted, problem.labels)


def _unfitted(name: str, settings: dict[str, Any], seed: int) -> Any:
    if name == "ridge":
        return Ridge(**settings)
    if name == "elastic_net":
        return ElasticNet(**settings, random_state=seed)
    # Of scikit-learn's solvers, the fastest for a smooth penalty, and the one for all others.
    solver = "saga" if settings["l1_ratio"] else "lbfgs"
    return LogisticRegression(**settings, solver=solver, random_state=seed)
