"""Functions as the plane runs them."""

import time
from collections.abc import Iterator
from math import inf

from emulators.gateway.model.revision import Deployment
from emulators.gateway.model.scaling import Autoscaler, target_of
from emulators.gateway.model.traffic import Share, Split
from emulators.gateway.service.replicas.pool import RevisionPool


class ScaledPool:
    """A pool with its autoscaler.

    Attributes:
        idle_since: Since when no replica is wanted, or None.
        active_since: Since when it has replicas without a break, or None.
        hold: A number of replicas set by hand, until ``hold_until``.
        community: Whether the Community Edition runs it: alerts alone, and no autoscaler, change
            how many there are.
    """

    __slots__ = (
        "active_since",
        "autoscaler",
        "community",
        "hold",
        "hold_until",
        "idle_since",
        "poked_at",
        "pool",
    )

    def __init__(self, pool: RevisionPool, limit: int, *, community: bool = False) -> None:
        self.pool = pool
        self.autoscaler = Autoscaler(pool.revision.scaling, target_of(pool.revision), limit)
        self.idle_since: float | None = None
        self.active_since: float | None = None
        self.hold = 0
        self.hold_until = 0.0
        self.poked_at = 0.0
        self.community = community

    @property
    def name(self) -> str:
        """Its revision's name."""
        return self.pool.revision.name


class Function:
    """A deployed function: what serves it now, and what is to serve it next.

    Attributes:
        deployment: As deployed.
        serving: The pool of the newest revision that was ready.
        older: Pools of other revisions that have traffic or a tag, by name.
        next: The pool of a newer revision that is not ready yet, if any.
        shares: The traffic in effect.
        tags: Pools that have a host of their own.
        resting: Scaled to none by hand; the next request wakes it.
        invocations: Calls so far.
        sole: The pool that gets every request which names no tag, if one does.
        observed: The generation of the deployment that has been acted on; it lags a change.
    """

    def __init__(self, deployment: Deployment, serving: ScaledPool) -> None:
        self.deployment = deployment
        self.serving = serving
        self.older: dict[str, ScaledPool] = {}
        self.next: ScaledPool | None = None
        self.shares: list[Share] = []
        self.tags: dict[str, ScaledPool] = {}
        self.resting = False
        self.invocations = 0
        self.label = f"{deployment.name}.{deployment.namespace}"
        self.observed = deployment.generation
        self._split = Split([(serving, 1)])
        self.sole: RevisionPool | None = serving.pool

    @property
    def name(self) -> str:
        """Its name."""
        return self.deployment.name

    @property
    def namespace(self) -> str:
        """Its namespace, in OpenFaaS's words."""
        return self.deployment.namespace

    @property
    def behind_provider(self) -> bool:
        """Whether it is reached as by OpenFaaS's provider: bodies in chunks, failures marked."""
        return self.deployment.origin == "openfaas"

    @property
    def replicas(self) -> int:
        """Replicas that are ready, of every revision with traffic."""
        return sum(scaled.pool.ready for scaled in self.pools())

    def observe(self) -> None:
        """Note that the deployment as it is has been acted on."""
        self.observed = self.deployment.generation

    def pools(self) -> Iterator[ScaledPool]:
        """Yield every pool that may get requests."""
        yield self.serving
        yield from self.older.values()

    def choose(self, tag: str = "") -> RevisionPool:
        """Return whose turn it is: the tag's revision, or one by percent."""
        tagged = self.tags.get(tag) if tag else None
        return (tagged or self._split.choose()).pool

    def route(self, shares: list[Share]) -> None:
        """Take a traffic split into effect; each revision in it must have its pool."""
        pools = {scaled.name: scaled for scaled in self.pools()}
        chosen = [(pools[share.revision], share.percent) for share in shares]
        if shares != self.shares:
            self._split = Split(chosen or [(self.serving, 1)])
        self.shares = shares
        self.tags = {share.tag: pools[share.revision] for share in shares if share.tag}
        choices = self._split.choices()
        self.sole = choices[0].pool if len(choices) == 1 else None
        wanted = {*choices, *self.tags.values()}
        for scaled in pools.values():
            scaled.autoscaler.reachable = scaled in wanted

    def hold(self, replicas: int) -> None:
        """Keep a number set by hand for one window."""
        self.resting = replicas == 0
        self.serving.hold = replicas
        window = inf if self.serving.community else self.serving.pool.revision.scaling.window
        self.serving.hold_until = time.monotonic() + window if replicas else 0.0
