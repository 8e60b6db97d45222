"""What more rows would give: measures on the held-out rows after fitting on some of the others."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
import structlog
from numpy.typing import NDArray

from functions.kit.contract.measures.bootstrap import draw, limits
from functions.kit.contract.measures.names import DECIDING, DIRECTIONS
from functions.kit.contract.measures.rounding import brief
from functions.kit.contract.models.signature import Task
from functions.training.learning.evaluation.metrics import score_of

log = structlog.get_logger()

# Fits on the training rows at these places, and predicts all held-out rows.
Fit = Callable[[NDArray[np.int64]], NDArray[Any]]

SHARES = (0.1, 0.2, 0.4, 0.7, 1.0)
FEWEST_ROWS = 10
# For the interval of a point, which is looked at as a picture.
DRAWS = 100


class LearningPoint(msgspec.Struct):
    """The deciding measure after fitting on so many rows, with the interval it is in."""

    rows: int
    value: float
    low: float
    high: float


def learning_curve(
    task: Task,
    fit: Fit,
    train: NDArray[Any],
    truth: NDArray[Any],
    seed: int,
    shares: Sequence[float] = SHARES,
    name: str | None = None,
    units: NDArray[np.uint64] | None = None,
) -> list[LearningPoint]:
    """Return a point for each share of the training rows, each holding those of the one before.

    A share of too few rows, or that lacks a class or cannot be fitted on, is passed over.

    Args:
        task: what is predicted.
        fit: fits and predicts; it is called once for each point.
        train: the target of the training rows.
        truth: the target of the held-out rows.
        seed: makes it repeatable.
        shares: of the training rows, rising.
        name: the measure; by default the task's.
        units: of the held-out rows, copies or of a group; those of one are drawn together.
    """
    order = np.random.default_rng(seed).permutation(len(train))
    found = []
    for share in shares:
        places = np.sort(order[: round(share * len(train))])
        if not _enough(task, train, places):
            continue
        try:
            predicted = fit(places)
        except Exception as error:  # an algorithm's own; a model that is whole is worth more
            log.warning("a share of the rows cannot be fitted on", rows=len(places), exc_info=error)
            continue
        found.append(_point(task, truth, predicted, len(places), seed, name, units))
    return found


def _enough(task: Task, train: NDArray[Any], places: NDArray[np.int64]) -> bool:
    if len(places) < FEWEST_ROWS:
        return False
    return task == "regression" or len(np.unique(train[places])) == len(np.unique(train))


def _point(
    task: Task,
    truth: NDArray[Any],
    predicted: NDArray[Any],
    rows: int,
    seed: int,
    name: str | None,
    units: NDArray[np.uint64] | None,
) -> LearningPoint:
    deciding = name or DECIDING[task]
    value = DIRECTIONS[task][deciding] * score_of(task, truth, predicted, name=deciding)
    drawn = draw(task, truth, predicted, seed, only=frozenset({deciding}), units=units, most=DRAWS)
    low, high = limits(drawn[deciding]) or (value, value)
    return LearningPoint(rows, brief(value), brief(low), brief(high))
