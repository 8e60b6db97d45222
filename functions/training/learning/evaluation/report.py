"""How good the chosen model is on rows that nothing else has seen."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from functions.kit.contract.features import Inputs
from functions.training.learning.evaluation.metrics import (
    PRIMARY,
    Metrics,
    measure,
    score_of,
)
from functions.training.learning.graph.parity import Parity
from functions.training.learning.plan import Plan, Rows

Predict = Callable[[Inputs], NDArray[Any]]

MOST_ROC_POINTS = 200
IMPORTANCE_ROWS = 2000
IMPORTANCE_REPEATS = 10
IMPORTANCE_SECONDS = 10.0


class Confusion(msgspec.Struct):
    """Counts of held-out rows: `matrix[actual][predicted]`, in the order of `labels`."""

    labels: list[str]
    matrix: list[list[int]]


class Importance(msgspec.Struct):
    """How much worse the deciding measure gets when the column's values change places."""

    column: str
    value: float


class Evaluation(msgspec.Struct, omit_defaults=True):
    """What the held-out rows say of the model.

    Attributes:
        metrics: measures on the held-out rows.
        baseline: the same measures of a model that knows the training target's mean alone.
        measure: the name of the measure that chose the candidate and that importance is in.
        balance: label → its share of the training rows.
        roc: [false positive rate, true positive rate], for two classes.
        importance: the most important column first.
    """

    metrics: Metrics
    baseline: Metrics
    measure: str
    rows: dict[str, int]
    importance: list[Importance]
    parity: Parity
    balance: dict[str, float] = {}
    roc: list[list[float]] = []
    confusion: Confusion | None = None


def evaluate(plan: Plan, predict: Predict, parity: Parity, seed: int) -> Evaluation:
    """Measure `predict` (ONNX inputs to probabilities or numbers) on the held-out rows."""
    held_out, task = plan.held_out, plan.task
    predicted = predict(held_out.inputs)
    found = Evaluation(
        metrics=measure(task, held_out.target, predicted),
        baseline=measure(task, held_out.target, _baseline(plan)),
        measure=PRIMARY[task][0],
        rows={
            "train": plan.train.rows,
            "held_out": held_out.rows,
            **plan.left_out,
        },
        importance=importance(plan, predict, seed),
        parity=parity,
    )
    if task == "regression":
        return found
    labels = plan.signature.labels
    matrix = sk.confusion_matrix(
        held_out.target, predicted.argmax(axis=1), labels=range(len(labels))
    )
    found.confusion = Confusion(labels, matrix.tolist())
    found.balance = dict(zip(labels, _shares(plan).tolist(), strict=True))
    if task == "binary":
        found.roc = roc_points(held_out.target, predicted[:, 1])
    return found


def _shares(plan: Plan) -> NDArray[Any]:
    """Return each label's share of the training rows."""
    counts = np.bincount(plan.train.target, minlength=len(plan.signature.labels))
    shares: NDArray[Any] = counts / counts.sum()
    return shares


def _baseline(plan: Plan) -> NDArray[Any]:
    rows = plan.held_out.rows
    if plan.task == "regression":
        return np.full(rows, plan.train.target.mean())
    return np.tile(_shares(plan), (rows, 1))


def roc_points(
    truth: NDArray[Any], positive: NDArray[Any], most: int = MOST_ROC_POINTS
) -> list[list[float]]:
    """Return the ROC curve, thinned evenly to at most `most` points; its ends stay."""
    false_rate, true_rate, _ = sk.roc_curve(truth, positive)
    chosen = np.linspace(0, len(false_rate) - 1, min(most, len(false_rate))).round().astype(int)
    return [[float(false_rate[i]), float(true_rate[i])] for i in chosen]


def importance(plan: Plan, predict: Predict, seed: int) -> list[Importance]:
    """Return the permutation importance of each used column, found in bounded time.

    Each column of the held-out rows is shuffled ten times, or as often as the time allows, but at
    least once.
    """
    random = np.random.default_rng(seed)
    part = _sample(plan.held_out, random)
    whole = score_of(plan.task, part.target, predict(part.inputs))
    losses: dict[str, list[float]] = {one.column: [] for one in plan.signature.features}
    deadline = time.monotonic() + IMPORTANCE_SECONDS
    for _ in range(IMPORTANCE_REPEATS):
        for feature in plan.signature.features:
            shuffled = random.permutation(part.inputs[feature.input])
            predicted = predict({**part.inputs, feature.input: shuffled})
            less = score_of(plan.task, part.target, predicted)
            losses[feature.column].append(whole - less)
        if time.monotonic() > deadline:
            break
    found = [Importance(column, float(np.mean(values))) for column, values in losses.items()]
    return sorted(found, key=lambda one: -one.value)


def _sample(part: Rows, random: np.random.Generator) -> Rows:
    """Return at most 2,000 rows; a class may be lost from more, never from fewer."""
    if part.rows <= IMPORTANCE_ROWS:
        return part
    return part.take(np.sort(random.choice(part.rows, IMPORTANCE_ROWS, replace=False)))
