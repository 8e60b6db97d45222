"""Counters of calls, cheap to count; `exposition` shows them."""

import threading
from bisect import bisect_left

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Histogram:
    """Counts and a sum.

    Args:
        bounds: The upper ends of its buckets, ascending; one without an end comes after them.
    """

    __slots__ = ("_bounds", "buckets", "total")

    def __init__(self, bounds: tuple[float, ...] = BOUNDS) -> None:
        self._bounds = bounds
        self.buckets = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self.buckets[bisect_left(self._bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        """Values counted."""
        return sum(self.buckets)

    def cumulative(self) -> list[tuple[str, float]]:
        """Return buckets as Prometheus writes them."""
        seen, rows = 0, []
        for bound, count in zip((*self._bounds, "+Inf"), self.buckets, strict=True):
            seen += count
            rows.append((str(bound), float(seen)))
        return rows


class CallCounts:
    """Counts the calls of an emulator, in any of its threads.

    Attributes:
        seconds: Times of calls that are over, by what was called and what came of it.
        open: Calls that are under way, by what was called.
    """

    __slots__ = ("_lock", "open", "seconds")

    def __init__(self) -> None:
        self.seconds: dict[tuple[str, str], Histogram] = {}
        self.open: dict[str, int] = {}
        self._lock = threading.Lock()

    def begun(self, call: str) -> None:
        """Count a call that came in."""
        with self._lock:
            self.open[call] = self.open.get(call, 0) + 1

    def over(self, call: str, outcome: str, seconds: float) -> None:
        """Count a call that had begun, and is over."""
        key = call, outcome
        with self._lock:
            self.open[call] -= 1
            found = self.seconds.get(key)
            if found is None:
                found = self.seconds[key] = Histogram()
            found.observe(seconds)
