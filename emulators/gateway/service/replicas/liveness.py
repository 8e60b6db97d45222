"""Replicas that hang, or fail their liveness probe: asked now and then, and replaced.

Whether a replica's process answers does not wait for a call: a thread (or a watching process) that
works on none answers for it, so that one whose every thread works lives. A probe that its Service
declares is asked as well; silence counts against it while no call is held alone, for then there is
nothing that it could wait for.
"""

import asyncio
from collections.abc import Callable

import structlog

from emulators.gateway.model.probes import Liveness, Probe
from emulators.gateway.service.replicas.deaths import Fate
from emulators.gateway.service.replicas.fleet import Fleet
from emulators.gateway.service.replicas.pool import Replica
from emulators.gateway.service.replicas.questions import Ask, Question, ended_within
from emulators.gateway.tasks import Tasks

log = structlog.get_logger()


class Watcher:
    """Watches every replica for as long as it lives.

    Args:
        fleet: Whose replicas are watched; ends what hangs.
        default: How often, and how patiently, where the Service does not say.
        ask: Asks a replica's probe once.
        answered: Told of each answer of a replica.
    """

    def __init__(
        self, fleet: Fleet, default: Liveness, ask: Ask, answered: Callable[[Replica], None]
    ) -> None:
        self._fleet = fleet
        self._default = default
        self._ask = ask
        self._answered = answered
        self._tasks = Tasks()
        fleet.events.joined.subscribe(self._begin)

    def close(self) -> None:
        """Watch none any more."""
        self._tasks.cancel()

    def _begin(self, replica: Replica) -> None:
        self._tasks.spawn(self._watch(replica))
        probe = replica.pool.revision.probes.liveness
        if probe is not None and probe.form != "process" and replica.instance.pid:
            self._tasks.spawn(self._probe(replica, probe))

    async def _watch(self, replica: Replica) -> None:
        """Ask a replica's process, and end it once it does not answer."""
        probe = replica.pool.revision.probes.liveness
        rule = Liveness(probe.period, probe.failures) if probe else self._default
        missed = 0
        while not await ended_within(replica.instance, rule.period):
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

    async def _answers(self, replica: Replica, patience: float) -> bool:
        """Tell whether its process answers, and while it is idle whether its server does."""
        if not await replica.instance.alive(patience):
            return False
        self._answered(replica)
        probes = replica.pool.revision.probes
        if replica.held or probes.readiness is None or probes.liveness is not None:
            return True
        try:
            async with asyncio.timeout(probes.readiness.timeout):
                await self._ask(replica.instance.address, probes.readiness)  # any answer will do
        except (OSError, TimeoutError):
            return False
        return True

    async def _probe(self, replica: Replica, probe: Probe) -> None:
        """Ask the liveness probe that a Service declares; what fails it takes no more calls.

        It finishes what it holds, as a container does within its grace.
        """
        question = Question(self._ask, replica, probe)
        failed, wait = 0, probe.delay or probe.period
        try:
            while not await ended_within(replica.instance, wait):
                wait = probe.period
                why = await question.put()
                if why is None:
                    continue
                failed = failed + 1 if why else 0
                if failed == probe.failures:
                    words = f"failed its liveness probe {failed} times ({why}) and was ended"
                    self._fleet.condemn(replica, Fate("unhealthy", words), at_once=False)
                    return
        finally:
            question.drop()
