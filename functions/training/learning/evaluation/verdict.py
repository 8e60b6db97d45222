"""One sentence or two on what the held-out rows say, that no high accuracy can flatter."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.measures.names import Metrics
from functions.kit.contract.models.signature import Task
from functions.kit.contract.wording import counted

Intervals = dict[str, tuple[float, float]]

Z = 1.959964

# Of the held-out rows of a class: with fewer, little is known of it.
FEW = 5

# A class that this share of the rows has makes accuracy say little.
MOST = 0.8


@dataclass(frozen=True)
class Verdict:
    """Whether a model is better than guessing by more than chance, and what to say of it."""

    better: bool
    text: str


def verdict(
    task: Task,
    labels: list[str],
    truth: NDArray[Any],
    metrics: Metrics,
    intervals: Intervals,
    *,
    grouped: bool = False,
) -> Verdict:
    """Return what to say of measures on held-out rows with this truth.

    Args:
        task: what is predicted.
        labels: the classes.
        truth: places of the labels, or numbers, [rows]; copies left out.
        metrics: the measures.
        intervals: of the measures.
        grouped: whether rows come in groups, so that they are fewer than they look.
    """
    if task == "regression":
        return _of_quantity(metrics, intervals)
    counts = np.bincount(truth, minlength=len(labels))
    better = _ranks(task, counts, metrics, intervals, grouped=grouped)
    labelled = intervals["balanced_accuracy"][0] > 1 / len(labels)
    sentences = [
        _head(len(truth), better=better, labelled=labelled),
        _numbers(labels, counts, metrics),
    ]
    rarest = int(counts.argmin())
    if counts[rarest] < FEW:
        sentences.append(
            f"Only {counted(int(counts[rarest]), 'held-out row')} "
            f"{'is' if counts[rarest] == 1 else 'are'} '{labels[rarest]}': how well it knows "
            "those is hardly known."
        )
    return Verdict(better, " ".join(sentences))


def _ranks(
    task: Task, counts: NDArray[Any], metrics: Metrics, intervals: Intervals, *, grouped: bool
) -> bool:
    """Tell whether it puts rows in a better order than chance does, 95 of 100 times."""
    surely = intervals.get("roc_auc", (0.0, 1.0))[0] > 0.5
    if task == "multiclass" or "roc_auc" not in metrics or (grouped and not surely):
        return surely
    # Draws of very few rows are too sure of themselves; the rank test of Mann and Whitney is not.
    spread = np.sqrt((counts.sum() + 1) / (12 * counts[0] * counts[1]))
    return bool(metrics["roc_auc"] - 0.5 > Z * spread)


def _head(rows: int, *, better: bool, labelled: bool) -> str:
    if not better:
        return f"No better than guessing, as far as {counted(rows, 'held-out row')} can tell."
    if not labelled:
        return (
            "It puts rows in a better order than guessing does, but its labels are no better: "
            "choose a threshold by a 'goal'."
        )
    return "Better than guessing."


def _numbers(labels: list[str], counts: NDArray[Any], metrics: Metrics) -> str:
    shares = counts / counts.sum()
    # Of two labels, that of the last; of more, the mean of each one's.
    chance = shares[1] if len(labels) == 2 else shares[shares > 0].mean()
    said = (
        f"Average precision {metrics.get('average_precision', 0.0):.3g} ({chance:.3g} by chance), "
        f"balanced accuracy {metrics['balanced_accuracy']:.3g} ({1 / len(labels):.3g} by chance)"
    )
    accuracy, often = metrics["accuracy"], int(shares.argmax())
    if shares.max() >= MOST:
        return (
            f"{said}; the accuracy of {accuracy:.4g} says little, as always '{labels[often]}' "
            f"has {shares[often]:.4g}."
        )
    return f"{said}, accuracy {accuracy:.3g} (always '{labels[often]}' has {shares[often]:.3g})."


def _of_quantity(metrics: Metrics, intervals: Intervals) -> Verdict:
    if "r2" not in intervals:
        return Verdict(better=False, text="The held-out target is always the same number.")
    low, high = intervals["r2"]
    explained = f"{metrics['r2']:.1%} of the differences between rows ({low:.1%} to {high:.1%})"
    if metrics["r2"] < 0:
        errors = f"its squared errors are {1 - metrics['r2']:.3g} times the mean's own"
        return Verdict(better=False, text=f"No better than the mean: {errors}.")
    if low <= 0:
        return Verdict(
            better=False,
            text=f"No better than the mean, as far as the rows can tell: it explains {explained}.",
        )
    text = f"Better than the mean: it explains {explained}, and is off by {metrics['mae']:.4g}."
    return Verdict(better=True, text=text)
