"""One number for how good predictions are, the same for everybody: more is better."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from functions.kit.contract.models.signature import Task

NAMES: dict[Task, str] = {
    "binary": "ROC AUC",
    "multiclass": "- log loss",
    "regression": "- RMSE",
}
# Who says that something cannot be pays for it, but not without bound.
LEAST_PROBABILITY = 1e-4
# A column of yes and no is one of truth values to us.
TRUTHS = {"yes": "true", "no": "false"}


@dataclass(frozen=True)
class Predicted:
    """Probabilities of `labels` for each row, or values."""

    labels: list[str]
    values: list[Any]


def score(task: Task, truth: Sequence[str], predicted: Predicted) -> float:
    """Return the measure of the task."""
    values = np.array(predicted.values, dtype=np.float64)
    if task == "regression":
        return -float(np.sqrt(np.mean((values - np.array(truth, dtype=np.float64)) ** 2)))
    places = {_plain(label): place for place, label in enumerate(predicted.labels)}
    actual = np.array([places[_plain(one)] for one in truth])
    if task == "binary":
        return _auc(actual == 1, values[:, 1])
    shares = np.clip(values, LEAST_PROBABILITY, None)
    shares /= shares.sum(axis=1, keepdims=True)
    return float(np.mean(np.log(shares[np.arange(len(actual)), actual])))


def _auc(positive: NDArray[np.bool_], values: NDArray[np.float64]) -> float:
    """Return the share of pairs in the right order; alike whichever label is the positive one."""
    ranks = rankdata(values)
    count = int(positive.sum())
    other = len(positive) - count
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * other))


def _plain(label: str) -> str:
    """Return a label as all spell it: 1.0 is 1, True is true, and so is yes."""
    try:
        return f"{float(label):g}"
    except ValueError:
        word = label.strip().lower()
        return TRUTHS.get(word, word)
