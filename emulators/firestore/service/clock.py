"""The time of one database: microseconds that never repeat and never go back (contract 0.5)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def wall_clock() -> int:
    """Returns the microseconds since 1970."""
    return time.time_ns() // 1000


class Clock:
    """Gives times to commits and reads.

    Args:
        last: the greatest time given before, in microseconds.
        wall: the outside clock, which may stand still or step back.
    """

    def __init__(self, last: int = 0, wall: Callable[[], int] = wall_clock) -> None:
        self._last = last
        self._wall = wall

    def read(self) -> int:
        """Returns a time not before any given one; every later commit comes after it."""
        self._last = max(self._last, self._wall())
        return self._last

    def advance(self, time: int) -> None:
        """Gives no time before this one from now on."""
        self._last = max(self._last, time)

    def tick(self) -> int:
        """Returns the time of a commit: after every time given before."""
        self._last = max(self._last + 1, self._wall())
        return self._last
