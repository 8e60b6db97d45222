"""Functions as the plane runs them."""

import time

from emulators.gateway.scaling import Autoscaler, target_of
from emulators.gateway.service.pool import RevisionPool
from emulators.gateway.specs.revision import Deployment


class ScaledPool:
    """A pool with its autoscaler.

    Attributes:
        idle_since: Since when no replica is wanted, or None.
        hold: A number of replicas set by hand, until ``hold_until``.
    """

    __slots__ = ("autoscaler", "hold", "hold_until", "idle_since", "poked_at", "pool")

    def __init__(self, pool: RevisionPool, limit: int) -> None:
        self.pool = pool
        self.autoscaler = Autoscaler(pool.revision.scaling, target_of(pool.revision), limit)
        self.idle_since: float | None = None
        self.hold = 0
        self.hold_until = 0.0
        self.poked_at = 0.0


class Function:
    """A deployed function: what serves it now, and what is to serve it next.

    Attributes:
        deployment: As deployed.
        serving: The pool that requests go to.
        next: The pool of a newer revision that is not ready yet, if any.
        resting: Scaled to none by hand; the next request wakes it.
        invocations: Calls so far.
    """

    def __init__(self, deployment: Deployment, serving: ScaledPool) -> None:
        self.deployment = deployment
        self.serving = serving
        self.next: ScaledPool | None = None
        self.resting = False
        self.invocations = 0
        self.label = f"{deployment.name}.{deployment.namespace}"

    @property
    def name(self) -> str:
        """Its name."""
        return self.deployment.name

    @property
    def namespace(self) -> str:
        """Its namespace, in OpenFaaS's words."""
        return self.deployment.namespace

    @property
    def replicas(self) -> int:
        """Replicas that answer."""
        return len(self.serving.pool.replicas)

    def hold(self, replicas: int) -> None:
        """Keeps a number set by hand for one window."""
        self.resting = replicas == 0
        self.serving.hold = replicas
        window = self.serving.pool.revision.scaling.window
        self.serving.hold_until = time.monotonic() + window if replicas else 0.0
