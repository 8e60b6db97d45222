"""A clock that stands until it is told to go on, for tests."""

import datetime as dt

START = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)


class ManualClock:
    """A Clock whose time passes by `sleep` and `advance` alone.

    Args:
        start: what it shows first.
        tick: seconds that pass with each look at it.
    """

    def __init__(self, start: dt.datetime = START, tick: float = 0.0) -> None:
        self._start = start
        self._tick = tick
        self._passed = 0.0

    def now(self) -> dt.datetime:
        """See Clock."""
        return self._start + dt.timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """See Clock."""
        self._passed += self._tick
        return self._passed

    def sleep(self, seconds: float) -> None:
        """See Clock; nobody waits."""
        self._passed += seconds

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += seconds
