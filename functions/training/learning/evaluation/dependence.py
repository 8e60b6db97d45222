"""Partial dependence: what a model gives on average when a column has this value in all rows."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.measures.rounding import briefs
from functions.kit.contract.models.features import MISSING, Inputs
from functions.kit.contract.models.readable import (
    ReadableColumn,
    inputs_of,
    readable,
)
from functions.kit.contract.models.signature import Signature
from functions.training.learning.evaluation.importance import Importance, Predict

COLUMNS = 6
POINTS = 15
ROWS = 200
LABELS = 5


class Dependence(msgspec.Struct):
    """What the model gives for values of a column, all else as it is.

    Attributes:
        values: of the column: numbers rising, words the most frequent first; null for missing.
        means: of each, a number for each of `labels`; of two labels the positive one, and of a
            regression the value.
    """

    column: str
    labels: list[str]
    values: list[float | str | None]
    means: list[list[float]]


def dependence(
    signature: Signature,
    inputs: Inputs,
    predict: Predict,
    important: list[Importance],
    seed: int,
) -> list[Dependence]:
    """Return the dependence on the most important columns, averaged over up to 200 rows."""
    rows = len(next(iter(inputs.values())))
    some = np.random.default_rng(seed).permutation(rows)[:ROWS]
    columns = {one.name: one for one in readable(signature, inputs)}
    named = [columns[one.column] for one in important[:COLUMNS]]
    return [_of_column(column, signature, inputs, predict, some) for column in named]


def _of_column(
    column: ReadableColumn,
    signature: Signature,
    inputs: Inputs,
    predict: Predict,
    some: NDArray[Any],
) -> Dependence:
    shown = _shown(signature)
    base = {name: values[some] for name, values in inputs.items()}
    donors = _donors(column)
    means = []
    for donor in donors:
        # All inputs that the column became are taken from one row, so that they fit.
        given = {
            name: np.repeat(inputs[name][donor : donor + 1], len(some), axis=0)
            for name in inputs_of(signature)[column.name]
        }
        found = predict({**base, **given}).reshape(len(some), -1).mean(axis=0)
        means.append(briefs(found[shown]))
    labels = [signature.labels[place] for place in shown] if signature.labels else []
    return Dependence(column.name, labels, [column.show(column.values[d]) for d in donors], means)


def _shown(signature: Signature) -> list[int]:
    """Return the places of the outputs that are shown."""
    if signature.task == "multiclass":
        return list(range(min(LABELS, len(signature.labels))))
    return [len(signature.labels) - 1] if signature.labels else [0]


def _donors(column: ReadableColumn) -> list[int]:
    """Return rows whose values of the column are spread as those of all are."""
    if column.kind == "word":
        words, first, counts = np.unique(
            column.values.astype(str), return_index=True, return_counts=True
        )
        often = sorted(range(len(words)), key=lambda one: (words[one] == MISSING, -counts[one]))
        return [int(first[one]) for one in often[:POINTS]]
    there = np.flatnonzero(~column.missing)
    if not len(there):
        return []
    ranked = there[np.argsort(column.values[there], kind="stable")]
    places = ranked[np.linspace(0, len(ranked) - 1, POINTS).round().astype(int)]
    _, first = np.unique(column.values[places], return_index=True)
    return [int(place) for place in places[first]]
