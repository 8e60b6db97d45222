"""How the Community Edition scales (pure): Prometheus's alert, as Alertmanager repeats it.

The rule of OpenFaaS's chart, ``APIHighInvocationRate``: more than 5 answers with 200 a second over
the last 10 seconds, for 5 seconds. Alertmanager tells it after 5 seconds, again every 30, and that
it is over 10 seconds after it told anything at the soonest.
"""

import math
from collections import deque
from typing import Literal

Told = Literal["firing", "resolved"]

HIGH_RATE = 5.0  # answers with 200 a second, of all replicas together
WINDOW = 10.0
PENDING = 5.0
GROUP_WAIT = 5.0
GROUP_INTERVAL = 10.0
REPEAT = 30.0
FACTOR = 10  # per cent of the most replicas, where ``com.openfaas.scale.factor`` says none


def replicas_after(told: Told, now: int, least: int, most: int, factor: int = FACTOR) -> int:
    """Return how many replicas an alert leads to: one step up, or back to the fewest.

    Args:
        told: What the alert says.
        now: Replicas that there are.
        least: The fewest.
        most: The most.
        factor: A step, as per cent of the most.
    """
    step = math.ceil(most * factor / 100)
    return min(now + step, most) if told == "firing" and step else least


class HighInvocationRate:
    """The alert of one function."""

    __slots__ = ("_counts", "_high_since", "_told", "_told_at")

    def __init__(self) -> None:
        self._counts: deque[tuple[float, int]] = deque()
        self._high_since: float | None = None
        self._told: Told = "resolved"
        self._told_at = -math.inf

    def look(self, now: float, answered: int) -> Told | None:
        """Take a count; return what is told at this moment, if anything.

        Args:
            now: Seconds on a steady clock.
            answered: Answers with 200 since ever.
        """
        self._counts.append((now, answered))
        while len(self._counts) > 1 and self._counts[1][0] <= now - WINDOW:
            self._counts.popleft()
        rate = (answered - self._counts[0][1]) / WINDOW
        if rate > HIGH_RATE:
            self._high_since = now if self._high_since is None else self._high_since
            return self._firing(now, now - self._high_since)
        self._high_since = None
        over = self._told == "firing" and now - self._told_at >= GROUP_INTERVAL
        return self._tell("resolved", now) if over else None

    def _firing(self, now: float, seconds: float) -> Told | None:
        first = self._told == "resolved" and seconds >= PENDING + GROUP_WAIT
        again = self._told == "firing" and now - self._told_at >= REPEAT
        return self._tell("firing", now) if first or again else None

    def _tell(self, what: Told, now: float) -> Told:
        self._told, self._told_at = what, now
        return what
