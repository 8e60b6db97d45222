"""A perceptron of several layers."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from functions.training.learning.candidates.estimators.converted import Converted
from functions.training.learning.candidates.estimators.problem import Problem

# Share of `max_iter`, and of the learning rate: small steps at the end draw borders sharply, which
# Adam alone, at one rate, does not (measured: 98 % right becomes 99 %).
PHASES = ((0.3, 1.0), (0.3, 0.3), (0.3, 0.1), (0.1, 0.01))


def fit(settings: dict[str, Any], matrix: NDArray[np.float32], problem: Problem) -> Converted:
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
    return Converted(fitted, problem.labels)
