"""One call for every algorithm of the catalogue."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from functions.training.learning.candidates.algorithms import Choice, settings_of
from functions.training.learning.candidates.estimators import (
    boosting,
    forests,
    linear,
    neighbors,
    perceptron,
    vectors,
)
from functions.training.learning.candidates.estimators.absent import fit_present
from functions.training.learning.candidates.estimators.problem import Estimator, Problem
from functions.training.learning.cores import one_core


def fit(choice: Choice, matrix: NDArray[np.float32], problem: Problem) -> Estimator:
    """Fit the algorithm of `choice` on a matrix [rows, width], on one core.

    Raises:
        Stopped: `problem.stop` said so.
        TooMuch: there are more rows than the algorithm is made for.
    """
    settings: dict[str, Any] = msgspec.structs.asdict(settings_of(choice))
    with one_core():
        return fit_present(
            problem, lambda present: _fit(choice.algorithm, settings, matrix, present)
        )


def _fit(
    name: str, settings: dict[str, Any], matrix: NDArray[np.float32], problem: Problem
) -> Estimator:
    if name in {"random_forest", "extra_trees"}:
        return forests.fit(name, settings, matrix, problem)
    if name in {"logistic_regression", "ridge", "elastic_net"}:
        return linear.fit(name, settings, matrix, problem)
    if name == "lightgbm":
        # Where a machine has no OpenMP for it, this candidate fails, and no other.
        from functions.training.learning.candidates.estimators import light  # noqa: PLC0415 - above

        return light.fit(settings, matrix, problem)
    others: dict[str, Any] = {
        "hist_gradient_boosting": boosting.fit,
        "perceptron": perceptron.fit,
        "nearest_neighbors": neighbors.fit,
        "support_vectors": vectors.fit,
    }
    found: Estimator = others[name](settings, matrix, problem)
    return found
