"""When requests come."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]


class Traffic(Protocol):
    """Requests over time, which come independently of each other."""

    def between(self, start: float, end: float, share: float) -> Times:
        """Return the moments of a share of the requests in a stretch of time, in order."""

    def rate(self, now: float) -> float:
        """Return how many come in a second."""

    def next_after(self, now: float) -> float:
        """Return a moment before which none comes."""


class Rate:
    """Many requests: so many a second, as a function of time.

    Args:
        rate: Requests a second at a moment.
        rng: Draws them.
    """

    def __init__(self, rate: Callable[[float], float], rng: np.random.Generator) -> None:
        self._rate = rate
        self._rng = rng

    def between(self, start: float, end: float, share: float) -> Times:
        """See Traffic."""
        number = self._rng.poisson(self._rate(start) * share * (end - start))
        return np.sort(self._rng.uniform(start, end, number))

    def rate(self, now: float) -> float:
        """See Traffic."""
        return self._rate(now)

    def next_after(self, now: float) -> float:
        """See Traffic."""
        return now


class Rare:
    """Few requests, with long gaps: so many, a mean gap apart."""

    def __init__(self, gap: float, number: int, rng: np.random.Generator) -> None:
        self._gap = gap
        self._times = np.cumsum(rng.exponential(gap, number))

    @property
    def end(self) -> float:
        """When the last one comes."""
        return float(self._times[-1])

    def between(self, start: float, end: float, share: float) -> Times:  # noqa: ARG002 - few are drawn all
        """See Traffic; all of them, whatever the share."""
        first, last = np.searchsorted(self._times, (start, end))
        return self._times[first:last]

    def rate(self, now: float) -> float:  # noqa: ARG002 - it is the same at any time
        """See Traffic."""
        return 1 / self._gap

    def next_after(self, now: float) -> float:
        """See Traffic."""
        place = int(np.searchsorted(self._times, now))
        return float(self._times[place]) if place < len(self._times) else self.end


def steady(rate: float) -> Callable[[float], float]:
    """Return the same rate at any time."""
    return lambda _: rate


def burst(before: float, during: float, start: float, end: float) -> Callable[[float], float]:
    """Return a rate that is another between two moments."""
    return lambda now: during if start <= now < end else before
