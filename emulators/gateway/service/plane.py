"""The plane: deployed functions, by name, and what can be done with them."""

import math
import time

import msgspec

from emulators.gateway.errors import GatewayError, not_found
from emulators.gateway.runtimes.base import Runtime
from emulators.gateway.runtimes.logs import LogFile
from emulators.gateway.service.fleet import Fleet
from emulators.gateway.service.functions import Function, ScaledPool
from emulators.gateway.service.pool import Activator, RevisionPool
from emulators.gateway.service.scaler import Scaler
from emulators.gateway.service.store import DeploymentStore
from emulators.gateway.specs.names import DEFAULT_NAMESPACE, KNATIVE_DEFAULT, canonical
from emulators.gateway.specs.revision import Deployment, Revision, Scaling

_KEPT_REVISIONS = 20
_FIXED = Scaling(minimum=1, maximum=1)  # an address is one replica, always wanted
_ALERT_STEP = 0.2  # of the most replicas, as OpenFaaS's scaling factor


class Plane:
    """Keeps the functions and answers who serves a name.

    Args:
        runtime: What runs replicas.
        fleet: Starts and ends them.
        scaler: Decides how many.
        store: Where deployments are kept.
        limit: Most replicas for one revision.
    """

    def __init__(
        self, runtime: Runtime, fleet: Fleet, scaler: Scaler, store: DeploymentStore, limit: int
    ) -> None:
        self.functions: dict[tuple[str, str], Function] = {}
        self._by_name: dict[str, Function] = {}
        self._owners: dict[RevisionPool, Function] = {}
        self._runtime = runtime
        self._fleet = fleet
        self._scaler = scaler
        self._store = store
        self._limit = limit
        self._activator = Activator()
        fleet.on_change = self._changed

    def restore(self) -> None:
        """Brings back what was deployed, and what is there without a deploy.

        Replicas come with requests or a minimum.
        """
        known = self._store.load()
        names = {(deployment.namespace, deployment.name) for deployment in known}
        given = self._runtime.given(time.time())
        for deployment in known + [d for d in given if (d.namespace, d.name) not in names]:
            function = self._adopt(deployment)
            minimum = deployment.served.scaling.minimum
            if minimum:
                self._fleet.bring_to(function.serving.pool, minimum)
            if deployment.served is not deployment.current:
                self._roll(function, deployment.current)

    def lookup(self, name: str) -> Function:
        """The function of a name as written in an address (``name`` or ``name.namespace``).

        Raises:
            GatewayError: 404 listing the functions that there are.
        """
        function = self._by_name.get(name)
        if function is None:
            raise not_found(name, [name for _, name in self.functions])
        return function

    def get(self, namespace: str | None, name: str) -> Function:
        """The function of a namespace and name.

        Raises:
            GatewayError: 404 listing the functions that there are.
        """
        function = self.functions.get((canonical(namespace), name))
        if function is None:
            raise not_found(name, [name for _, name in self.functions])
        return function

    def listed(self, namespace: str | None) -> list[Function]:
        """The functions of a namespace, by name."""
        space = canonical(namespace)
        return [f for (ns, _), f in sorted(self.functions.items()) if ns == space]

    def deploy(self, wanted: Deployment) -> Function:
        """Creates or changes a function; a changed template makes a new revision.

        The old revision serves until the new one is ready; if that never is, it goes on serving.

        Raises:
            GatewayError: 400 when the image cannot run here.
        """
        self._runtime.locate(wanted.current)
        mark = self._runtime.fingerprint(wanted.current)
        wanted.revisions[-1] = msgspec.structs.replace(wanted.current, fingerprint=mark)
        function = self.functions.get((wanted.namespace, wanted.name))
        if function is None:
            self._store.save(wanted)
            function = self._adopt(wanted)
            self._fleet.bring_to(function.serving.pool, self._initial(wanted.current))
            return function
        deployment = _merged(function.deployment, wanted)
        self._store.save(deployment)
        changed = deployment.current.number != function.deployment.current.number
        function.deployment = deployment
        if changed:
            self._roll(function, deployment.current)
        return function

    def remove(self, namespace: str | None, name: str) -> None:
        """Removes a function; what it holds is finished.

        Raises:
            GatewayError: 404 when it is not there.
        """
        function = self.get(namespace, name)
        self._store.remove(function.namespace, name)
        del self.functions[function.namespace, name]
        for alias in _aliases(function):
            self._by_name.pop(alias, None)
        for scaled in (function.serving, function.next):
            if scaled is not None:
                self._retire(scaled, not_found(name, [known for _, known in self.functions]))

    def scale(self, namespace: str | None, name: str, replicas: int) -> None:
        """Sets the number of replicas by hand; the autoscaler takes over after its window.

        Raises:
            GatewayError: 404 for an unknown function, 400 for a number out of range.
        """
        function = self.get(namespace, name)
        if not self._runtime.scales:
            raise GatewayError(
                400, f"this gateway does not scale {name!r}, to zero or otherwise: it runs "
                "elsewhere, at a fixed address", "scale it where it runs",
            )  # fmt: skip
        most = function.serving.autoscaler.maximum
        if not 0 <= replicas <= most:
            raise GatewayError(400, f"replicas: {replicas} is out of range", f"give 0 to {most}")
        function.hold(replicas)
        self._fleet.bring_to(function.serving.pool, replicas)

    def scale_by_alert(self, function: Function, *, firing: bool) -> None:
        """One step up for an alert that fires, back to the minimum when it is over."""
        scaled = function.serving
        most, least = scaled.autoscaler.maximum, scaled.pool.revision.scaling.minimum
        step = math.ceil(most * _ALERT_STEP)
        wanted = min(function.replicas + step, most) if firing else max(least, 1)
        self.scale(function.namespace, function.name, wanted)

    def failure(self, function: Function) -> str:
        """Why the newest revision does not start; empty when nothing is wrong."""
        newest = function.next or function.serving
        return self._fleet.state(newest.pool).failure

    def log_of(self, function: Function) -> LogFile | None:
        """Where a function's output goes."""
        return self._runtime.log_of(function.deployment.current)

    def coming(self, function: Function) -> bool:
        """Whether the newest revision's first replica is still on its way."""
        if function.next is not None:
            return True
        pool = function.serving.pool
        return not pool.replicas and bool(self._fleet.state(pool).starting)

    def withdraw_all(self) -> None:
        """Lets every replica end when it has finished what it holds."""
        for pool in self._owners:
            self._fleet.bring_to(pool, 0)

    def _adopt(self, deployment: Deployment) -> Function:
        function = Function(deployment, self._pool(deployment.served))
        self._owners[function.serving.pool] = function
        self.functions[deployment.namespace, deployment.name] = function
        for alias in _aliases(function):
            self._by_name[alias] = function
        return function

    def _pool(self, revision: Revision) -> ScaledPool:
        if not self._runtime.scales:
            revision = msgspec.structs.replace(revision, scaling=_FIXED)
        pool = RevisionPool(revision, self._activator, self._wanted, self._fleet.drained)
        return ScaledPool(pool, self._limit)

    def _wanted(self, pool: RevisionPool) -> None:
        function = self._owners.get(pool)
        if function is not None and function.serving.pool is pool:
            self._scaler.wake(function)

    def _initial(self, revision: Revision) -> int:
        scaling = revision.scaling
        most = min(scaling.maximum or self._limit, self._limit)
        return min(max(scaling.initial, scaling.minimum), most)

    def _roll(self, function: Function, revision: Revision) -> None:
        if function.next is not None:
            self._retire(function.next, None)
        scaled = self._pool(revision)
        self._owners[scaled.pool] = function
        function.next = scaled
        initial = max(self._initial(revision), min(function.replicas, scaled.autoscaler.maximum))
        if initial:
            self._fleet.bring_to(scaled.pool, initial)
        else:
            self._switch(function)

    def _changed(self, pool: RevisionPool) -> None:
        """Replicas of a pool came or went, or failed to come."""
        function = self._owners.get(pool)
        if function is None:  # retired while it was starting
            self._fleet.bring_to(pool, 0)
        elif function.next is not None and function.next.pool is pool:
            if pool.replicas:
                self._switch(function)
        elif pool.waiting and not pool.replicas:
            self._scaler.wake(function)

    def _switch(self, function: Function) -> None:
        old, new = function.serving, function.next
        assert new is not None
        function.serving, function.next = new, None
        function.deployment.serving = new.pool.revision.number
        self._store.save(function.deployment)
        for waiter in list(old.pool.waiting):
            old.pool.abandon(waiter)
            replica = new.pool.acquire(waiter)
            if replica is not None:
                waiter.granted(replica)
        self._retire(old, None)

    def _retire(self, scaled: ScaledPool, error: GatewayError | None) -> None:
        if error is not None:
            scaled.pool.refuse_waiting(error)
        self._owners.pop(scaled.pool, None)
        self._fleet.bring_to(scaled.pool, 0)


def _merged(old: Deployment, wanted: Deployment) -> Deployment:
    """The deployment after a change: the same template makes no new revision."""
    revisions = list(old.revisions)
    if not wanted.current.same_template(old.current):
        newest = msgspec.structs.replace(wanted.current, number=old.current.number + 1)
        kept = [r for r in revisions[:-_KEPT_REVISIONS] if r.number == old.serving]
        revisions = [*kept, *revisions[-_KEPT_REVISIONS:], newest]
    return Deployment(
        old.name, old.namespace, wanted.origin, wanted.manifest, old.generation + 1, revisions,
        old.created_at, old.serving,
    )  # fmt: skip


def _aliases(function: Function) -> list[str]:
    names = [f"{function.name}.{function.namespace}"]
    if function.namespace == DEFAULT_NAMESPACE:
        names += [function.name, f"{function.name}.{KNATIVE_DEFAULT}"]
    return names
