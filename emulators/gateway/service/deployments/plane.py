"""The plane: deployed functions, by name, and what can be done with them."""

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

import msgspec

from emulators.gateway.errors import Invalid, not_found
from emulators.gateway.model.alerts import Told, replicas_after
from emulators.gateway.model.revision import Deployment, Revision
from emulators.gateway.service.deployments.directory import Directory
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.deployments.revisions import first, merged
from emulators.gateway.service.deployments.rollouts import Rollouts
from emulators.gateway.service.deployments.scaler import Scaler
from emulators.gateway.service.deployments.store import DeploymentStore
from emulators.gateway.service.logs import LogFile
from emulators.gateway.service.replicas.fleet import Fleet
from emulators.gateway.service.replicas.pool import Replica
from emulators.gateway.service.runtime import Runtime
from emulators.gateway.specs.edition import Edition, check_deploy
from emulators.gateway.specs.names import canonical
from emulators.gateway.specs.openfaas import factor_of

_TAKEN_AT_ONCE = 64  # more than are installed at once: those without packages wait for none


class Plane:
    """Keeps the functions and answers who serves a name.

    Args:
        runtime: What runs replicas.
        fleet: Starts and ends them.
        scaler: Decides how many.
        store: Where deployments are kept.
        limit: Most replicas for one revision.
        edition: Whose rules hold for functions deployed through OpenFaaS.
    """

    def __init__(
        self,
        runtime: Runtime,
        fleet: Fleet,
        scaler: Scaler,
        store: DeploymentStore,
        limit: int,
        edition: Edition = "pro",
    ) -> None:
        self._edition: Edition = edition
        self.functions: dict[tuple[str, str], Function] = {}
        self._directory = Directory()
        self._runtime = runtime
        self._fleet = fleet
        self._store = store
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._changes = 0  # of deployments, under way
        # Threads of their own: packages may take minutes, and others' threads are not to wait.
        self._takers = ThreadPoolExecutor(_TAKEN_AT_ONCE, "deploy")
        self._rollouts = Rollouts(
            fleet, scaler, store, self._directory, limit, edition, scales=runtime.scales
        )

    def restore(self) -> None:
        """Bring back what was deployed, and what is there without a deploy.

        Replicas come with requests or a minimum.
        """
        known = self._store.load()
        names = {(deployment.namespace, deployment.name) for deployment in known}
        given = self._runtime.given(time.time())
        for deployment in known + [d for d in given if (d.namespace, d.name) not in names]:
            function = self._adopt(deployment)
            for scaled in function.pools():
                if scaled.autoscaler.reachable:
                    self._fleet.bring_to(scaled.pool, scaled.pool.revision.scaling.minimum)
            if deployment.served is not deployment.current:
                self._rollouts.roll(function, deployment.current)
        self._tidy()

    def _tidy(self) -> None:
        """Let go of code that no kept revision names, unless a deploy is about to name some.

        A file that cannot be read may name some, too.
        """
        if self._store.whole and not self._changes:
            kept = (r for f in self.functions.values() for r in f.deployment.revisions)
            self._runtime.keep({revision.fingerprint for revision in kept})

    def resolve(self, name: str, *, outside: bool = False) -> tuple[Function, str]:
        """See `Directory.resolve`."""
        return self._directory.resolve(name, outside=outside)

    def lookup(self, name: str) -> Function:
        """Return the function of a name as written in an address (``name`` or ``name.namespace``).

        Raises:
            NotFound: Listing the functions that there are.
        """
        return self._directory.resolve(name)[0]

    def get(self, namespace: str | None, name: str) -> Function:
        """Return the function of a namespace and name.

        Raises:
            NotFound: Listing the functions that there are.
        """
        function = self.functions.get((canonical(namespace), name))
        if function is None:
            raise not_found(name, [name for _, name in self.functions])
        return function

    def listed(self, namespace: str | None) -> list[Function]:
        """Return the functions of a namespace, by name."""
        space = canonical(namespace)
        return [f for (ns, _), f in sorted(self.functions.items()) if ns == space]

    async def deploy(self, wanted: Deployment) -> Function:
        """Create or change a function; a changed template makes a new revision.

        The old revision serves until the new one is ready; if that never is, it goes on serving.
        The code is read in a thread, while calls go on; changes of one function come in order.

        Raises:
            Invalid: When the image cannot run here, a secret is missing or not for it, or
                the edition refuses a label.
        """
        async with self._turn(wanted.namespace, wanted.name):
            self._runtime.locate(wanted.current)
            self._fleet.check(wanted.current, missing=True)
            loop = asyncio.get_running_loop()
            digest = await loop.run_in_executor(self._takers, self._runtime.take, wanted.current)
            check_deploy(self._edition, wanted, [f.deployment for f in self.functions.values()])
            wanted.revisions[-1] = msgspec.structs.replace(wanted.current, fingerprint=digest)
            return self._deploy(wanted)

    @asynccontextmanager
    async def _turn(self, namespace: str, name: str) -> AsyncIterator[None]:
        """Wait for earlier changes of a function; the last of all changes tidies up."""
        turn = self._turns.setdefault((namespace, name), asyncio.Lock())
        self._changes += 1
        try:
            async with turn:
                yield
        finally:
            self._changes -= 1
            self._tidy()

    def _deploy(self, wanted: Deployment) -> Function:
        function = self.functions.get((wanted.namespace, wanted.name))
        if function is None:
            self._store.save(wanted := first(wanted))
            function = self._adopt(wanted)
            self._rollouts.start(function.serving)
            return function
        deployment = merged(function.deployment, wanted)
        self._store.save(deployment)
        changed = deployment.current.number != function.deployment.current.number
        function.deployment = deployment
        function.observe()
        if changed:
            self._rollouts.roll(function, deployment.current)
        else:
            self._rollouts.try_again(function)
        self._rollouts.take_traffic(function)
        return function

    async def remove(self, namespace: str | None, name: str) -> None:
        """Remove a function; what it holds is finished.

        Raises:
            NotFound: When it is not there.
        """
        async with self._turn(canonical(namespace), name):
            self._remove(self.get(namespace, name))

    def _remove(self, function: Function) -> None:
        name = function.name
        self._store.remove(function.namespace, name)
        del self.functions[function.namespace, name]
        self._directory.leave(function)
        gone = not_found(name, [known for _, known in self.functions])
        for scaled in (*function.pools(), function.next):
            if scaled is not None:
                self._rollouts.retire(scaled, gone)

    def scale(self, namespace: str | None, name: str, replicas: int) -> None:
        """Set the number of replicas by hand; the autoscaler takes over after its window.

        Raises:
            NotFound: For an unknown function.
            Invalid: For a number out of range.
        """
        function = self.get(namespace, name)
        if not self._runtime.scales:
            raise Invalid(
                f"this gateway does not scale {name!r}, to zero or otherwise: it runs "
                "elsewhere, at a fixed address",
                "scale it where it runs",
            )
        most = function.serving.autoscaler.maximum
        if not 0 <= replicas <= most:
            raise Invalid(f"replicas: {replicas} is out of range", f"give 0 to {most}")
        function.hold(replicas)
        self._fleet.bring_to(function.serving.pool, replicas)
        for scaled in function.older.values() if not replicas else ():
            self._fleet.bring_to(scaled.pool, 0)

    def renew(self, replica: Replica) -> None:
        """Let a replica go, and start another in its place.

        Raises:
            Invalid: When it runs elsewhere.
        """
        if not self._runtime.scales:
            raise Invalid(
                f"replica {replica.instance.id!r} runs elsewhere, at a fixed address",
                "end it where it runs",
            )
        pool = replica.pool
        there = len(pool.replicas) if replica in pool.replicas else 0
        replica.let_go = True
        pool.withdraw(replica)
        if there:
            self._fleet.bring_to(pool, there)

    def scale_by_alert(self, function: Function, told: Told) -> None:
        """Go one step up for an alert that fires, back to the minimum when it is over."""
        scaled = function.serving
        most, least = scaled.autoscaler.maximum, max(1, scaled.pool.revision.scaling.minimum)
        factor = factor_of(function.deployment.current.labels)
        wanted = replicas_after(told, function.replicas, least, most, factor)
        self.scale(function.namespace, function.name, wanted)

    def failure(self, function: Function, revision: str = "") -> str:
        """Return why a revision (the newest) does not start; empty when nothing is wrong."""
        newest = function.next or function.serving
        for scaled in (*function.pools(), newest):
            if scaled.name == (revision or newest.name):
                return self._fleet.state(scaled.pool).failure
        return ""

    def remove_revision(self, function: Function, revision: Revision) -> None:
        """Forget an old revision.

        Raises:
            Invalid: When it is the newest, or gets requests.
        """
        deployment = function.deployment
        if revision is deployment.current or revision.name in deployment.referenced():
            raise Invalid(
                f"revision {revision.name!r} is the newest, or has traffic or a tag",
                "change the traffic first",
            )
        deployment.revisions.remove(revision)
        self._store.save(deployment)
        self._tidy()

    def log_of(self, function: Function) -> LogFile | None:
        """Return where a function's output goes."""
        return self._runtime.log_of(function.deployment.current)

    def warmth(self, function: Function) -> str:
        """See `Runtime.warmth`, of what serves now."""
        return self._runtime.warmth(function.serving.pool.revision)

    def coming(self, function: Function) -> bool:
        """Tell whether the newest revision's first replica is still on its way."""
        if function.next is not None:
            return True
        pool = function.serving.pool
        return not pool.replicas and bool(self._fleet.state(pool).starting)

    def withdraw_all(self) -> None:
        """Let every replica end when it has finished what it holds."""
        self._rollouts.withdraw_all()

    def advance(self) -> None:
        """Move the rollouts that are under way on."""
        for function in self.functions.values():
            self._rollouts.retry(function)
            if function.deployment.rollout is not None:
                self._rollouts.route(function)

    def _adopt(self, deployment: Deployment) -> Function:
        function = self._rollouts.begin(deployment)
        self.functions[deployment.namespace, deployment.name] = function
        return function
