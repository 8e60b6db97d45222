"""The measures that a model can be expected to have on rows whose truth is not known.

Of classes each row counts with every label, as much as that label is likely; so the measures are
those of `measuring`, weighted. How far the truth may be off is drawn: labels by their chances, and
chances by how sure these are.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from functions.kit.contract.measures.expectation.chances import Chances
from functions.kit.contract.measures.expectation.losses import Losses
from functions.kit.contract.measures.measuring import measure, weighted
from functions.kit.contract.measures.names import DIRECTIONS
from functions.kit.contract.measures.shares import Z
from functions.kit.contract.models.readable import ReadableColumn
from functions.kit.contract.models.signature import Task
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any

DRAWS = 60
MOST_DRAWN = 5_000
"""Rows times labels in a draw; of more rows some are drawn with."""
# 0 to 1, but for these.
_FROM = {"mcc": -1.0}
_UNBOUNDED = frozenset({"log_loss", "brier"})


class Expectation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is needed to expect a version's measures: one of the two, by its task."""

    chances: Chances | None = None
    losses: Losses | None = None


class Expected(NamedTuple):
    """A measure, and what it will be within 95 of 100 times when labels come."""

    value: float
    low: float
    high: float


def expected_of_classes(
    task: Task,
    chances: Chances,
    predicted: Array,
    columns: Mapping[str, ReadableColumn],
    threshold: float | None = None,
    seed: int = 0,
) -> dict[str, Expected]:
    """Return each measure's expectation on rows; none of no rows.

    Args:
        task: binary or multiclass.
        chances: what mends probabilities.
        predicted: probabilities, [rows, labels].
        columns: of the rows, by name.
        threshold: as `measure` takes it.
        seed: makes the draws repeatable.
    """
    rows, labels = predicted.shape
    if not rows:
        return {}
    mended = chances.apply(predicted, columns)
    truth = np.tile(np.arange(labels), rows)
    found = measure(task, truth, np.repeat(predicted, labels, axis=0), mended.ravel(), threshold)
    drawn = _draws(task, chances, predicted, columns, threshold, seed)
    return {
        name: _between(name, value, 0.0 if name not in drawn else Z * drawn[name])
        for name, value in found.items()
    }


def _draws(
    task: Task,
    chances: Chances,
    predicted: Array,
    columns: Mapping[str, ReadableColumn],
    threshold: float | None,
    seed: int,
) -> dict[str, float]:
    """Return how far each measure is likely off: the standard deviation over draws."""
    random, (rows, labels) = np.random.default_rng(seed), predicted.shape
    places = np.arange(rows)
    if rows * labels > MOST_DRAWN:
        places = random.choice(rows, max(1, MOST_DRAWN // labels), replace=False)
    some = {
        name: ReadableColumn(name, one.kind, one.values[places]) for name, one in columns.items()
    }
    known, kept = predicted[places], chances.apply(predicted[places], some)
    truth, told = np.tile(np.arange(labels), len(places)), np.repeat(known, labels, axis=0)
    limits, each = kept.cumsum(axis=1)[:, :-1], np.eye(labels)
    by_chance = [
        each[(random.random((len(places), 1)) > limits).sum(axis=1)].ravel() for _ in range(DRAWS)
    ]
    by_lines = [one.ravel() for one in chances.drawn(known, some, random, DRAWS)]
    noise, doubt = (
        weighted(task, truth, told, np.stack(weights), threshold)
        for weights in (by_chance, by_lines)
    )
    share = len(places) / rows
    return {
        name: float(np.sqrt(_variance(noise[name]) * share + _variance(doubt[name])))
        for name in noise
    }


def _variance(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known.var()) if len(known) > 1 else 0.0


def _between(name: str, value: float, half: float) -> Expected:
    low, high = value - half, value + half
    if name in _UNBOUNDED or name not in DIRECTIONS["binary"]:
        return Expected(value, max(low, 0.0), high)
    return Expected(value, max(low, _FROM.get(name, 0.0)), min(high, 1.0))


def expected_of_numbers(
    losses: Losses,
    predicted: Array,
    columns: Mapping[str, ReadableColumn],
    spread: Array | None = None,
) -> dict[str, Expected]:
    """Return each measure's expectation on rows of a regression; none of no rows.

    R² takes errors to be 0 on the mean, wherever the answer is: then the truth varies by as much as
    answers and errors together.

    Args:
        losses: how wrong it is likely to be.
        predicted: numbers, [rows].
        columns: of the rows, by name.
        spread: of the rows, where the model gives one.
    """
    rows = len(predicted)
    if not rows or (losses.scaled and spread is None):
        return {}
    each = losses.apply(rows, columns, spread)
    means = {name: _mean(values, losses, name) for name, values in each.items()}
    square = means.pop("square")
    found = {name: _between(name, mean, Z * error) for name, (mean, error) in means.items()}
    ends = [max(square[0] + side * Z * square[1], 0.0) for side in (0, -1, 1)]
    found["rmse"] = Expected(*(float(np.sqrt(one)) for one in ends))
    varies = float(np.var(predicted))
    if varies > 0:
        explained = [1 - one / (varies + one) for one in ends]
        found["r2"] = Expected(explained[0], explained[2], explained[1])
    return found


def _mean(values: Array, losses: Losses, name: str) -> tuple[float, float]:
    """Return the mean, and its standard error: by the rows' own chance, and by what was learnt."""
    mean, scatter = float(values.mean()), losses.of[name].scatter
    own = scatter * float((values**2).sum()) / len(values) ** 2
    return mean, float(np.sqrt(own + scatter / losses.rows * mean**2))
