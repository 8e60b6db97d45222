"""Replicas and who waits for them: each works at one request at a time, in order."""

import heapq
import math
from collections import deque
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]
_NONE: Times = np.empty(0)


class Replicas:
    """Replicas on one clock; seconds.

    Args:
        handed_at_once: Whether a request is a replica's from its arrival on, so that one which
            starts later takes nothing off it. Else all wait in one line for whoever is free.
    """

    def __init__(self, *, handed_at_once: bool) -> None:
        self._at_once = handed_at_once
        self._free: list[float] = []  # when each is done with what it was given: a heap
        self._starting: list[float] = []  # when those that are on their way are ready
        self._waiting: deque[tuple[float, float]] = deque()
        self._held_since, self._held_until = _NONE, _NONE

    def __len__(self) -> int:
        return len(self._free)

    def held(self, now: float) -> int:
        """Return how many requests came and are not answered."""
        return int(np.count_nonzero(self._held_until > now)) + len(self._waiting)

    def ready(self, now: float) -> int:
        """Return how many can work."""
        self._starting = [ready for ready in self._starting if ready > now]
        return len(self._free) - len(self._starting)

    def add(self, ready: Iterable[float]) -> None:
        """Start some, which are ready at these moments."""
        for moment in ready:
            heapq.heappush(self._free, moment)
            self._starting.append(moment)

    def remove(self, number: int) -> None:
        """End some: those that are idle, or done first."""
        for _ in range(min(number, len(self._free))):
            heapq.heappop(self._free)

    def serve(self, came: Times, takes: Times, end: float) -> tuple[Times, Times]:
        """Take what came in a stretch of time.

        Args:
            came: When, in order, before `end`, and not before the stretch that was last.
            takes: How long a replica works at each.
            end: When the stretch is over.

        Returns:
            Of each request that was given to a replica: when it came and when it is answered.
        """
        self._waiting.extend(zip(came.tolist(), takes.tolist(), strict=True))
        since, until = self._given(end)
        self._held_since = np.concatenate((self._held_since, since))
        self._held_until = np.concatenate((self._held_until, until))
        return since, until

    def _given(self, end: float) -> tuple[Times, Times]:
        free, waiting, at_once = self._free, self._waiting, self._at_once
        since, until = list[float](), list[float]()
        while waiting and free and (at_once or free[0] < end):
            came, takes = waiting.popleft()
            done = max(free[0], came) + takes
            heapq.heapreplace(free, done)
            since.append(came)
            until.append(done)
        return np.array(since), np.array(until)

    def concurrency(self, start: float, end: float) -> float:
        """Return the mean of requests held in a stretch of time, and forget those that are over."""
        within = np.minimum(self._held_until, end) - np.maximum(self._held_since, start)
        waiting = math.fsum(end - max(came, start) for came, _ in self._waiting)
        stay = self._held_until > end
        self._held_since, self._held_until = self._held_since[stay], self._held_until[stay]
        return (float(within.sum()) + waiting) / (end - start)
