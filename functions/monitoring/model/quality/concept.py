"""Whether an estimate can be believed: labels may disagree with it.

An estimate takes for granted that what is true of a row follows from its columns as it did when
the model was made. Where that has changed nothing but labels can tell; so what they say where they
are is held against the estimate for the very same rows. Explanations cannot: those of a model that
is as it was are what they were for the same values, whatever is true of these.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from functions.kit.contract.measures.expectation.expected import Expected
from functions.kit.contract.models.signature import Signature, Task
from functions.monitoring.model.windows.measures import Reading

FEWEST_LABELS = 30
"""Fewer neither prove an estimate wrong nor right."""
SURELY = 2.575829 / 1.959964
"""How much wider than an interval of 95 of 100 one of 99 is."""
CONCEPT = "concept"
CANNOT_TELL = "cannot tell"
BELIEVED = 10
"""Windows for which what labels said last stands, where newer ones have too few."""


class _Judge(NamedTuple):
    """A measure that tells; and how far an estimate may be off, as such or in proportion."""

    name: str
    apart: float
    share: float


_JUDGES: dict[Task, tuple[_Judge, ...]] = {
    "binary": (_Judge("accuracy", 0.02, 0.0), _Judge("brier", 0.005, 0.1)),
    "multiclass": (_Judge("accuracy", 0.02, 0.0), _Judge("brier", 0.01, 0.1)),
    "regression": (_Judge("mae", 0.0, 0.1),),
}


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What labels say of an estimate for the rows that they are of.

    Attributes:
        measure: that it is told by: the one that disagrees most, if any.
        rows: that have labels.
        true: the measure.
        expected: of the same rows.
        low: of the interval that the estimate was sure of, 99 of 100 times.
        high: likewise.
        disagrees: whether the truth lies outside, and far enough to matter.
    """

    measure: str
    rows: int
    true: float
    expected: float
    low: float
    high: float
    disagrees: bool

    @property
    def text(self) -> str:
        """It in words."""
        name = self.measure.replace("_", " ")
        said = f"{self.rows:,} labels give {name} {self.true:.4g}"
        wanted = f"{self.expected:.4g} ({self.low:.4g} to {self.high:.4g}) was estimated for them"
        return f"{said}; {wanted}"


def evidence(
    signature: Signature, true: Mapping[str, Reading], expected: Mapping[str, Expected]
) -> Evidence | None:
    """Return what labels say; None where they are fewer than 30, or nothing was expected.

    Args:
        signature: of the version.
        true: measures of labelled rows.
        expected: the same rows' as if their labels were not known.
    """
    found = []
    for judge in _JUDGES[signature.task]:
        one, other = true.get(judge.name), expected.get(judge.name)
        if one is None or other is None or one.value is None or (one.rows or 0) < FEWEST_LABELS:
            continue
        found.append(_held_against(judge, one.value, one.rows or 0, other))
    return max(found, key=lambda one: one.disagrees, default=None)


def _held_against(judge: _Judge, true: float, rows: int, one: Expected) -> Evidence:
    low = one.value - SURELY * (one.value - one.low)
    high = one.value + SURELY * (one.high - one.value)
    apart = max(judge.apart, judge.share * abs(one.value))
    disagrees = not low <= true <= high and abs(true - one.value) > apart
    return Evidence(judge.name, rows, true, one.value, low, high, disagrees)


def reading(found: Evidence) -> Reading:
    """Return evidence as a measure of a window: how far the truth is off the estimate."""
    return Reading(
        found.true - found.expected,
        found.low - found.expected,
        found.high - found.expected,
        alarm=found.disagrees,
        rows=found.rows,
        why=found.text,
        statistic=found.measure,
    )


def doubt(own: Evidence | None, earlier: Sequence[Reading | None]) -> str:
    """Return why nothing can be told of a window without labels of all rows; empty if it can.

    Labels of the window itself decide; else those of the newest earlier window that has some.

    Args:
        own: what the window's labels say.
        earlier: what those of windows before it said, `CONCEPT` of each, the oldest first.
    """
    if own is not None:
        return _cannot(own.text) if own.disagrees else ""
    newest = next((one for one in reversed(earlier[-BELIEVED:]) if one is not None), None)
    if newest is not None and newest.alarm:
        return _cannot(f"the last window with labels disagreed: {newest.why}")
    return ""


def _cannot(why: str) -> str:
    return f"{CANNOT_TELL}: {why}"
