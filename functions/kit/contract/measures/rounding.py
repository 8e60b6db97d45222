"""Numbers short enough to be kept: five digits are more than anybody reads."""

from collections.abc import Iterable


def brief(value: float) -> float:
    """Return the number with five digits; raises ValueError for what is not finite."""
    found = float(f"{value:.5g}")
    if found - found != 0:
        raise ValueError(f"{value} is no number to be kept")
    return found


def briefs(values: Iterable[float]) -> list[float]:
    """Return each number with five digits."""
    return [brief(value) for value in values]
