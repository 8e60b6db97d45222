"""Measures of a model's predictions."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from functions.kit.contract.signature import Task

Metrics = dict[str, float]

# What decides which candidate is best, and whether more is better.
PRIMARY: dict[Task, tuple[str, int]] = {
    "binary": ("roc_auc", 1),
    "multiclass": ("log_loss", -1),
    "regression": ("rmse", -1),
}


def measure(task: Task, truth: NDArray[Any], predicted: NDArray[Any]) -> Metrics:
    """Return every measure of the task.

    Args:
        task: what is predicted.
        truth: places of the labels, or numbers, shape [rows].
        predicted: probabilities [rows, labels] for classes, numbers [rows] for a regression.
    """
    ready = predicted if task == "regression" else _shares(predicted)
    return {name: float(one(truth, ready)) for name, one in MEASURES[task].items()}


def score(task: Task, metrics: Metrics) -> float:
    """Return the measure that decides, turned so that more is better."""
    name, sign = PRIMARY[task]
    return sign * metrics[name]


def score_of(
    task: Task,
    truth: NDArray[Any],
    predicted: NDArray[Any],
    weights: NDArray[Any] | None = None,
    name: str | None = None,
) -> float:
    """Return `score` without the other measures; takes what `measure` takes."""
    if weights is not None or name not in {None, PRIMARY[task][0]}:
        raise NotImplementedError("weights, or another measure than the task's")
    deciding, sign = PRIMARY[task]
    ready = predicted if task == "regression" else _shares(predicted)
    return sign * float(MEASURES[task][deciding](truth, ready))


def _shares(predicted: NDArray[Any]) -> NDArray[Any]:
    """Return probabilities as float64 that add up to 1: as float32 they do so roughly."""
    shares: NDArray[Any] = predicted.astype(np.float64)
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def _accuracy(truth: NDArray[Any], shares: NDArray[Any]) -> float:
    return float(np.mean(truth == shares.argmax(axis=1)))


def _log_loss(truth: NDArray[Any], shares: NDArray[Any]) -> float:
    return float(sk.log_loss(truth, shares, labels=range(shares.shape[1])))


def _roc_auc(truth: NDArray[Any], shares: NDArray[Any]) -> float:
    return float(sk.roc_auc_score(truth, shares[:, 1]))


def _roc_auc_of_each(truth: NDArray[Any], shares: NDArray[Any]) -> float:
    """Return the mean of each class's against all others."""
    labels = range(shares.shape[1])
    return float(sk.roc_auc_score(truth, shares, multi_class="ovr", labels=labels))


def _f1(truth: NDArray[Any], shares: NDArray[Any]) -> float:
    return float(sk.f1_score(truth, shares.argmax(axis=1), zero_division=0.0))


def _f1_of_each(truth: NDArray[Any], shares: NDArray[Any]) -> float:
    """Return the mean of each class's."""
    labels, chosen = range(shares.shape[1]), shares.argmax(axis=1)
    return float(sk.f1_score(truth, chosen, average="macro", labels=labels, zero_division=0.0))


def _brier(truth: NDArray[Any], shares: NDArray[Any]) -> float:
    """Return the mean squared error of the positive class's probability."""
    return float(np.mean((shares[:, 1] - truth) ** 2))


def _brier_of_all(truth: NDArray[Any], shares: NDArray[Any]) -> float:
    """Return the mean over the rows of the squared errors of all classes."""
    actual = np.eye(shares.shape[1])[truth]
    return float(np.mean(np.sum((shares - actual) ** 2, axis=1)))


Measure = Callable[[NDArray[Any], NDArray[Any]], float]

MEASURES: dict[Task, dict[str, Measure]] = {
    "binary": {
        "accuracy": _accuracy,
        "roc_auc": _roc_auc,
        "f1": _f1,
        "log_loss": _log_loss,
        "brier": _brier,
    },
    "multiclass": {
        "accuracy": _accuracy,
        "roc_auc": _roc_auc_of_each,
        "f1": _f1_of_each,
        "log_loss": _log_loss,
        "brier": _brier_of_all,
    },
    "regression": {
        "rmse": sk.root_mean_squared_error,
        "mae": sk.mean_absolute_error,
        "r2": sk.r2_score,
    },
}


def average(folds: Sequence[Metrics]) -> Metrics:
    """Return the mean of each measure over the folds."""
    return {name: float(np.mean([fold[name] for fold in folds])) for name in folds[0]}


def spread(folds: Sequence[Metrics]) -> Metrics:
    """Return the standard deviation of each measure over the folds."""
    return {name: float(np.std([fold[name] for fold in folds])) for name in folds[0]}
