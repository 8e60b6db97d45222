"""How sure a share is."""

import math

Z = 1.959964
"""Standard deviations that the middle 95 of 100 of a normal distribution are within."""


def wilson(hits: float, rows: float) -> tuple[float, float]:
    """Return Wilson's interval of a share, which fits small shares and few rows; rows are above 0.

    Of no hits it begins with exactly 0, of all it ends with exactly 1.
    """
    share, whole = hits / rows, 1 + Z**2 / rows
    middle = (share + Z**2 / (2 * rows)) / whole
    half = Z * math.sqrt(share * (1 - share) / rows + Z**2 / (4 * rows**2)) / whole
    low = middle - half if hits > 0 else 0.0
    high = middle + half if hits < rows else 1.0
    return low, high
