"""The gateway's own scaler, fed with simulated load: Knative's rules."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from benchmarks.capacity.scalers.scaler import Seen
from emulators.gateway.model.revision import Deployment, Revision, Scaling
from emulators.gateway.model.scaling import TICK_SECONDS
from emulators.gateway.service.deployments.functions import Function, ScaledPool
from emulators.gateway.service.deployments.scaler import Scaler as GatewaysScaler
from emulators.gateway.service.replicas.pool import Activator, RevisionPool

if TYPE_CHECKING:
    from emulators.gateway.model.scaling import LoadMeter
    from emulators.gateway.service.replicas.fleet import Fleet
    from emulators.gateway.service.replicas.pool import Replica

MOST = 10_000_000  # replicas where a platform bounds nobody


class SimulatedFleet:
    """Notes what the scaler wants, where the gateway's fleet would start and end processes."""

    def __init__(self) -> None:
        self.wanted = 0
        self.starting = 0
        self.try_after = 0.0

    def state(self, _: RevisionPool) -> "SimulatedFleet":
        """Return what the scaler reads of the pool's processes: this object has it."""
        return self

    def bring_to(self, _: RevisionPool, wanted: int) -> None:
        """Note how many are wanted."""
        self.wanted = wanted

    def hurry(self, _: RevisionPool) -> None:
        """Start at once what waits for its turn: here nothing does, each has a machine's room."""


class SimulatedMeter:
    """Gives the scaler what the simulation measured, where the gateway's meter counts requests."""

    def __init__(self) -> None:
        self.held = 0
        self.measured = (0.0, 0.0)

    def take(self, _: float) -> tuple[float, float]:
        """Return the mean concurrency and the arrivals per second."""
        return self.measured


class Autoscaled:
    """A rule: see Scaler.

    Args:
        scaling: The revision's settings.
        limit: Requests that a replica is given at once; 0: no limit.
        most: Most replicas; 0: no limit.
        zero_grace: Seconds between "no load in the window" and no replica.
    """

    every = TICK_SECONDS

    def __init__(self, scaling: Scaling, limit: int, most: int, zero_grace: float) -> None:
        self.least = scaling.minimum
        self._now = 0.0
        self._fleet, self._meter = SimulatedFleet(), SimulatedMeter()
        revision = Revision("prediction", "default", 1, "", scaling=scaling, concurrency=limit)
        self._pool = RevisionPool(revision, Activator(), lambda _: None, lambda _: None)
        self._pool.meter = cast("LoadMeter", self._meter)
        self._scaled = ScaledPool(self._pool, most or MOST)
        deployed = Deployment("prediction", "default", "knative", {}, 1, [revision], 0.0)
        self._function = Function(deployed, self._scaled)
        fleet = cast("Fleet", self._fleet)
        self._scaler = GatewaysScaler(fleet, zero_grace, lambda: self._now)

    def wake(self, now: float, seen: Seen) -> int:
        """See Scaler."""
        self._see(now, seen)
        self._scaler.wake(self._function, self._scaled)
        return self._fleet.wanted

    def look(self, now: float, seen: Seen) -> int:
        """See Scaler."""
        self._see(now, seen)
        self._scaler.tick(self._function, now)
        return self._fleet.wanted

    def _see(self, now: float, seen: Seen) -> None:
        self._now = now
        self._fleet.wanted = seen.ready + seen.starting  # where it brings to nothing else
        self._fleet.starting = seen.starting
        self._meter.held, self._meter.measured = seen.held, (seen.concurrency, seen.rate)
        replica: Any = SimpleNamespace(stalled=False, unready=False)
        if len(self._pool.replicas) != seen.ready:
            self._pool.replicas = [cast("Replica", replica)] * seen.ready
