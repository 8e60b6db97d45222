"""How often sets and intervals held the truth, on rows that nothing else has seen."""

from typing import TYPE_CHECKING, Any

import msgspec

from functions.kit.contract.measures.shares import wilson
from functions.kit.contract.models.certainty import half_widths, sets
from functions.kit.contract.models.signature import Certainty
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any


class Coverage(msgspec.Struct, omit_defaults=True):
    """What was stated, and what came.

    Attributes:
        level: stated share of truths within.
        covered: share of the held-out rows whose truth was within.
        low: of the interval that `covered` is sure to be in, 95 of 100 times.
        high: likewise.
        size: mean number of labels in a set, or mean whole width of an interval in the target's
            unit.
        by_label: `covered` for the rows of each label.
    """

    level: float
    covered: float
    low: float
    high: float
    size: float
    by_label: dict[str, float] = {}


def coverage(
    stored: Certainty,
    truth: Array,
    predicted: Array,
    labels: list[str],
    spread: Array | None = None,
) -> list[Coverage]:
    """Return for each level how often the truth was within.

    Takes what `certainty` takes, of other rows; the spread is what the model's file tells of them.
    """
    if stored.widths:
        gaps = np.abs(truth - predicted.reshape(-1))
        reach = half_widths(stored.widths, spread if stored.scaled else None)
        return [
            _covered(level, gaps <= half, float(2 * half.mean()))
            for level, half in zip(stored.levels, reach, strict=True)
        ]
    inside = sets(stored.scores, predicted)
    return [
        _of_sets(level, chosen, truth, labels)
        for level, chosen in zip(stored.levels, inside, strict=True)
    ]


def _of_sets(level: float, chosen: Array, truth: Array, labels: list[str]) -> Coverage:
    held = chosen[np.arange(len(truth)), truth]
    found = _covered(level, held, float(chosen.sum(axis=1).mean()))
    found.by_label = {
        name: float(held[truth == place].mean())
        for place, name in enumerate(labels)
        if (truth == place).any()
    }
    return found


def _covered(level: float, held: Array, size: float) -> Coverage:
    low, high = wilson(int(held.sum()), len(held))
    return Coverage(level, float(held.mean()), low, high, size)
