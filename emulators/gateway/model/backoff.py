"""How long to wait before something that failed is tried again (pure)."""

import itertools
from collections.abc import Iterator

import msgspec

_MOST_STEPS = 60  # more would be too large for a float, and the longest wait is reached long before


class Backoff(msgspec.Struct, frozen=True):
    """Waits that grow with each failure, up to a longest one.

    Attributes:
        first: Seconds after the first failure.
        longest: Seconds that no wait exceeds.
        factor: By how much each wait is longer than the one before.
    """

    first: float
    longest: float
    factor: float = 2.0

    def after(self, failures: int) -> float:
        """Return the seconds to wait after so many failures in a row, 1 or more."""
        steps = min(failures - 1, _MOST_STEPS)
        return float(min(self.first * self.factor**steps, self.longest))

    def pauses(self) -> Iterator[float]:
        """Return the waits one after the other, without end."""
        return map(self.after, itertools.count(1))
