"""Applies the autoscaler's decisions, tick by tick."""

import asyncio
import math
import time
from collections.abc import Callable

from emulators.gateway.model.scaling import TICK_SECONDS, Load, target_of
from emulators.gateway.service.deployments.functions import Function, ScaledPool
from emulators.gateway.service.replicas.fleet import Fleet

_POKE_SECONDS = 0.1


class Scaler:
    """Brings functions to the number of replicas that their load calls for.

    Args:
        fleet: Starts and ends replicas.
        zero_grace: Seconds between "no load in the window" and no replica.
        clock: Seconds on a steady clock.
    """

    def __init__(
        self, fleet: Fleet, zero_grace: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fleet = fleet
        self._zero_grace = zero_grace
        self._clock = clock

    async def run(self, functions: dict[tuple[str, str], Function]) -> None:
        """Tick for ever."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = self._clock()
            for function in list(functions.values()):
                self.tick(function, now)

    def tick(self, function: Function, now: float) -> None:
        """Decide once for each of a function's revisions."""
        for scaled in list(function.pools()):
            self._tick(function, scaled, now)

    def _tick(self, function: Function, scaled: ScaledPool, now: float) -> None:
        pool = scaled.pool
        if scaled.community:
            self._keep(function, scaled, now)
            return
        asleep = not (pool.replicas or pool.waiting or pool.meter.held)
        if not pool.replicas:
            scaled.active_since = None
        elif scaled.active_since is None:
            scaled.active_since = now
        minimum = pool.revision.scaling.minimum if scaled.autoscaler.reachable else 0
        if asleep and (function.resting or not minimum):
            return
        concurrency, rate = pool.meter.take(now)
        value = rate if pool.revision.scaling.metric == "rps" else concurrency
        wanted = scaled.autoscaler.decide(now, Load(value, len(pool.replicas)))
        pool.buffered = scaled.autoscaler.excess < 0
        if pool.passed_by:  # they carry no load: what was started beside them stays
            wanted = max(wanted, min(len(pool.replicas), wanted + pool.passed_by))
        self._apply(scaled, self._held(scaled, wanted, now), now, resting=function.resting)

    def _keep(self, function: Function, scaled: ScaledPool, now: float) -> None:
        """Have what was set last, by hand or by an alert; one at least, for none is Pro's."""
        fewest = max(1, scaled.pool.revision.scaling.minimum) if scaled.autoscaler.reachable else 0
        wanted = max(fewest, scaled.hold if scaled is function.serving else 0)
        self._apply(scaled, self._limited(scaled, wanted) if wanted else 0, now, resting=False)

    def wake(self, function: Function, scaled: ScaledPool) -> None:
        """Bring replicas before the next tick: a request waits."""
        function.resting = False
        now = self._clock()
        pool, state = scaled.pool, self._fleet.state(scaled.pool)
        self._fleet.hurry(pool)
        if not pool.replicas and not state.starting:
            scaling = pool.revision.scaling
            self._fleet.bring_to(
                pool, self._limited(scaled, max(1, scaling.minimum, scaling.activation))
            )
        elif pool.replicas and not scaled.community and now - scaled.poked_at > _POKE_SECONDS:
            scaled.poked_at = now
            per_replica = pool.revision.concurrency or target_of(pool.revision)
            passed_by = pool.passed_by
            beside = passed_by + 1 if passed_by == len(pool.replicas) else 0
            needed = math.ceil(pool.meter.held / per_replica)
            wanted = self._limited(scaled, max(needed, beside))
            if wanted > len(pool.replicas) + state.starting:
                self._fleet.bring_to(pool, wanted)

    def _limited(self, scaled: ScaledPool, wanted: int) -> int:
        return max(1, min(wanted, scaled.autoscaler.maximum))

    def _held(self, scaled: ScaledPool, wanted: int, now: float) -> int:
        if now < scaled.hold_until:
            return max(scaled.hold, wanted if wanted > scaled.hold else 0)
        return wanted

    def _apply(self, scaled: ScaledPool, wanted: int, now: float, *, resting: bool) -> None:
        pool, state = scaled.pool, self._fleet.state(scaled.pool)
        if pool.meter.held:
            wanted = max(wanted, 1)
        elif resting:
            wanted = 0
        if state.starting and not resting:  # what is on its way comes before less is decided
            wanted = max(wanted, len(pool.replicas) + state.starting)
        if wanted == 0 and not resting:
            wanted = min(self._towards_zero(scaled, now), len(pool.replicas) + state.starting)
        else:
            scaled.idle_since = None
        if wanted > len(pool.replicas) + state.starting and now < state.try_after:
            return
        self._fleet.bring_to(pool, wanted)

    def _towards_zero(self, scaled: ScaledPool, now: float) -> int:
        """Return one until it has had replicas for a window, then rested; as Knative's KPA does."""
        scaling = scaled.pool.revision.scaling
        if scaled.active_since is None or now - scaled.active_since < scaling.window:
            return 1
        if scaled.idle_since is None:
            scaled.idle_since = now
        rest = max(self._zero_grace, scaling.retention)
        return 0 if now - scaled.idle_since >= rest else 1
