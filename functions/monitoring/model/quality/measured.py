"""What labels say of a version: every measure of its task, with how sure it is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from functions.kit.contract.measures.bootstrap import draw, limits
from functions.kit.contract.measures.labels import choose
from functions.kit.contract.measures.measuring import measure
from functions.kit.contract.measures.names import DIRECTIONS, EVERY
from functions.kit.contract.measures.shares import wilson
from functions.kit.contract.models.signature import Signature, Task
from functions.kit.lazy import Lazy
from functions.monitoring.model.quality.rows import Rows
from functions.monitoring.model.windows.measures import Reading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any

FEWEST_ROWS = 10
"""Draws of fewer rows are too sure of themselves; shares have an interval whatever the rows."""
DRAWS = 100
SEED = 0

Intervals = Mapping[str, tuple[float, float]]


def measured(
    signature: Signature,
    rows: Rows,
    usual: Intervals | None = None,
    draws: int = DRAWS,
    only: frozenset[str] = EVERY,
) -> dict[str, Reading]:
    """Return each measure that is defined on labelled rows; none of none.

    Args:
        signature: of the version.
        rows: that all have a label.
        usual: between what each measure was when the model was made; worse than that by more than
            chance is an alarm.
        draws: of rows, at most, that intervals are found by.
        only: the measures that are wanted.
    """
    if not rows.count:
        return {}
    task, threshold = signature.task, signature.threshold
    found = measure(task, rows.truth, rows.predicted, threshold=threshold)
    between = _shares(signature, rows) if signature.labels else {}
    if rows.count >= FEWEST_ROWS:
        drawn = draw(task, rows.truth, rows.predicted, SEED, threshold, only, most=draws)
        drawn_limits = {name: limits(values) for name, values in drawn.items()}
        between = {name: one for name, one in drawn_limits.items() if one is not None} | between
    missing = _undefined(signature, rows) if len(signature.labels) == 2 else set()
    return {
        name: _reading(task, name, value, between.get(name), rows.count, usual or {})
        for name, value in found.items()
        if name in only and name not in missing
    }


def worse(task: Task, name: str, now: tuple[float, float], usual: tuple[float, float]) -> bool:
    """Tell whether all that a measure may be now is worse than all that it may have been."""
    return now[1] < usual[0] if DIRECTIONS[task][name] > 0 else now[0] > usual[1]


def _reading(
    task: Task,
    name: str,
    value: float,
    between: tuple[float, float] | None,
    rows: int,
    usual: Intervals,
) -> Reading:
    if between is None:
        return Reading(value, rows=rows)
    was = usual.get(name)
    alarm = was is not None and worse(task, name, between, was)
    why = "" if was is None or not alarm else f"it was {was[0]:.4g} to {was[1]:.4g} when made"
    return Reading(value, *between, alarm=alarm, rows=rows, why=why)


def _counts(signature: Signature, rows: Rows) -> tuple[Array, Array]:
    """Return which rows are called the last label, and which are it."""
    chosen = choose(rows.predicted, signature.threshold)
    last = len(signature.labels) - 1
    return chosen == last, rows.truth == last


def _shares(signature: Signature, rows: Rows) -> dict[str, tuple[float, float]]:
    """Return Wilson's intervals of the measures that are shares of rows."""
    right = choose(rows.predicted, signature.threshold) == rows.truth
    found = {"accuracy": wilson(int(right.sum()), rows.count)}
    if len(signature.labels) == 2:
        called, actual = _counts(signature, rows)
        hits = int((called & actual).sum())
        for name, whole in (("precision", called), ("recall", actual)):
            if whole.any():
                found[name] = wilson(hits, int(whole.sum()))
    return found


def _undefined(signature: Signature, rows: Rows) -> set[str]:
    """Return the measures of two labels that have no answer here, where others say 0."""
    called, actual = _counts(signature, rows)
    found = set()
    if not called.any():
        found.add("precision")
    if not (called | actual).any():
        found.add("f1")
    if called.all() or actual.all() or not called.any() or not actual.any():
        found.add("mcc")
    if actual.all() or not actual.any():
        found.add("balanced_accuracy")
    return found
