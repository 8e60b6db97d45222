"""OpenFaaS's Community Edition: an alert on the rate of answers, one step at a time."""

from benchmarks.capacity.scalers.scaler import Seen
from emulators.gateway.model.alerts import HighInvocationRate, replicas_after


class Alerted:
    """A rule: see Scaler. There is always one replica at least.

    Args:
        least: Fewest replicas.
        most: Most replicas.
    """

    every = 1.0

    def __init__(self, least: int, most: int) -> None:
        self.least, self._most = max(1, least), most
        self._alert = HighInvocationRate()
        self._wanted = self.least

    def wake(self, now: float, seen: Seen) -> int:  # noqa: ARG002 - see below
        """See Scaler; a request that waits brings none: the alert alone does."""
        return max(self._wanted, seen.ready + seen.starting)

    def look(self, now: float, seen: Seen) -> int:
        """See Scaler."""
        told = self._alert.look(now, seen.answered)
        if told is not None:
            self._wanted = replicas_after(told, seen.ready, self.least, self._most)
        return self._wanted
