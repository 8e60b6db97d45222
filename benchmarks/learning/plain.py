"""A plain script that fits what a job fits, on two cores; a program of its own.

`plain.py FILE JSON`: the file has numbers `n…`, words `w…` and the target `y`; the JSON has
`candidates` (algorithm and settings), `folds`, and `members`: places of those that are fitted on
all training rows in the end. Says in JSON how many seconds that took, without imports.
"""

import json
import sys
import time
import warnings
from typing import Any

import joblib
import lightgbm
import numpy as np
from pyarrow import csv
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # has no types

CORES = 2
HELD_OUT = 0.2
SCALED = {"logistic_regression": LogisticRegression, "perceptron": MLPClassifier}
TREES = {
    "random_forest": RandomForestClassifier,
    "extra_trees": ExtraTreesClassifier,
    "hist_gradient_boosting": HistGradientBoostingClassifier,
    "lightgbm": lightgbm.LGBMClassifier,
}


def read(file: str) -> tuple[np.ndarray, np.ndarray, list[int], list[int]]:
    """Return rows as objects, the target, and the places of numbers and of words."""
    table = csv.read_csv(file)
    names = [name for name in table.column_names if name != "y"]
    rows = np.array([table.column(name).to_pylist() for name in names], dtype=object).T
    numbers = [place for place, name in enumerate(names) if name.startswith("n")]
    words = [place for place, name in enumerate(names) if name.startswith("w")]
    return rows, np.array(table.column("y").to_pylist()) == "yes", numbers, words


def pipeline(choice: dict[str, Any], numbers: list[int], words: list[int]) -> BaseEstimator:
    """Return an unfitted pipeline as most people write it, for one core."""
    name, settings = choice["algorithm"], dict(choice["settings"])
    if name in SCALED:
        settings.pop("l1_ratio", None)
        encoder: Any = OneHotEncoder(handle_unknown="ignore")
        parts = [("numbers", StandardScaler(), numbers), ("words", encoder, words)]
        return make_pipeline(ColumnTransformer(parts), SCALED[name](**settings, random_state=0))
    if name == "lightgbm":
        settings.pop("early_stopping_rounds")
        settings |= {"verbose": -1, "n_jobs": 1}
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    parts = [("numbers", "passthrough", numbers), ("words", encoder, words)]
    return make_pipeline(ColumnTransformer(parts), TREES[name](**settings, random_state=0))


def fit(
    model: BaseEstimator, rows: np.ndarray, target: np.ndarray, fitting: Any, testing: Any
) -> float:
    """Fit on some rows; return the area beneath the ROC curve of others."""
    warnings.simplefilter("ignore")
    with threadpool_limits(limits=1):
        model.fit(rows[fitting], target[fitting])
        return float(roc_auc_score(target[testing], model.predict_proba(rows[testing])[:, 1]))


def main() -> None:
    """Cross-validate each candidate, fit the members, and say how long that took."""
    asked = json.loads(sys.argv[2])
    joblib.Parallel(n_jobs=CORES)(joblib.delayed(int)(one) for one in range(CORES))  # they start
    began = time.perf_counter()
    rows, target, numbers, words = read(sys.argv[1])
    train, held_out = train_test_split(
        np.arange(len(rows)), test_size=HELD_OUT, stratify=target, random_state=0
    )
    folds = list(StratifiedKFold(asked["folds"]).split(train, target[train]))
    models = [pipeline(one, numbers, words) for one in asked["candidates"]]
    with joblib.Parallel(n_jobs=CORES) as parallel:
        parallel(
            joblib.delayed(fit)(model, rows, target, train[fitting], train[testing])
            for model in models
            for fitting, testing in folds
        )
        parallel(
            joblib.delayed(fit)(models[place], rows, target, train, held_out)
            for place in asked["members"]
        )
    print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main()
