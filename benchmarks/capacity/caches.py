"""How often a replica has not the model that is asked for (Che's approximation of an LRU cache).

H. Che, Y. Tung, Z. Wang: Hierarchical Web caching systems, IEEE JSAC 20(7), 2002.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

_STEPS = 60  # of halving: more than a double's digits


def popularity(models: int, exponent: float) -> npt.NDArray[np.float64]:
    """Return the share of calls of each model by Zipf's law, the most asked for first."""
    weights: Any = np.arange(1, models + 1, dtype=np.float64) ** -exponent
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def misses(shares: npt.NDArray[np.float64], room: float) -> float:
    """Return the share of calls whose model is not held.

    Args:
        shares: Each model's part of the calls.
        room: Models that are held at once; the longest unused one leaves.
    """
    if room >= len(shares):
        return 0.0
    low, high = 0.0, 1.0
    while _held(shares, high) < room:
        high *= 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _held(shares, middle) < room else (low, middle)
    return float(np.sum(shares * np.exp(-shares * high)))


def _held(shares: npt.NDArray[np.float64], calls: float) -> float:
    """Return how many models were asked for within so many calls: those that are still held."""
    return float(np.sum(1 - np.exp(-shares * calls)))
