"""The time of one database: microseconds that never repeat and never go back (contract 0.5)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from emulators.firestore.model.errors import ResourceExhaustedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulators.firestore.service.ports import Store

AHEAD = 1_000_000
"""How far, in microseconds, times are reserved ahead: a crash may put the clock forward by that."""


def wall_clock() -> int:
    """Return the microseconds since 1970."""
    return time.time_ns() // 1000


class Lease:
    """Keeps on disk how late a time reads may have been answered with, in coarse steps.

    Commits leave their times in the store, reads do not; a commit after a crash has to come after
    both, also when the outside clock was put back meanwhile.

    Attributes:
        floor: No time after this was given before the start.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.floor = self._until = store.reserved()

    def cover(self, time: int) -> int:
        """Make sure of a time; return until when nothing has to be done."""
        if time > self._until:
            self._store.reserve(time + AHEAD)
            self._until = time + AHEAD
        return self._until

    def until(self) -> int:
        """Return the latest time that is made sure of."""
        return self._until


class Clock:
    """Gives times to commits and reads.

    Args:
        last: The greatest time given before, in microseconds.
        wall: The outside clock, which may stand still or step back.
        cover: Is told of the time of a read, and returns until when it need not be told again.
        kept: Gives the latest time that is on disk; 0 for none.
    """

    def __init__(
        self,
        last: int = 0,
        wall: Callable[[], int] = wall_clock,
        cover: Callable[[int], int] = lambda time: time,
        kept: Callable[[], int] = lambda: 0,
    ) -> None:
        self._last = last
        self._wall = wall
        self._cover = cover
        self._kept = kept
        self._covered = 0

    def read(self) -> int:
        """Return a time not before any given one; every later commit comes after it.

        Where there is no room to keep it, time stands still, so that reads go on: it is the latest
        that is on disk, and no other was given since.

        Raises:
            ResourceExhaustedError: There is no room, and no time is on disk yet.
        """
        self._last = max(self._last, self._wall())
        if self._last > self._covered:
            try:
                self._covered = self._cover(self._last)
            except ResourceExhaustedError:
                if kept := self._kept():
                    return kept
                raise
        return self._last

    def advance(self, time: int) -> None:
        """Give no time before this one from now on."""
        self._last = max(self._last, time)

    def tick(self) -> int:
        """Return the time of a commit: after every time given before."""
        self._last = max(self._last + 1, self._wall())
        return self._last
