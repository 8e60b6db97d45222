"""Estimators of the catalogue, and what each wants of its matrix."""

from typing import Any

import msgspec
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge

from functions.kit.contract.signature import Task
from functions.training.learning.candidates.algorithms import Choice, settings_of
from functions.training.learning.preprocessing.part import View

_ESTIMATORS: dict[tuple[str, bool], Any] = {
    ("logistic_regression", False): LogisticRegression,
    ("ridge", True): Ridge,
    ("random_forest", False): RandomForestClassifier,
    ("random_forest", True): RandomForestRegressor,
    ("hist_gradient_boosting", False): HistGradientBoostingClassifier,
    ("hist_gradient_boosting", True): HistGradientBoostingRegressor,
}
# Algorithm → its view of the rows, and whether its exported file takes NaN as it does.
VIEWS: dict[str, tuple[View, bool]] = {
    "logistic_regression": ("linear", False),
    "ridge": ("linear", False),
    "random_forest": ("trees", False),
    "hist_gradient_boosting": ("trees", True),
}


def build(choice: Choice, task: Task, seed: int) -> Any:
    """Return an unfitted estimator."""
    settings: dict[str, Any] = msgspec.structs.asdict(settings_of(choice))
    # One core: the queue and the platform spread candidates, not threads inside a step.
    fixed: dict[str, Any] = {"random_state": seed}
    if choice.algorithm == "random_forest":
        fixed["n_jobs"] = 1
    if choice.algorithm == "hist_gradient_boosting":
        fixed["early_stopping"] = False
    return _ESTIMATORS[choice.algorithm, task == "regression"](**settings, **fixed)
