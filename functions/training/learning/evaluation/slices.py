"""The same measures for parts of the data: where a model is worse than elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.measures.labels import choose
from functions.kit.contract.measures.measuring import measure
from functions.kit.contract.measures.parts import Where, in_words, inside, parts_of
from functions.kit.contract.measures.rounding import brief
from functions.kit.contract.models.features import Inputs
from functions.kit.contract.models.readable import ReadableColumn, readable
from functions.kit.contract.models.signature import Signature
from functions.training.learning.evaluation.importance import Importance

COLUMNS = 12
FEWEST_ROWS = 20
# That any of the slices is called worse where none is.
CHANCE = 0.05


class Slice(msgspec.Struct):
    """Rows that a value, or a range of values, of a column makes a part of their own.

    Attributes:
        part: which rows, in words.
        metrics: the usual measures of those rows.
        gap: how much more it errs there than elsewhere: the share of wrong labels, or the mean
            distance, less that of all other rows.
        low: of the gap's interval; that of all slices together is right 95 of 100 times.
        high: likewise.
        where: which values make the part.
    """

    column: str
    part: str
    rows: int
    metrics: dict[str, float]
    gap: float
    low: float
    high: float
    where: Where

    @property
    def worse(self) -> bool:
        """Whether it errs more there by more than chance."""
        return self.low > 0


@dataclass(frozen=True)
class _Part:
    column: str
    words: str
    inside: NDArray[np.bool_]
    where: Where


@dataclass(frozen=True)
class _Errors:
    """How wrong each row is, and the number of its unit."""

    each: NDArray[np.float64]
    unit: NDArray[np.int64]

    def variance(self, inside: NDArray[np.bool_]) -> float:
        """Return that of the mean, as if there were one error more and one less: never 0."""
        errors = self.each[inside]
        spread = float(errors.max() - errors.min()) or float(np.abs(errors).max())
        together = np.bincount(self.unit[inside], weights=errors - errors.mean())
        return float(np.sum(together**2) + spread**2 / 2) / len(errors) ** 2


def slices(
    signature: Signature,
    inputs: Inputs,
    keys: NDArray[np.uint64],
    truth: NDArray[Any],
    predicted: NDArray[Any],
    important: list[Importance],
    units: NDArray[np.uint64] | None = None,
) -> list[Slice]:
    """Return the slices by the most important columns, where it errs most above all first.

    Copies of a row, which have its key, count as one; rows of one of the `units` err alike.
    """
    _, first = np.unique(keys, return_index=True)
    _, unit = np.unique((keys if units is None else units)[first], return_inverse=True)
    inputs = {name: values[first] for name, values in inputs.items()}
    truth, predicted = truth[first], predicted[first]
    columns = {one.name: one for one in readable(signature, inputs)}
    named = [columns[one.column] for one in important[:COLUMNS]]
    parts = [
        part
        for column in named
        for part in _parts(column)
        if FEWEST_ROWS <= part.inside.sum() <= len(truth) - FEWEST_ROWS
    ]
    errors = _Errors(_errors(signature, truth, predicted), unit)
    z = _beyond(CHANCE / max(len(parts), 1))
    found = [_slice(part, signature, truth, predicted, errors, z) for part in parts]
    return sorted(found, key=lambda one: -one.low)


def notes(found: list[Slice], task: str, most: int = 3) -> list[str]:
    """Say where the model errs more than elsewhere by more than chance."""
    wrong = "is off by {:.4g} more" if task == "regression" else "is wrong {:.0%} more often"
    return [
        f"Where '{one.column}' is {one.part} ({one.rows} held-out rows), it "
        f"{wrong.format(one.gap)} than elsewhere."
        for one in found[:most]
        if one.worse
    ]


def _errors(
    signature: Signature, truth: NDArray[Any], predicted: NDArray[Any]
) -> NDArray[np.float64]:
    if signature.task == "regression":
        wrong = np.abs(truth - predicted.reshape(-1))
    else:
        wrong = choose(predicted, signature.threshold) != truth
    found: NDArray[np.float64] = wrong.astype(np.float64)
    return found


def _parts(column: ReadableColumn) -> Iterator[_Part]:
    for where in parts_of(column):
        yield _Part(column.name, in_words(where, column), inside(where, column), where)


def _slice(
    part: _Part,
    signature: Signature,
    truth: NDArray[Any],
    predicted: NDArray[Any],
    errors: "_Errors",
    z: float,
) -> Slice:
    rows = part.inside
    metrics = measure(signature.task, truth[rows], predicted[rows], threshold=signature.threshold)
    gap = float(errors.each[rows].mean() - errors.each[~rows].mean())
    half = z * float(np.sqrt(errors.variance(rows) + errors.variance(~rows)))
    return Slice(
        part.column,
        part.words,
        int(rows.sum()),
        {name: brief(value) for name, value in metrics.items()},
        brief(gap),
        brief(gap - half),
        brief(gap + half),
        part.where,
    )


def _beyond(chance: float) -> float:
    """Return how many standard deviations leave `chance` outside, on both sides together."""
    return NormalDist().inv_cdf(1 - chance / 2)
