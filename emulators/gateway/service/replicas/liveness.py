"""Replicas that hang: asked now and then whether they are alive, and replaced if they are not.

What is asked does not wait for a call: a thread (or a watching process) that works on none answers
for the process, so that one whose every thread works lives. Where the Service declares a probe over
HTTP, that is asked as well, while no call is held: then there is nothing that it could wait for.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from emulators.gateway.model.revision import Liveness
from emulators.gateway.service.replicas.deaths import Fate
from emulators.gateway.service.replicas.fleet import Fleet
from emulators.gateway.service.replicas.pool import Replica
from emulators.gateway.tasks import Tasks

log = structlog.get_logger()


class Watcher:
    """Watches every replica for as long as it lives.

    Args:
        fleet: Whose replicas are watched; ends what hangs.
        default: How often, and how patiently, where the Service does not say.
        probe: Asks a replica over HTTP as its revision says; whether it may stay.
        answered: Told of each answer of a replica.
    """

    def __init__(
        self,
        fleet: Fleet,
        default: Liveness,
        probe: Callable[[Replica], Awaitable[bool]],
        answered: Callable[[Replica], None],
    ) -> None:
        self._fleet = fleet
        self._default = default
        self._probe = probe
        self._answered = answered
        self._tasks = Tasks()
        fleet.events.joined.subscribe(self._begin)

    def close(self) -> None:
        """Watch none any more."""
        self._tasks.cancel()

    def _begin(self, replica: Replica) -> None:
        self._tasks.spawn(self._watch(replica))

    async def _watch(self, replica: Replica) -> None:
        rule = replica.pool.revision.liveness or self._default
        missed = 0
        while not await self._gone(replica, rule.period):
            missed = 0 if await self._answers(replica, rule.period) else missed + 1
            if replica.instance.exited.done() or not missed:
                continue
            log.warning("replica does not answer", replica=replica.instance.id, times=missed)
            if missed >= rule.failures:
                seconds = rule.period * rule.failures
                fate = Fate("hung", f"did not answer for {seconds:g} s and was killed")
                await self._fleet.destroy(replica, fate)
            elif missed * 2 >= rule.failures:  # others take its calls from here on
                replica.pool.withdraw(replica)

    async def _gone(self, replica: Replica, seconds: float) -> bool:
        """Tell whether it ended by itself within so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.shield(replica.instance.exited)
        return replica.instance.exited.done()

    async def _answers(self, replica: Replica, patience: float) -> bool:
        if not await replica.instance.alive(patience):
            return False
        self._answered(replica)
        return replica.held > 0 or await self._probe(replica)
