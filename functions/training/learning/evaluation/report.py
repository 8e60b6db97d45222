"""How good the chosen model is on rows that nothing else has seen."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.measures.bootstrap import intervals
from functions.kit.contract.measures.coverage import Coverage, coverage
from functions.kit.contract.measures.expectation.expected import Expectation
from functions.kit.contract.measures.labels import choose
from functions.kit.contract.measures.names import DECIDING, Metrics
from functions.kit.contract.measures.rounding import briefs
from functions.kit.contract.models.signature import Signature
from functions.training.learning.evaluation import baselines, curves, slices
from functions.training.learning.evaluation.dependence import Dependence, dependence
from functions.training.learning.evaluation.importance import (
    Importance,
    Predict,
    importance,
)
from functions.training.learning.evaluation.learning_curve import (
    Fit,
    LearningPoint,
    learning_curve,
)
from functions.training.learning.evaluation.metrics import measure
from functions.training.learning.evaluation.residuals import Residuals, residuals
from functions.training.learning.evaluation.slices import Slice
from functions.training.learning.evaluation.thresholds import Threshold
from functions.training.learning.evaluation.verdict import verdict
from functions.training.learning.evaluation.worst import WorstRow, worst_rows
from functions.training.learning.graph.parity import Parity
from functions.training.learning.plan import Plan

MOST_SLICES = 40


class Confusion(msgspec.Struct):
    """Counts of held-out rows: `matrix[actual][predicted]`, in the order of `labels`."""

    labels: list[str]
    matrix: list[list[int]]


class Evaluation(msgspec.Struct, omit_defaults=True):
    """What the held-out rows say of the model; bounded in size, and without NaN.

    Attributes:
        metrics: measures on the held-out rows; one that is not defined there is missing.
        intervals: of each measure, what it is within for 95 of 100 draws of such rows.
        baseline: the same measures of a model that knows the training target's mean alone.
        baselines: likewise of other simple models: "linear", and "previous", what came last, where
            rows are split by time.
        measure: the name of the measure that chose the candidate and that importance is in.
        verdict: what to think of it, in words.
        better: whether it is better than guessing, by more than chance.
        notes: where it errs most, a sentence each.
        balance: label → its share of the training rows.
        threshold: from which probability on a row is called positive, if that was chosen.
        confusion: at that threshold.
        thresholds: the same at up to fifty others, for two classes.
        roc: [false positive rate, true positive rate], for two classes.
        precision_recall: [recall, precision], for two classes.
        calibration: stated probabilities and what came, of classes.
        lift: of the rows most likely positive, for two classes.
        residuals: of a regression.
        importance: the most important column first.
        dependence: on the most important columns.
        slices: parts of the data, where it errs most above all first.
        worst: the rows that it got most wrong.
        learning_curve: after fitting on fewer rows, where that was cheap.
        certainty: how often sets or intervals held the truth.
        fitted_on_all: whether what is served learnt from the held-out rows too, afterwards.
        expectation: by which its measures are expected later, on rows without a truth.
    """

    metrics: Metrics
    baseline: Metrics
    measure: str
    rows: dict[str, int]
    importance: list[Importance]
    parity: Parity
    intervals: dict[str, tuple[float, float]] = {}
    baselines: dict[str, Metrics] = {}
    verdict: str = ""
    better: bool = False
    notes: list[str] = []
    balance: dict[str, float] = {}
    threshold: Threshold | None = None
    confusion: Confusion | None = None
    thresholds: list[curves.Counts] = []
    roc: list[list[float]] = []
    precision_recall: list[list[float]] = []
    calibration: list[curves.Bin] = []
    lift: list[curves.Lift] = []
    residuals: Residuals | None = None
    dependence: list[Dependence] = []
    slices: list[Slice] = []
    worst: list[WorstRow] = []
    learning_curve: list[LearningPoint] = []
    certainty: list[Coverage] = []
    fitted_on_all: bool = False
    expectation: Expectation | None = None


def evaluate(
    plan: Plan,
    predict: Predict,
    parity: Parity,
    seed: int,
    *,
    predicted: NDArray[Any] | None = None,
    signature: Signature | None = None,
    threshold: Threshold | None = None,
    deciding: str | None = None,
    fit: Fit | None = None,
    beside: Mapping[str, NDArray[Any]] | None = None,
    spread: NDArray[np.float64] | None = None,
) -> Evaluation:
    """Measure a model on the held-out rows.

    Args:
        plan: whose held-out rows are looked at.
        predict: ONNX inputs to probabilities [rows, labels] or numbers [rows].
        parity: how well the file and the library agree.
        seed: makes intervals and importance repeatable.
        predicted: what it predicts for the held-out rows, where that is known already.
        signature: as it is registered, with threshold and certainty; by default the plan's.
        threshold: how the signature's was chosen.
        deciding: the measure that chose the candidate; by default the task's.
        fit: fits on training rows and predicts the held-out ones, if a learning curve is wanted.
        beside: what simpler models predict for the held-out rows.
        spread: how far off those rows may be, where the signature's certainty is scaled.
    """
    signature = signature or plan.signature
    held_out = plan.held_out
    truth = held_out.target
    predicted = predict(held_out.inputs) if predicted is None else predicted
    found = _measured(plan, signature, predicted, parity, deciding)
    found.threshold = threshold
    found.baselines = {
        name: measure(signature.task, truth, one) for name, one in (beside or {}).items()
    }
    found.importance = importance(
        signature, held_out.inputs, truth, predict, seed, deciding, held_out.units
    )
    _judge(found, plan, signature, predicted, seed)
    if signature.certainty is not None:
        found.certainty = coverage(signature.certainty, truth, predicted, signature.labels, spread)
    _draw(found, plan, signature, truth, predicted)
    _look_closer(found, plan, signature, predict, predicted, seed)
    if fit is not None:
        train = plan.train.target
        found.learning_curve = learning_curve(
            signature.task, fit, train, truth, seed, name=deciding, units=held_out.units
        )
    return found


def _measured(
    plan: Plan,
    signature: Signature,
    predicted: NDArray[Any],
    parity: Parity,
    deciding: str | None,
) -> Evaluation:
    task, truth = signature.task, plan.held_out.target
    return Evaluation(
        metrics=measure(task, truth, predicted, threshold=signature.threshold),
        baseline=measure(task, truth, baselines.prior(plan)),
        measure=deciding or DECIDING[task],
        rows={"train": plan.fitted_rows, "held_out": len(truth), **plan.left_out},
        importance=[],
        parity=parity,
    )


def _judge(
    found: Evaluation,
    plan: Plan,
    signature: Signature,
    predicted: NDArray[Any],
    seed: int,
) -> None:
    """Say how sure the measures are, and what to think of them.

    Copies of a row count as one, and rows of a group are drawn together.
    """
    rows, truth = plan.held_out, plan.held_out.target
    drawn = intervals(signature.task, truth, predicted, seed, signature.threshold, rows.units)
    _, first = np.unique(rows.keys, return_index=True)
    judged = verdict(
        signature.task,
        signature.labels,
        truth[first],
        found.metrics,
        drawn,
        grouped=rows.groups is not None,
    )
    found.verdict, found.better = judged.text, judged.better
    for name, (low, high) in drawn.items():
        short = briefs((low, high))
        found.intervals[name] = (short[0], short[1])


def _draw(
    found: Evaluation,
    plan: Plan,
    signature: Signature,
    truth: NDArray[Any],
    predicted: NDArray[Any],
) -> None:
    """Give the numbers that are shown as pictures."""
    if signature.task == "regression":
        found.residuals = residuals(truth, predicted)
        return
    labels = signature.labels
    found.confusion = confusion(labels, truth, choose(predicted, signature.threshold))
    found.balance = dict(zip(labels, _shares(plan).tolist(), strict=True))
    found.calibration = curves.calibration(truth, predicted)
    if signature.task == "binary":
        positive = predicted[:, 1]
        found.thresholds = curves.over_thresholds(truth, positive)
        found.roc = curves.roc_points(truth, positive)
        found.precision_recall = curves.precision_recall_points(truth, positive)
        found.lift = curves.lift(truth, positive)


def _look_closer(
    found: Evaluation,
    plan: Plan,
    signature: Signature,
    predict: Predict,
    predicted: NDArray[Any],
    seed: int,
) -> None:
    """Give what the model makes of columns, parts of the data, and single rows."""
    inputs, truth = plan.held_out.inputs, plan.held_out.target
    found.dependence = dependence(signature, inputs, predict, found.importance, seed)
    keys, units = plan.held_out.keys, plan.held_out.units
    cut = slices.slices(signature, inputs, keys, truth, predicted, found.importance, units)
    found.slices, found.notes = cut[:MOST_SLICES], slices.notes(cut, signature.task)
    found.worst = worst_rows(signature, inputs, keys, truth, predicted)


def confusion(labels: list[str], truth: NDArray[Any], chosen: NDArray[Any]) -> Confusion:
    """Count how often each label was called what."""
    count = len(labels)
    pairs = np.bincount(truth * count + chosen, minlength=count * count)
    return Confusion(labels, pairs.reshape(count, count).tolist())


def _shares(plan: Plan) -> NDArray[Any]:
    """Return each label's share of the training rows."""
    counts = np.bincount(plan.train.target, minlength=len(plan.signature.labels))
    shares: NDArray[Any] = counts / counts.sum()
    return shares
