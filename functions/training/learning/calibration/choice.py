"""Whether to calibrate, and how: only what is better on rows that it was not fitted on."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.calibration.calibration import (
    Calibration,
    Method,
    fit_calibration,
)

FOLDS = 5
# Fewer rows than that cannot carry a curve of many knots.
LEAST_FOR_ISOTONIC = 1_000
# A log loss is not infinite for a certainty that was wrong; it is what this would cost.
LEAST = 1e-15


def calibrate(
    wish: Literal["auto", "none", "sigmoid", "isotonic"],
    probabilities: NDArray[np.float64],
    target: NDArray[np.int64],
    weights: NDArray[np.float64] | None = None,
    seed: int = 0,
) -> Calibration | None:
    """Return the calibration to use, or None.

    Args:
        wish: "auto": the one that lowers the cross-validated log loss the most, beyond noise.
        probabilities: out-of-fold, [rows, labels]; rows that are NaN have none.
        target: places of labels, [rows].
        weights: what each row counts.
        seed: of the folds.
    """
    places = np.flatnonzero(~np.isnan(probabilities).any(axis=1))
    probabilities, target = probabilities[places], target[places]
    weights = None if weights is None else weights[places]
    if wish == "none":
        return None
    method: Method | None = _best(probabilities, target, weights, seed) if wish == "auto" else wish
    return None if method is None else fit_calibration(method, probabilities, target, weights)


def _best(
    probabilities: NDArray[np.float64],
    target: NDArray[np.int64],
    weights: NDArray[np.float64] | None,
    seed: int,
) -> Method | None:
    methods: list[Method] = ["sigmoid"]
    if len(target) >= LEAST_FOR_ISOTONIC:
        methods.append("isotonic")
    counts = np.ones(len(target)) if weights is None else weights
    before = _losses(probabilities, target)
    gains = {}
    for method in methods:
        after = _losses(_unseen(method, probabilities, target, weights, seed), target)
        gains[method] = _gain(before - after, counts)
    best = max(methods, key=lambda one: gains[one])
    return best if gains[best] > 0 else None


def _gain(differences: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    """Return the mean gain less its standard error."""
    share = counts / counts.sum()
    mean = float(np.sum(share * differences))
    return mean - float(np.sqrt(np.sum(share**2 * (differences - mean) ** 2)))


def _losses(probabilities: NDArray[np.float64], target: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the log loss of each row."""
    chosen = probabilities[np.arange(len(target)), target]
    losses: NDArray[np.float64] = -np.log(np.clip(chosen, LEAST, 1))
    return losses


def _unseen(
    method: Method,
    probabilities: NDArray[np.float64],
    target: NDArray[np.int64],
    weights: NDArray[np.float64] | None,
    seed: int,
) -> NDArray[np.float64]:
    """Return the rows' calibrated probabilities, each by curves fitted without it."""
    part = np.random.default_rng(seed).permutation(len(target)) % FOLDS
    found = np.empty_like(probabilities)
    for one in range(FOLDS):
        fitting, testing = part != one, part == one
        own = None if weights is None else weights[fitting]
        curves = fit_calibration(method, probabilities[fitting], target[fitting], own)
        found[testing] = curves.apply(probabilities[testing])
    return found
