"""Measures of a model's predictions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from functions.kit.signature import Task

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
    if task == "regression":
        return _regression(truth, predicted)
    return _classes(truth, predicted)


def _regression(truth: NDArray[Any], predicted: NDArray[Any]) -> Metrics:
    return {
        "rmse": float(sk.root_mean_squared_error(truth, predicted)),
        "mae": float(sk.mean_absolute_error(truth, predicted)),
        "r2": float(sk.r2_score(truth, predicted)),
    }


def _classes(truth: NDArray[Any], predicted: NDArray[Any]) -> Metrics:
    # Float32 probabilities add up to 1 within float32 only.
    shares = predicted.astype(np.float64)
    shares /= shares.sum(axis=1, keepdims=True)
    labels = list(range(shares.shape[1]))
    chosen = shares.argmax(axis=1)
    two = len(labels) == 2
    return {
        "accuracy": float(sk.accuracy_score(truth, chosen)),
        "roc_auc": float(
            sk.roc_auc_score(truth, shares[:, 1])
            if two
            else sk.roc_auc_score(truth, shares, multi_class="ovr", labels=labels)
        ),
        "f1": float(
            sk.f1_score(truth, chosen, zero_division=0.0)
            if two
            else sk.f1_score(truth, chosen, average="macro", labels=labels, zero_division=0.0)
        ),
        "log_loss": float(sk.log_loss(truth, shares, labels=labels)),
        "brier": _brier(truth, shares),
    }


def _brier(truth: NDArray[Any], shares: NDArray[Any]) -> float:
    """Mean squared error of the probabilities; of two classes the positive one's alone."""
    actual = np.eye(shares.shape[1])[truth]
    if shares.shape[1] == 2:
        return float(np.mean((shares[:, 1] - actual[:, 1]) ** 2))
    return float(np.mean(np.sum((shares - actual) ** 2, axis=1)))


def score(task: Task, metrics: Metrics) -> float:
    """Return the measure that decides, turned so that more is better."""
    name, sign = PRIMARY[task]
    return sign * metrics[name]


def average(folds: Sequence[Metrics]) -> Metrics:
    """Return the mean of each measure over the folds."""
    return {name: float(np.mean([fold[name] for fold in folds])) for name in folds[0]}


def spread(folds: Sequence[Metrics]) -> Metrics:
    """Return the standard deviation of each measure over the folds."""
    return {name: float(np.std([fold[name] for fold in folds])) for name in folds[0]}
