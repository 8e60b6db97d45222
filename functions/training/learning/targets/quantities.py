"""Whether whole numbers are classes, a count, or an ordered score."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.targets.distinct import Distinct
from functions.training.model.task import MOST_NUMBERED_CLASSES

# Fewer steps than these tell nothing of an order.
FEWEST_STEPS = 5
# A count from 0 ends in a value that has less than this of the most frequent one's rows.
FADED = 0.03

Meaning = Literal["classes", "quantity", "count", "score"]


def meaning(found: Distinct, enough: int) -> Meaning:
    """Return what the numbers of a target are.

    Two different ones are classes, whatever they are; others that are not whole, or more than
    ten, a quantity. A few whole ones are classes, unless they look like a count: they follow each
    other, grow frequent and then rare, and the last in order are too rare to be classes. If they
    are not too rare, they are classes that may be a score, and a person is told.

    Args:
        found: the numbers.
        enough: how many rows a class needs.
    """
    if len(found.values) == 2:
        return "classes"
    whole = all(float(one).is_integer() for one in found.values)
    if not whole or len(found.values) > MOST_NUMBERED_CLASSES:
        return "quantity"
    if not _is_ordered(found.values, found.counts):
        return "classes"
    ends = min(found.counts[0], found.counts[-1])
    fades = found.values[0] == 0 and found.counts[-1] < FADED * found.counts.max()
    return "count" if ends < enough or fades else "score"


def _is_ordered(values: list[Any], counts: NDArray[Any]) -> bool:
    """Tell whether numbers follow each other, and rise to one peak and fall from it."""
    if len(values) < FEWEST_STEPS:
        return False
    # In the thin end of a count, some numbers are missing by chance.
    if values[-1] - values[0] > 2 * len(values):
        return False
    peak = int(counts.argmax())
    # What chance alone does to a count is about its root.
    slack = 2 * np.sqrt(np.maximum(counts[1:], counts[:-1]))
    steps = np.diff(counts)
    rises = bool((steps[:peak] >= -slack[:peak]).all())
    falls = bool((steps[peak:] <= slack[peak:]).all())
    return rises and falls and min(counts[0], counts[-1]) < counts[peak] / 2
