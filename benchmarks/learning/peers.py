"""The peers: run by the interpreter of their own environment, with what is in `peers.txt` alone.

    python peers.py NAME TASK TARGET SECONDS TRAIN.csv TEST.csv

prints JSON: `labels`, and for each row of the test file its probabilities, or its value. Each gets
what its users give it: the defaults, in a pipeline that imputes, scales and encodes.
"""

import json
import sys
import warnings
from collections.abc import Callable
from typing import Any

import pandas as pd
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

CORES = 2
MOST_LEVELS = 255  # of a category that HistGradientBoosting takes
METRICS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}

numbers = make_column_selector(dtype_include="number")
texts = make_column_selector(dtype_exclude="number")


def _one_hot(*, scaled: bool) -> Any:
    filled = [SimpleImputer(strategy="median", add_indicator=True)]
    if scaled:
        filled.append(StandardScaler())
    words = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5)
    return make_column_transformer((make_pipeline(*filled), numbers), (words, texts))


def linear(task: str) -> Any:
    """Return the linear model of the task."""
    model = RidgeCV() if task == "regression" else LogisticRegression(max_iter=2000)
    return make_pipeline(_one_hot(scaled=True), model)


def random_forest(task: str) -> Any:
    """Return a random forest."""
    kind = RandomForestRegressor if task == "regression" else RandomForestClassifier
    return make_pipeline(_one_hot(scaled=False), kind(n_jobs=CORES, random_state=0))


def hist_gradient_boosting(task: str) -> Any:
    """Return scikit-learn's gradient boosting."""
    kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    words = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, min_frequency=5)
    columns = make_column_transformer(("passthrough", numbers), (words, texts))
    return Pipeline([("columns", columns), ("model", kind(random_state=0))])


class Lightgbm:
    """LightGBM with its native categories."""

    def __init__(self, task: str) -> None:
        kind = LGBMRegressor if task == "regression" else LGBMClassifier
        self._model = kind(n_jobs=CORES, random_state=0, verbose=-1)
        self._levels: dict[str, Any] = {}

    def fit(self, table: pd.DataFrame, target: pd.Series) -> "Lightgbm":
        """Fit."""
        self._levels = {name: table[name].dropna().unique() for name in texts(table)}
        self._model.fit(self._typed(table), target)
        return self

    def _typed(self, table: pd.DataFrame) -> pd.DataFrame:
        kinds = {name: pd.CategoricalDtype(found) for name, found in self._levels.items()}
        typed = table.astype(kinds)
        typed.columns = [f"c{place}" for place in range(len(typed.columns))]
        return typed

    def predict(self, table: pd.DataFrame) -> Any:
        """Predict."""
        return self._model.predict(self._typed(table))

    def predict_proba(self, table: pd.DataFrame) -> Any:
        """Predict probabilities."""
        return self._model.predict_proba(self._typed(table))

    @property
    def classes_(self) -> Any:
        """The labels."""
        return self._model.classes_


class Flaml:
    """FLAML with the seconds that we have."""

    def __init__(self, task: str, seconds: float) -> None:
        from flaml import AutoML  # noqa: PLC0415 - the others do without

        self._model = AutoML()
        self._options = {
            "task": "regression" if task == "regression" else "classification",
            "metric": METRICS[task],
            "time_budget": seconds,
            "n_jobs": CORES,
            "seed": 0,
            "verbose": 0,
        }

    def fit(self, table: pd.DataFrame, target: pd.Series) -> "Flaml":
        """Search for as long as it may."""
        self._model.fit(table, target, **self._options)
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


PEERS: dict[str, Callable[[str, float], Any]] = {
    "linear": lambda task, _: linear(task),
    "random forest": lambda task, _: random_forest(task),
    "HistGB": lambda task, _: hist_gradient_boosting(task),
    "LightGBM": lambda task, _: Lightgbm(task),
    "FLAML": Flaml,
}


def main(name: str, task: str, target: str, seconds: float, train: str, test: str) -> None:
    """Fit on one file, and print what is predicted for the other."""
    learnt, asked = pd.read_csv(train), pd.read_csv(test)
    truth = learnt.pop(target)
    if task != "regression":
        truth = truth.astype(str)
    # A column that is empty in the one file has no kind there.
    asked = asked[learnt.columns].astype(learnt.dtypes.to_dict(), errors="ignore")
    model = PEERS[name](task, seconds).fit(learnt, truth)
    if task == "regression":
        print(json.dumps({"labels": [], "predicted": model.predict(asked).tolist()}))
    else:
        labels = [str(one) for one in model.classes_]
        print(json.dumps({"labels": labels, "predicted": model.predict_proba(asked).tolist()}))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    _, who, what, column, length, *files = sys.argv
    main(who, what, column, float(length), *files)
