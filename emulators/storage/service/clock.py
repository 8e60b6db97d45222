"""Times, and generations: microseconds that never come twice, also after a step of the clock."""

from collections.abc import Callable
from datetime import UTC, datetime

MICROSECONDS = 1_000_000


class Clock:
    """Tells the time.

    Args:
        now: The clock outside.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.now = now

    def generation(self, newest: int) -> int:
        """Return a generation that comes after the newest one."""
        return max(int(self.now().timestamp() * MICROSECONDS), newest + 1)
