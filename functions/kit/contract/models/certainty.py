"""Sets and intervals that hold the truth as often as stated: for evaluation and prediction alike.

What a version states is its signature's `Certainty`, which training measured.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any

SLACK = 1e-12
"""So that a row whose score is a limit itself is within, however its sum was rounded."""


def normalized(predicted: Array) -> Array:
    """Return probabilities as float64 that add up to 1: as float32 they do so roughly."""
    shares: Array = predicted.astype(np.float64)
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def sets(limits: Sequence[Any], predicted: Array) -> Array:
    """Return which labels are in each row's set, [..., rows, labels] booleans.

    Args:
        limits: for each label the most that 1 - probability may be; or a list of such, one for
            each level.
        predicted: probabilities, [rows, labels].
    """
    found: Array = 1 - normalized(predicted) <= np.array(limits)[..., None, :] + SLACK
    return found


def half_widths(widths: Sequence[float], spread: Array | None) -> Array:
    """Return how far intervals reach on either side, [levels, rows]; [levels, 1] if all alike.

    Args:
        widths: for each level, in the target's unit, or in spreads.
        spread: of each row, [rows], where widths are in spreads.
    """
    scale = np.ones(1) if spread is None else spread.astype(np.float64)
    found: Array = np.array(widths)[:, None] * scale
    return found
