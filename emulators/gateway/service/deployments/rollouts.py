"""The pools a function has: a new revision starts beside the old, and takes over when ready."""

import time

import msgspec

from emulators.gateway.errors import GatewayError
from emulators.gateway.model.revision import Deployment, Revision, Scaling
from emulators.gateway.model.traffic import shares
from emulators.gateway.service.deployments.directory import Directory
from emulators.gateway.service.deployments.functions import Function, ScaledPool
from emulators.gateway.service.deployments.revisions import missing_revision, rollout_from
from emulators.gateway.service.deployments.scaler import Scaler
from emulators.gateway.service.deployments.store import DeploymentStore
from emulators.gateway.service.replicas.fleet import Fleet, start_refusal
from emulators.gateway.service.replicas.pool import Activator, RevisionPool
from emulators.gateway.specs.edition import Edition, most_replicas

_FIXED = Scaling(minimum=1, maximum=1)  # an address is one replica, always wanted


class Rollouts:
    """Brings revisions and their traffic into effect.

    Args:
        fleet: Starts and ends replicas.
        scaler: Decides how many.
        store: Where deployments are kept.
        directory: Names and tags of functions.
        limit: Most replicas for one revision.
        edition: Whose limit holds for functions deployed through OpenFaaS.
        scales: Whether it is this gateway that decides how many replicas there are.
    """

    def __init__(
        self,
        fleet: Fleet,
        scaler: Scaler,
        store: DeploymentStore,
        directory: Directory,
        limit: int,
        edition: Edition,
        *,
        scales: bool,
    ) -> None:
        self._fleet = fleet
        self._scaler = scaler
        self._store = store
        self._directory = directory
        self._limit = limit
        self._edition: Edition = edition
        self._scales = scales
        self._activator = Activator()
        self._owners: dict[RevisionPool, tuple[Function, ScaledPool]] = {}
        fleet.events.changed.subscribe(self._changed)
        fleet.events.failed.subscribe(self._failed)

    def begin(self, deployment: Deployment) -> Function:
        """Return a function with the pools that its traffic needs; no replica is started."""
        function = Function(deployment, self._pool(deployment, deployment.served))
        self._owners[function.serving.pool] = function, function.serving
        self.route(function)
        return function

    def start(self, scaled: ScaledPool) -> None:
        """Start the first replicas of a pool."""
        self._fleet.bring_to(scaled.pool, self._initial(scaled))

    def roll(self, function: Function, revision: Revision) -> None:
        """Start a revision beside the one that serves; ready, it becomes the latest."""
        if function.next is not None:
            self.retire(function.next)
        scaled = self._pool(function.deployment, revision)
        self._owners[scaled.pool] = function, scaled
        function.next = scaled
        most = scaled.autoscaler.maximum
        initial = max(self._initial(scaled), min(len(function.serving.pool.replicas), most))
        if initial:
            self._fleet.bring_to(scaled.pool, initial)
        else:
            self._switch(function)

    def retry(self, function: Function) -> None:
        """Try a revision again that did not start: what it lacked may be there by now."""
        coming = function.next
        if coming is not None:
            state = self._fleet.state(coming.pool)
            if state.failures and not state.starting and time.monotonic() >= state.try_after:
                self._fleet.bring_to(coming.pool, max(1, self._initial(coming)))

    def try_again(self, function: Function) -> None:
        """Try a newest revision at once that did not start: it was just deployed once more."""
        scaled = function.next or function.serving
        state = self._fleet.state(scaled.pool)
        if state.failures and not state.starting and not scaled.pool.replicas:
            state.failure, state.try_after = "", 0.0
            self._fleet.bring_to(scaled.pool, max(1, self._initial(scaled)))

    def take_traffic(self, function: Function) -> None:
        """Bring the wanted traffic into effect, once the revisions that it names are ready."""
        deployment, coming = function.deployment, function.next
        awaited = missing_revision(deployment) or (coming.name if coming else "")
        if not any(awaited and t.revision == awaited for t in deployment.traffic):
            deployment.routed = deployment.traffic
        self._store.save(deployment)
        self.route(function)

    def route(self, function: Function) -> None:
        """Give each revision its share as of now, and let go of those that have none."""
        deployment, now = function.deployment, time.time()
        if deployment.rollout is not None and deployment.rollout.over(now):
            deployment.rollout = None
            self._store.save(deployment)
        found = shares(deployment.routed, deployment.served.name, deployment.rollout, now)
        needed = {share.revision for share in found}
        for name in needed - {scaled.name for scaled in function.pools()}:
            function.older[name] = self._older(function, name)
        function.route(found)
        self._directory.enter(function)
        for name in set(function.older) - needed:
            self.retire(function.older.pop(name))

    def retire(self, scaled: ScaledPool, error: GatewayError | None = None) -> None:
        """End a pool when it has finished what it holds.

        Args:
            scaled: The pool.
            error: For those who wait in it; without one they go where traffic goes.
        """
        scaled.pool.retired = True
        self._owners.pop(scaled.pool, None)
        if error is not None:
            scaled.pool.refuse_waiting(error)
        scaled.pool.send_on()
        self._fleet.bring_to(scaled.pool, 0)

    def withdraw_all(self) -> None:
        """Let every replica end when it has finished what it holds."""
        for pool in self._owners:
            self._fleet.bring_to(pool, 0)

    def _pool(self, deployment: Deployment, revision: Revision) -> ScaledPool:
        if not self._scales:
            revision = msgspec.structs.replace(revision, scaling=_FIXED)
        pool = RevisionPool(revision, self._activator, self._wanted, self._fleet.drained)
        if deployment.origin != "openfaas":
            return ScaledPool(pool, self._limit)
        limit = most_replicas(self._edition, self._limit)
        return ScaledPool(pool, limit, community=self._edition == "ce" and self._scales)

    def _older(self, function: Function, name: str) -> ScaledPool:
        revision = function.deployment.revision(name)
        assert revision is not None, "revisions that traffic names are kept"
        scaled = self._pool(function.deployment, revision)
        self._owners[scaled.pool] = function, scaled
        return scaled

    def _wanted(self, pool: RevisionPool) -> None:
        owner = self._owners.get(pool)
        if owner is None or owner[0].next is owner[1]:
            return
        if self._comes_instead(pool):
            assert owner[0].next is not None
            self._fleet.hurry(owner[0].next.pool)
        else:
            self._scaler.wake(*owner)

    def _initial(self, scaled: ScaledPool) -> int:
        scaling = scaled.pool.revision.scaling
        return min(max(scaling.initial, scaling.minimum), scaled.autoscaler.maximum)

    def _changed(self, pool: RevisionPool) -> None:
        """Act on replicas of a pool that came or went, or failed to come."""
        owner = self._owners.get(pool)
        if owner is None:  # retired while it was starting
            self._fleet.bring_to(pool, 0)
        elif owner[0].next is owner[1]:
            if pool.replicas:
                self._switch(owner[0])
            elif self._fleet.state(owner[0].serving.pool).failures:
                self._failed(owner[0].serving.pool, "")
        elif pool.waiting and not pool.replicas and not self._comes_instead(pool):
            self._scaler.wake(*owner)
        elif owner[0].resting and not pool.waiting:  # scaled to none while this one was starting
            self._fleet.bring_to(pool, 0)

    def _comes_instead(self, pool: RevisionPool) -> bool:
        """Tell whether a newer revision is on its way, and this one does not start.

        Who waits then waits for the newer one: it may be the fix.
        """
        owner = self._owners.get(pool)
        coming = owner[0].next if owner else None
        if coming is None or coming.pool is pool or pool.replicas:
            return False
        return bool(self._fleet.state(pool).failures and self._fleet.state(coming.pool).starting)

    def _failed(self, pool: RevisionPool, reason: str) -> None:
        """Refuse who waits for a pool that gets no replica; say why the newest has none."""
        owner = self._owners.get(pool)
        coming = owner[0].next if owner else None
        if coming is not None and coming.pool is not pool:
            reason = self._fleet.state(coming.pool).failure or reason
        hopeless = not (pool.replicas or self._fleet.state(pool).starting)
        if reason and hopeless and not self._comes_instead(pool):
            pool.refuse_waiting(start_refusal(pool.revision.function, reason))

    def _switch(self, function: Function) -> None:
        """Make the next revision the latest: it is ready."""
        old, new = function.serving, function.next
        assert new is not None
        duration = function.deployment.rollout_duration
        function.deployment.rollout = rollout_from(function.shares, duration, time.time())
        function.serving, function.next = new, None
        if new.community:  # what was set holds for the function, whichever its revision
            new.hold = old.hold
        function.older[old.name] = old
        function.deployment.serving = new.pool.revision.number
        self.take_traffic(function)
