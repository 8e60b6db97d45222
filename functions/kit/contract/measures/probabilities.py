"""Measures of probabilities themselves, for many weightings of the rows at once."""

from typing import TYPE_CHECKING, Any

from functions.kit.contract.measures.names import EVERY
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any

BINS = 10


def probability_measures(
    truth: Array, shares: Array, weights: Array, only: frozenset[str] = EVERY
) -> dict[str, Array]:
    """Return log loss, Brier score and calibration error, one number for each weighting.

    Args:
        truth: places of the labels, [rows].
        shares: probabilities that add up to 1, [rows, labels].
        weights: how much each row counts, [weightings, rows].
        only: those that are wanted.
    """
    rows = weights.sum(axis=1)
    kinds = {"log_loss": log_losses, "brier": _squared_errors}
    names = [name for name in kinds if name in only]
    found: dict[str, Array] = {}
    if names:
        # All at once: a product with a matrix is cheaper than one for each of its columns.
        losses = np.stack([kinds[name](truth, shares) for name in names], axis=1)
        found |= zip(names, (weights @ losses / rows[:, None]).T, strict=True)
    if "ece" in only:
        found["ece"] = _calibration_error(truth, shares, weights) / rows
    return found


def log_losses(truth: Array, shares: Array) -> Array:
    """Return each row's, [rows]."""
    least = np.finfo(np.float64).eps
    found: Array = -np.log(np.clip(shares[np.arange(len(truth)), truth], least, 1.0))
    return found


def _squared_errors(truth: Array, shares: Array) -> Array:
    """Return each row's: of two labels the last one's, of more the sum of all."""
    errors = (shares - np.eye(shares.shape[1])[truth]) ** 2
    found: Array = errors[:, 1] if shares.shape[1] == 2 else errors.sum(axis=1)
    return found


def stated(truth: Array, shares: Array) -> tuple[Array, Array]:
    """Return the probability that is looked at in each row, and whether it came true.

    Of two labels that is the last one's, of more the likeliest one's.
    """
    if shares.shape[1] == 2:
        return shares[:, 1], truth == 1
    return shares.max(axis=1), truth == shares.argmax(axis=1)


def bins_of(probabilities: Array, bins: int = BINS) -> Array:
    """Return the place of the bin, of equal widths, that each probability is in."""
    found: Array = np.clip((probabilities * bins).astype(np.int64), 0, bins - 1)
    return found


def _calibration_error(truth: Array, shares: Array, weights: Array) -> Array:
    said, came_true = stated(truth, shares)
    inside = bins_of(said)[:, None] == np.arange(BINS)
    gaps = weights @ (inside * (said - came_true)[:, None])
    total: Array = np.abs(gaps).sum(axis=1)
    return total
