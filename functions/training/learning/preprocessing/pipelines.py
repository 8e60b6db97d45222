"""Scikit-learn pipelines: preprocessing and estimator in one, all of it exported to ONNX.

Everything is float32 from the first step on, as ONNX computes, so that both take the same side
of every threshold of a tree.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from skl2onnx.sklapi import CastTransformer
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from functions.kit.contract.features import MISSING, OTHER
from functions.kit.contract.signature import Feature, Task
from functions.training.learning.candidates.algorithms import Choice, settings_of

# Distances matter to these, so their numbers are brought to one scale.
SCALED = {"logistic_regression", "ridge"}

_ESTIMATORS: dict[tuple[str, bool], Any] = {
    ("logistic_regression", False): LogisticRegression,
    ("ridge", True): Ridge,
    ("random_forest", False): RandomForestClassifier,
    ("random_forest", True): RandomForestRegressor,
    ("hist_gradient_boosting", False): HistGradientBoostingClassifier,
    ("hist_gradient_boosting", True): HistGradientBoostingRegressor,
}


def build(choice: Choice, task: Task, features: Sequence[Feature], seed: int) -> Pipeline:
    """Return an unfitted pipeline over the matrix of `features`, column by column."""
    estimator = _ESTIMATORS[choice.algorithm, task == "regression"]
    settings: dict[str, Any] = msgspec.structs.asdict(settings_of(choice))
    # One core: the queue and the platform spread candidates, not threads inside a step.
    fixed: dict[str, Any] = {"random_state": seed}
    if choice.algorithm == "random_forest":
        fixed["n_jobs"] = 1
    if choice.algorithm == "hist_gradient_boosting":
        fixed["early_stopping"] = False
    return Pipeline(
        [
            ("columns", _columns(features, scaled=choice.algorithm in SCALED)),
            ("estimator", estimator(**settings, **fixed)),
        ]
    )


def _columns(features: Sequence[Feature], *, scaled: bool) -> ColumnTransformer:
    numbers = [place for place, one in enumerate(features) if one.encoding == "float"]
    texts = [place for place, one in enumerate(features) if one.encoding == "string"]
    parts = []
    if numbers:
        parts.append(("numbers", _numbers(scaled=scaled), numbers))
    if texts:
        # All levels are told, so that a fold that lacks one has the same columns.
        levels = [[*(features[place].levels or ()), OTHER, MISSING] for place in texts]
        one_hot = OneHotEncoder(
            categories=levels, handle_unknown="ignore", sparse_output=False, dtype=np.float32
        )
        parts.append(("texts", one_hot, texts))
    return ColumnTransformer(parts, sparse_threshold=0)


def _numbers(*, scaled: bool) -> Pipeline:
    steps: list[tuple[str, Any]] = [
        ("cast", CastTransformer(dtype=np.float32)),
        ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
    ]
    if scaled:
        steps.append(("scale", StandardScaler()))
    return Pipeline(steps)
