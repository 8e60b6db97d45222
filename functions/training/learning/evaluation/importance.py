"""Permutation importance: how much worse a model is when a column's values change places."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.measures.rounding import brief
from functions.kit.contract.models.features import Inputs
from functions.kit.contract.models.readable import inputs_of
from functions.kit.contract.models.signature import Signature
from functions.training.learning.evaluation.metrics import score_of

Predict = Callable[[Inputs], NDArray[Any]]

IMPORTANCE_ROWS = 1_000
IMPORTANCE_REPEATS = 10
IMPORTANCE_SECONDS = 2.5
Z = 1.959964


class Importance(msgspec.Struct, omit_defaults=True):
    """How much worse the deciding measure gets when the column's values change places.

    Attributes:
        low: of the interval that the value is in for other rows and other changes, 95 of 100
            times; None where it was found once only.
        high: likewise.
    """

    column: str
    value: float
    low: float | None = None
    high: float | None = None


def importance(
    signature: Signature,
    inputs: Inputs,
    truth: NDArray[Any],
    predict: Predict,
    seed: int,
    name: str | None = None,
    units: NDArray[np.uint64] | None = None,
) -> list[Importance]:
    """Return the importance of each used column, the most important first, in bounded time.

    Each column is shuffled ten times, or as often as the time allows, but at least once; each
    time the rows are drawn anew, so that the interval knows how few they are.

    Args:
        signature: says which inputs a column became; they change places together.
        inputs: of the held-out rows.
        truth: of those rows.
        predict: the model.
        seed: makes it repeatable.
        name: the measure; by default the task's.
        units: of the rows, copies or of a group; those of one are drawn together.
    """
    random = np.random.default_rng(seed)
    places = _sample(len(truth), random)
    inputs, truth = {one: values[places] for one, values in inputs.items()}, truth[places]
    unit = _unit(len(truth), None if units is None else units[places])
    whole = predict(inputs)
    task, columns = signature.task, inputs_of(signature)
    losses: dict[str, list[float]] = {column: [] for column in columns}
    deadline = time.monotonic() + IMPORTANCE_SECONDS
    for repeat in range(IMPORTANCE_REPEATS):
        # The first is of all rows, so that a single one is the importance itself.
        weights = _weights(unit, repeat, random)
        best = score_of(task, truth, whole, weights, name)
        for column, of_column in columns.items():
            order = random.permutation(len(truth))
            shuffled = {**inputs, **{one: inputs[one][order] for one in of_column}}
            losses[column].append(best - score_of(task, truth, predict(shuffled), weights, name))
        if time.monotonic() > deadline:
            break
    found = [_summed(column, np.array(values)) for column, values in losses.items()]
    return sorted(found, key=lambda one: -one.value)


def _unit(rows: int, units: NDArray[np.uint64] | None) -> NDArray[np.int64]:
    """Return the number of each row's unit, from 0 on."""
    if units is None:
        return np.arange(rows)
    found: NDArray[np.int64] = np.unique(units, return_inverse=True)[1]
    return found


def _weights(
    unit: NDArray[np.int64], repeat: int, random: np.random.Generator
) -> NDArray[np.float64]:
    if repeat == 0:
        return np.ones(len(unit))
    count = int(unit.max()) + 1
    taken = np.bincount(random.integers(0, count, count), minlength=count)
    weights: NDArray[np.float64] = taken.astype(np.float64)[unit]
    return weights


def _summed(column: str, values: NDArray[Any]) -> Importance:
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return Importance(column, brief(values[0]) if len(values) else 0.0)
    mean, spread = float(values.mean()), float(values.std(ddof=1))
    return Importance(column, brief(mean), brief(mean - Z * spread), brief(mean + Z * spread))


def _sample(rows: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Return at most 1,000 places; a class may be lost from more, never from fewer."""
    if rows <= IMPORTANCE_ROWS:
        return np.arange(rows)
    return np.sort(random.choice(rows, IMPORTANCE_ROWS, replace=False))
