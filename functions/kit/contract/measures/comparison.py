"""Two models on the same rows: which is better, or that no difference is to be seen.

Both are measured on each draw of the rows that both held out, so that what is hard in a draw is
hard for both: the difference is surer than either measure.
"""

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from functions.kit.contract.measures.bootstrap import draw, limits
from functions.kit.contract.measures.held_out import HeldOut
from functions.kit.contract.measures.measuring import measure as measured
from functions.kit.contract.measures.names import DECIDING, DIRECTIONS, unknown
from functions.kit.contract.models.signature import Task
from functions.kit.contract.wording import counted
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any

# Fewer common rows tell nothing.
FEWEST_ROWS = 20
SEED = 0


class Incomparable(Exception):  # noqa: N818 - it says that two models cannot be compared
    """The two cannot be compared; the text says why, and what to do."""


class Comparison(msgspec.Struct):
    """Two models on the rows that both held out.

    Attributes:
        measure: the name of what they are compared by.
        rows: how many both held out, with the same truth.
        first: the measure of the one; `second` of the other.
        difference: how much better the second is, less than 0 if it is worse.
        low: of the interval that the difference is in, 95 of 100 times.
        high: likewise.
        better: which one is, if the interval says so.
        text: the same in words.
    """

    measure: str
    rows: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    better: Literal["first", "second"] | None
    text: str


def compare(first: HeldOut, second: HeldOut, task: Task, measure: str | None = None) -> Comparison:
    """Return how the second model compares with the first.

    Args:
        first: the held-out predictions of the one.
        second: of the other.
        task: of both.
        measure: the name of one of the task's measures; by default the one that decides.

    Raises:
        Incomparable: the tasks, labels or rows differ, or the measure is not of the task.
    """
    name = measure or DECIDING[task]
    if wrong := unknown(task, name):
        raise Incomparable(wrong)
    if {first.task, second.task} != {task}:
        raise Incomparable(f"One does a {first.task} task, the other a {second.task} task.")
    if sorted(first.labels) != sorted(second.labels):
        raise Incomparable(
            f"Their labels differ: {', '.join(first.labels)}; {', '.join(second.labels)}."
        )
    here, there = common_rows(first.keys, second.keys)
    truth, predicted = _as_labelled(second, first.labels)
    # A row whose truth was mended between the two says nothing of them.
    same = first.truth[here] == truth[there]
    here, there = here[same], there[same]
    if len(here) < FEWEST_ROWS:
        raise Incomparable(
            f"They have {counted(len(here), 'held-out row')} in common, and {FEWEST_ROWS} are "
            "needed: train both with the same seed and holdout on revisions of one dataset."
        )
    threshold = _threshold(second, first.labels)
    return _compared(
        name,
        task,
        (first.keys if first.units is None else first.units)[here],
        first.truth[here],
        (first.predicted[here], first.threshold),
        (predicted[there], threshold),
    )


def common_rows(first: Array, second: Array) -> tuple[Array, Array]:
    """Return the places in `first` and in `second` of the rows that are in both.

    Of rows that are alike, the first is taken with the first, the second with the second.
    """
    one, other = _counted(first), _counted(second)
    _, here, there = np.intersect1d(one, other, assume_unique=True, return_indices=True)
    return here, there


def repeats(keys: Array) -> Array:
    """Return for each row how many before it have the same key, [rows] int64."""
    order = np.argsort(keys, kind="stable")
    ranked, places = keys[order], np.arange(len(keys))
    begins = np.append([True], ranked[1:] != ranked[:-1])[: len(keys)]
    found: Array = np.empty(len(keys), dtype=np.int64)
    found[order] = places - np.maximum.accumulate(np.where(begins, places, 0))
    return found


def _counted(keys: Array) -> Array:
    """Return keys with how often each was there before, as one value each."""
    found: Array = np.rec.fromarrays([keys, repeats(keys)])
    return found


def _as_labelled(model: HeldOut, labels: list[str]) -> tuple[Array, Array]:
    """Return truth and predictions with the labels in another order."""
    if not labels:
        return model.truth, model.predicted
    places = np.array([model.labels.index(label) for label in labels])
    return np.argsort(places)[model.truth], model.predicted[:, places]


def _threshold(model: HeldOut, labels: list[str]) -> float | None:
    """Return the model's threshold where the positive label is that of `labels`."""
    if model.threshold is None or model.labels == labels:
        return model.threshold
    # Turned round, a row is called so above what the other label's threshold leaves.
    return float(np.nextafter(1 - model.threshold, 2))


def _compared(
    name: str,
    task: Task,
    units: Array,
    truth: Array,
    first: tuple[Array, float | None],
    second: tuple[Array, float | None],
) -> Comparison:
    only, sign = frozenset({name}), DIRECTIONS[task][name]
    values = [
        measured(task, truth, predicted, threshold=threshold).get(name)
        for predicted, threshold in (first, second)
    ]
    drawn = [
        draw(task, truth, predicted, SEED, threshold, only, units)[name]
        for predicted, threshold in (first, second)
    ]
    interval = limits(sign * (drawn[1] - drawn[0]))
    if values[0] is None or values[1] is None or interval is None:
        raise Incomparable(f"'{name}' is not defined on the {len(truth)} rows that both held out.")
    low, high = interval
    better = _better(low, high)
    difference = sign * (values[1] - values[0])
    text = _words(name, len(truth), values[0], values[1], interval, better)
    return Comparison(name, len(truth), values[0], values[1], difference, low, high, better, text)


def _better(low: float, high: float) -> Literal["first", "second"] | None:
    if low > 0:
        return "second"
    return "first" if high < 0 else None


def _words(
    name: str,
    rows: int,
    first: float,
    second: float,
    interval: tuple[float, float],
    better: str | None,
) -> str:
    what = name.replace("_", " ")
    numbers = f"{what} {first:.4g} and {second:.4g} on the {rows:,} rows that both held out"
    low, high = interval
    if better is None:
        within = f"the second is better by something from {low:.3g} to {high:.3g}"
        return f"No difference to be seen: {numbers}; {within}."
    least, most = (low, high) if better == "second" else (-high, -low)
    return f"The {better} is better: {numbers}; better by {least:.3g} to {most:.3g}."
