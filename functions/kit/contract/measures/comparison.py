"""Two models on the same rows: which is better, or that no difference is to be seen.

Both are measured on each draw of rows that neither was fitted on, so that what is hard in a draw is
hard for both: the difference is surer than either measure.
"""

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

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
# Of fewer groups, each drawn as one, all may side with one of two equals: once in 16 times, of 5.
FEWEST_UNITS = 6
SEED = 0
SHARED = "rows that both held out"
Interval = tuple[float, float]


class Incomparable(Exception):  # noqa: N818 - it says that two models cannot be compared
    """The two cannot be compared; the text says why, and what to do."""


class Comparison(msgspec.Struct):
    """Two models on the same rows.

    Attributes:
        measure: the name of what they are compared by.
        rows: on how many.
        first: the measure of the one; `second` of the other.
        first_interval: that the measure of the one is in, 95 of 100 times; `second_interval` of
            the other.
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
    first_interval: Interval
    second_interval: Interval
    difference: float
    low: float
    high: float
    better: Literal["first", "second"] | None
    text: str = ""


class _Rows(NamedTuple):
    """What both are measured on: uint64 of what is drawn together, the truth, and in words."""

    units: Array
    truth: Array
    words: str


def compare(
    first: HeldOut, second: HeldOut, task: Task, measure: str | None = None, rows: str = SHARED
) -> Comparison:
    """Return how the second model compares with the first on the rows that are of both.

    Args:
        first: the held-out predictions of the one.
        second: of the other.
        task: of both.
        measure: the name of one of the task's measures; by default the one that decides.
        rows: what these are, in words.

    Raises:
        Incomparable: the tasks, labels or rows differ, or the measure is not of the task.
    """
    name = measure or DECIDING[task]
    _check_alike(first, second, task, name)
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
    units = _units((first, here), (second, there))
    if (drawn := len(np.unique(units))) < FEWEST_UNITS:
        raise Incomparable(
            f"The {counted(len(here), 'held-out row')} that they have in common are of "
            f"{counted(drawn, 'group')}, and {FEWEST_UNITS} are needed."
        )
    threshold = _threshold(second, first.labels)
    return _compared(
        name,
        task,
        _Rows(units, first.truth[here], rows),
        (first.predicted[here], first.threshold),
        (predicted[there], threshold),
    )


def _check_alike(first: HeldOut, second: HeldOut, task: Task, measure: str) -> None:
    """Check that both do the task, on the same labels, and that it has the measure."""
    if wrong := unknown(task, measure):
        raise Incomparable(wrong)
    if {first.task, second.task} != {task}:
        raise Incomparable(f"One does a {first.task} task, the other a {second.task} task.")
    if sorted(first.labels) != sorted(second.labels):
        raise Incomparable(
            f"Their labels differ: {', '.join(first.labels)}; {', '.join(second.labels)}."
        )


def _units(*sides: tuple[HeldOut, Array]) -> Array:
    """Return what rows are drawn together by: groups, where either knows of some; else copies."""
    for model, places in sides:
        if model.units is not None:
            return model.units[places]
    model, places = sides[0]
    return model.keys[places]


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


class _Side(NamedTuple):
    """A model's measure, its interval, and what it was in each draw."""

    value: float
    interval: Interval
    drawn: Array


def _side(
    name: str, task: Task, rows: _Rows, predicted: Array, threshold: float | None
) -> _Side | None:
    """Return how a model does; None where the measure is not defined on the rows."""
    value = measured(task, rows.truth, predicted, threshold=threshold).get(name)
    only = frozenset({name})
    drawn = draw(task, rows.truth, predicted, SEED, threshold, only, rows.units)[name]
    interval = limits(drawn)
    return None if value is None or interval is None else _Side(value, interval, drawn)


def _compared(
    name: str,
    task: Task,
    rows: _Rows,
    first: tuple[Array, float | None],
    second: tuple[Array, float | None],
) -> Comparison:
    sign = DIRECTIONS[task][name]
    one, other = (_side(name, task, rows, *said) for said in (first, second))
    apart = None if one is None or other is None else limits(sign * (other.drawn - one.drawn))
    if one is None or other is None or apart is None:
        raise Incomparable(f"'{name}' is not defined on the {len(rows.truth)} {rows.words}.")
    low, high = apart
    found = Comparison(
        measure=name,
        rows=len(rows.truth),
        first=one.value,
        second=other.value,
        first_interval=one.interval,
        second_interval=other.interval,
        difference=sign * (other.value - one.value),
        low=low,
        high=high,
        better=_better(low, high),
    )
    found.text = _words(found, rows.words)
    return found


def _better(low: float, high: float) -> Literal["first", "second"] | None:
    if low > 0:
        return "second"
    return "first" if high < 0 else None


def _words(found: Comparison, rows: str) -> str:
    sides = (found.first, found.first_interval), (found.second, found.second_interval)
    told = " and ".join(f"{value:.4g} ({low:.3g} to {high:.3g})" for value, (low, high) in sides)
    numbers = f"{found.measure.replace('_', ' ')} {told} on the {found.rows:,} {rows}"
    low, high = found.low, found.high
    if found.better is None:
        within = f"the second is better by something from {low:.3g} to {high:.3g}"
        return f"No difference to be seen: {numbers}; {within}."
    least, most = (low, high) if found.better == "second" else (-high, -low)
    return f"The {found.better} is better: {numbers}; better by {least:.3g} to {most:.3g}."
