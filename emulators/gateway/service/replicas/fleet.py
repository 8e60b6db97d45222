"""Brings pools to the number of replicas that is wanted."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from weakref import WeakKeyDictionary

import structlog

from emulators.gateway.errors import GatewayError, NotReady
from emulators.gateway.model.backoff import Backoff
from emulators.gateway.model.revision import Revision
from emulators.gateway.service.configuration.environment import Environment
from emulators.gateway.service.replicas.deaths import Deaths, Fate
from emulators.gateway.service.replicas.events import FleetEvents
from emulators.gateway.service.replicas.pool import Replica, RevisionPool
from emulators.gateway.service.replicas.start_queue import StartQueue
from emulators.gateway.service.runtime import Instance, Runtime, StartError
from emulators.gateway.tasks import Tasks

log = structlog.get_logger()

_TRIES = Backoff(2.0, 60.0)  # of starts, each after one that failed
_DYING_SECONDS = 0.2


class StartState:
    """What is known about starting replicas of one pool."""

    __slots__ = ("failure", "failures", "starting", "try_after")

    def __init__(self) -> None:
        self.starting = 0
        self.failures = 0
        self.failure = ""
        self.try_after = 0.0


class Fleet:
    """Starts and ends replicas.

    Args:
        runtime: What runs them.
        environment: Where their environment comes from.
        probe: Waits until a new replica answers its readiness probe; raises StartError.
        grace: Seconds a replica has to end by itself.
        deaths: Told of replicas that end and were not let go.
        events: Told of what happens to replicas.
    """

    def __init__(
        self,
        runtime: Runtime,
        environment: Environment,
        probe: Callable[[RevisionPool, Instance], Awaitable[None]],
        grace: float,
        deaths: Deaths,
        events: FleetEvents,
    ) -> None:
        self._runtime = runtime
        self._environment = environment
        self._probe = probe
        self._grace = grace
        self._deaths = deaths
        self._tasks = Tasks()
        self._queue = StartQueue()
        self.events = events
        self._states: WeakKeyDictionary[RevisionPool, StartState] = WeakKeyDictionary()

    def state(self, pool: RevisionPool) -> StartState:
        """Return what is known about starts of this pool."""
        return self._states.setdefault(pool, StartState())

    def bring_to(self, pool: RevisionPool, wanted: int) -> None:
        """Start or withdraw replicas so that ``wanted`` will be there."""
        live = len(pool.replicas) + self.state(pool).starting
        for _ in range(wanted - live):
            self.state(pool).starting += 1
            self._tasks.spawn(self._start(pool))
        if wanted < len(pool.replicas):
            spare = sorted(pool.replicas, key=lambda r: (not (r.stalled or r.unready), r.held))
            for replica in spare[: len(pool.replicas) - wanted]:
                replica.let_go = True
                pool.withdraw(replica)

    def drained(self, replica: Replica) -> None:
        """End a withdrawn replica: it works on nothing."""
        self._tasks.spawn(self._end(replica))

    def condemn(self, replica: Replica, fate: Fate, *, at_once: bool) -> None:
        """Let a replica finish what it holds, then kill it; or kill it at once."""
        replica.fate = replica.fate or fate
        replica.pool.withdraw(replica)
        if at_once:
            self._tasks.spawn(replica.instance.destroy())

    async def destroy(self, replica: Replica, fate: Fate) -> None:
        """Kill a replica that cannot finish; return when it is gone."""
        self.condemn(replica, fate, at_once=False)
        await replica.instance.destroy()

    def check(self, revision: Revision, *, missing: bool) -> None:
        """See `Environment.check`."""
        self._environment.check(revision, missing=missing)

    def close(self) -> None:
        """Give up the starts that have not begun."""
        self._queue.close()

    async def settle(self) -> None:
        """Wait until everything begun is over."""
        await self._tasks.settle()

    def hurry(self, pool: RevisionPool) -> None:
        """Start what was to start in its turn now: a request waits."""
        self._queue.hurry(pool)

    async def _start(self, pool: RevisionPool) -> None:
        state, failure = self.state(pool), ""
        async with self._queue.turn(pool):
            began = time.monotonic()
            try:
                instance = None if pool.retired else await self._launch(pool)
            except StartError as error:
                instance, failure = None, str(error)
        state.starting -= 1
        if instance is None:
            if failure:
                self._failed(pool, state, failure)
            return
        state.failures, state.failure, state.try_after = 0, "", 0.0
        self.events.started(pool, time.monotonic() - began, instance)
        replica = Replica(instance, pool)
        instance.exited.add_done_callback(lambda _: self._lost(replica))
        self.events.joined(replica)
        pool.add(replica)
        self.events.changed(pool)

    async def _launch(self, pool: RevisionPool) -> Instance:
        instance = await self._equipped(pool.revision)
        try:
            await self._probed(pool, instance)
        except StartError:
            await instance.stop(self._grace)
            raise
        return instance

    async def _equipped(self, revision: Revision) -> Instance:
        """Launch with an environment, of which nothing is left when the replica is gone."""
        env: Mapping[str, str] = {}
        instance = None
        try:
            env = self._environment.of(revision)
            instance = await self._runtime.launch(revision, env)
        except (OSError, GatewayError, ValueError) as error:
            raise StartError(str(error)) from error
        finally:
            if instance is None:
                self._environment.take_back(env)
        instance.exited.add_done_callback(lambda _: self._environment.take_back(env))
        return instance

    async def _probed(self, pool: RevisionPool, instance: Instance) -> None:
        """Wait until it is ready, or gone."""
        probing = asyncio.ensure_future(self._probe(pool, instance))
        try:
            await asyncio.wait((probing, instance.exited), return_when=asyncio.FIRST_COMPLETED)
            if not probing.done():
                raise StartError(f"it {instance.exited.result()} before it was ready")
            probing.result()
        finally:
            probing.cancel()

    def _failed(self, pool: RevisionPool, state: StartState, reason: str) -> None:
        state.failures += 1
        state.failure = reason
        state.try_after = time.monotonic() + _TRIES.after(state.failures)
        function = pool.revision.function
        log.error(
            "replica did not start", function=function, revision=pool.revision.name, reason=reason
        )
        if not pool.replicas:
            self.events.failed(pool, reason)
        self.events.changed(pool)

    async def _end(self, replica: Replica) -> None:
        for connection in list(replica.connections):
            connection.close()
        if not replica.let_go:  # it may be dying by itself, which shows in a moment
            await asyncio.wait((replica.instance.exited,), timeout=_DYING_SECONDS)
        replica.asked = not replica.instance.exited.done()
        if replica.fate is None:
            await replica.instance.stop(replica.pool.revision.timeout)
        else:
            await replica.instance.destroy()
        replica.pool.lose(replica)

    def _lost(self, replica: Replica) -> None:
        if not replica.asked or replica.fate is not None:
            work = self._deaths.note(replica.pool.revision, replica.instance, replica.fate)
            self._tasks.spawn(work)
        replica.pool.lose(replica)
        self.events.changed(replica.pool)


def start_refusal(function: str, reason: str) -> GatewayError:
    """Return the answer to those who waited for a replica that did not start."""
    last = reason.strip().splitlines()[-1] if reason.strip() else "no reason given"
    return NotReady(
        f"function {function!r} does not start: {last}",
        f"see the function's log ({function}.log), correct it and deploy again",
    )
