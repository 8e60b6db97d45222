"""The gate to traffic: a new replica comes in once its startup and readiness probes have passed."""

import asyncio

from emulators.gateway.model.backoff import Backoff
from emulators.gateway.model.probes import Probe
from emulators.gateway.service.replicas.pool import RevisionPool
from emulators.gateway.service.replicas.questions import Ask, answer_of
from emulators.gateway.service.runtime import Address, Instance, StartError

# Closely spaced at first, whatever the period: a forked replica is ready at once as a rule.
_PACE = Backoff(0.01, 0.5)


class Gate:
    """Holds new replicas back.

    Args:
        ask: Asks once.
        limit: Seconds until one that is not ready is given up.
    """

    def __init__(self, ask: Ask, limit: float) -> None:
        self._ask = ask
        self._limit = limit

    async def passed(self, pool: RevisionPool, instance: Instance) -> None:
        """Return when a replica's probes have passed; at once where its revision has none.

        Raises:
            StartError: When they do not in time: for startup what its period and threshold allow.
        """
        probes = pool.revision.probes
        if probes.startup is not None:
            allowed = probes.startup.period * probes.startup.failures
            await self._wait(instance.address, probes.startup, "startup", allowed)
        if probes.readiness is not None:
            await self._wait(instance.address, probes.readiness, "readiness", self._limit)

    async def _wait(self, address: Address, probe: Probe, kind: str, seconds: float) -> None:
        if probe.form == "process":  # which has answered already
            return
        await asyncio.sleep(probe.delay)
        why, passed = "", 0
        try:
            async with asyncio.timeout(seconds):
                for pause in _PACE.pauses():
                    why = await answer_of(self._ask, address, probe)
                    passed = 0 if why else passed + 1
                    if passed == probe.successes:
                        return
                    await asyncio.sleep(pause)
        except TimeoutError:
            asked = probe.path if probe.form == "http" else "(a connect)"
            raise StartError(
                f"its {kind} probe {asked} failed for {seconds:g} s: {why or 'no answer'}"
            ) from None
