"""Samples of rows, for what is worth knowing before all rows are used."""

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.signature import Task

# Of each class, if it has as many: fewer say nothing of it.
LEAST_OF_CLASS = 5


def sample(
    places: NDArray[np.int64], target: NDArray[np.generic], task: Task, count: int, seed: int
) -> NDArray[np.int64]:
    """Return about `count` of `places`, sorted; a class keeps its share, and never goes missing.

    Args:
        places: of rows within `target`.
        target: of all rows.
        task: what is predicted.
        count: how many to draw.
        seed: makes the draw repeatable.
    """
    if len(places) <= count:
        return places
    random = np.random.default_rng(seed)
    if task == "regression":
        return np.sort(random.choice(places, count, replace=False))
    drawn = []
    for label in np.unique(target[places]):
        own = places[target[places] == label]
        wanted = max(round(count * len(own) / len(places)), min(LEAST_OF_CLASS, len(own)))
        drawn.append(random.choice(own, wanted, replace=False))
    return np.sort(np.concatenate(drawn))
