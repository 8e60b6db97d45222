"""Measures of candidates: which one decides, and their mean over the folds."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.measures.measuring import measure, weighted
from functions.kit.contract.measures.names import DECIDING, DIRECTIONS, Metrics
from functions.kit.contract.models.signature import Task

__all__ = ["MEASURES", "PRIMARY", "Metrics", "average", "measure", "score", "score_of", "spread"]

# Of each task: the measures with 1 where more is better, -1 where less is; the one that decides.
MEASURES = DIRECTIONS
PRIMARY = {task: (name, DIRECTIONS[task][name]) for task, name in DECIDING.items()}


def score(task: Task, metrics: Metrics, name: str | None = None) -> float:
    """Return the measure that decides, or `name`, turned so that more is better.

    One that is not defined is worse than any.
    """
    deciding = name or DECIDING[task]
    if deciding not in metrics:
        return -math.inf
    return DIRECTIONS[task][deciding] * metrics[deciding]


def score_of(
    task: Task,
    truth: NDArray[Any],
    predicted: NDArray[Any],
    weights: NDArray[Any] | None = None,
    name: str | None = None,
) -> float:
    """Return `score` without the other measures; takes what `measure` takes."""
    deciding = name or DECIDING[task]
    counted = np.ones(len(truth)) if weights is None else weights
    found = weighted(task, truth, predicted, counted[None, :], only=frozenset({deciding}))
    return DIRECTIONS[task][deciding] * float(found[deciding][0])


def average(folds: Sequence[Metrics]) -> Metrics:
    """Return the mean over the folds of each measure that is defined in all."""
    return {name: float(np.mean([fold[name] for fold in folds])) for name in _common(folds)}


def spread(folds: Sequence[Metrics]) -> Metrics:
    """Return the standard deviation over the folds of each measure that is defined in all."""
    return {name: float(np.std([fold[name] for fold in folds])) for name in _common(folds)}


def _common(folds: Sequence[Metrics]) -> list[str]:
    return [name for name in folds[0] if all(name in fold for fold in folds)]
