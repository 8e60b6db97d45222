"""Replicas whose every thread is taken and none gives an answer: new calls go to others."""

import structlog

from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.replicas.pool import Replica
from emulators.gateway.tasks import Tasks

log = structlog.get_logger()

PATIENCE = 2.0


class Stalls:
    """Looks at replicas now and then.

    One that a Service bounds (``containerConcurrency``) gets no more than it works on anyway.

    Args:
        patience: Seconds without an answer.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._asking = Tasks()
        self._seen: dict[Replica, tuple[int, float]] = {}

    def look(self, functions: list[Function], now: float) -> None:
        """Mark what stalls by now; an answer takes the mark away, or that it works on nothing."""
        pools = [scaled.pool for function in functions for scaled in function.pools()]
        full = [
            r
            for pool in pools
            if not pool.revision.concurrency
            for r in pool.replicas
            if 0 < r.instance.threads <= r.held
        ]
        self._seen = {replica: self._since(replica, now) for replica in full}
        for replica, (_, since) in self._seen.items():
            if now - since >= self._patience and not replica.stalled:
                replica.stalled = True
                log.info("replica stalls; new calls go to others", replica=replica.instance.id)

        for replica in [r for pool in pools for r in pool.replicas if r.stalled and not r.held]:
            self._asking.spawn(self._ask(replica))

    async def _ask(self, replica: Replica) -> None:
        """Ask one whose callers have gone whether it still works for them."""
        if await replica.instance.alive(self._patience) and not replica.instance.running:
            replica.pool.recovered(replica)

    def _since(self, replica: Replica, now: float) -> tuple[int, float]:
        """Return how many answers it has begun, and since when no more."""
        seen = self._seen.get(replica)
        return seen if seen and seen[0] == replica.answers else (replica.answers, now)
