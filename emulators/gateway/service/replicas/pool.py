"""The replicas of one revision, and the requests that wait for one (the activator)."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from emulators.gateway.errors import GatewayError, NotFound, Overloaded
from emulators.gateway.model.revision import Revision
from emulators.gateway.model.scaling import LoadMeter
from emulators.gateway.service.runtime import Instance

if TYPE_CHECKING:
    from emulators.gateway.service.replicas.deaths import Fate

ACTIVATOR_LIMIT = 10_000  # requests held for all functions that have no replica
QUEUE_DEPTH_FACTOR = 10  # requests held for each one that a replica may work on
MOST_AT_ONCE = 1000  # requests, and so connections, of one replica: what its server surely accepts

_DIALS_AT_ONCE = 5  # the smallest backlog in use (Python's socketserver)
_now = time.monotonic


class Waiter(Protocol):
    """Someone who asked for a replica."""

    def assign(self, replica: "Replica") -> None:
        """Give them a replica, theirs until they release it."""

    def reject(self, error: GatewayError) -> None:
        """Take it that there will be none."""

    def reroute(self) -> None:
        """Ask another revision's pool: this one gets no more requests."""


class Replica:
    """A running replica as the proxy sees it.

    Attributes:
        held: Requests it works on.
        own_server: Whether its server is the one that the gateway brings (else any program's).
        fresh: Whether it got no request yet.
        idle: Open connections that carry nothing (the transport's, as are the next four).
        known_answers: What was read from heads of its answers.
        connections: Every open connection.
        distrusted_until: Until when no connection is used twice.
        dials: Lets a few connections be opened at a time, so that its backlog does not run over.
        let_go: Whether it leaves because fewer are wanted.
        asked: Whether it was asked to end.
        answers: How many it has begun.
        stalled: Whether all its threads are taken, and no answer comes.
        unready: Whether its readiness probe fails, so that it gets no calls.
        lost: Calls that it goes on with after their time.
        fate: Why it is ended before it has finished, if it is.
    """

    __slots__ = (
        "answers", "asked", "connections", "dials", "distrusted_until", "draining", "fate", "fresh",
        "held", "idle", "instance", "known_answers", "let_go", "lost", "own_server", "pool",
        "stalled", "unready",
    )  # fmt: skip

    def __init__(self, instance: Instance, pool: "RevisionPool") -> None:
        self.instance = instance
        self.pool = pool
        self.held = 0
        self.draining = False
        self.fresh = True
        self.let_go = self.asked = self.stalled = self.unready = False
        self.answers = 0
        self.lost = 0
        self.fate: Fate | None = None
        self.own_server = bool(instance.address.path)
        self.idle: list[Any] = []
        self.known_answers: Any = None
        self.connections: set[Any] = set()
        self.distrusted_until = 0.0
        self.dials = asyncio.Semaphore(_DIALS_AT_ONCE)


class Activator:
    """Counts what is held for functions that have no replica, over the whole plane."""

    def __init__(self, limit: int = ACTIVATOR_LIMIT) -> None:
        self.limit = limit
        self.held = 0


class RevisionPool:
    """Hands out replicas of one revision, first come, first served.

    Args:
        revision: Whose replicas these are; `retired` says that it gets no more requests,
            `buffered` that the activator holds what its replicas' queues would refuse.
        activator: The plane's count of held requests.
        on_demand: Called when a request has to wait.
        on_drained: Called when a replica that leaves works on nothing any more.
    """

    def __init__(
        self,
        revision: Revision,
        activator: Activator,
        on_demand: Callable[["RevisionPool"], None],
        on_drained: Callable[[Replica], None],
    ) -> None:
        self.revision = revision
        self.retired = False
        self.buffered = (revision.scaling.burst_capacity or 0) < 0
        self.replicas: list[Replica] = []
        self.leaving: set[Replica] = set()
        self.waiting: deque[Waiter] = deque()
        self.meter = LoadMeter(_now())
        self._activator = activator
        self._on_demand = on_demand
        self._on_drained = on_drained
        self._limit = revision.concurrency or MOST_AT_ONCE

    def acquire(self, waiter: Waiter) -> Replica | None:
        """Return a replica at once, or None: then the waiter is told later.

        Raises:
            Overloaded: When too many wait already.
        """
        if self.retired:
            name = self.revision.function
            raise NotFound(f"function {name!r} was removed", "deploy it again")
        replica = self._free() if not self.waiting else None
        if replica is not None:
            self.hold(replica)
            return replica
        self._check_room()
        self.meter.begin(_now())
        self.waiting.append(waiter)
        self._activator.held += 1
        self._on_demand(self)
        return None

    def at_once(self) -> Replica | None:
        """Return a replica of the gateway's own server that is free and has answered before.

        It is to be held at once. None: there is none, or others wait for one.
        """
        replica = None if self.retired or self.waiting else self._free()
        usual = replica is not None and replica.own_server and not replica.fresh
        return replica if usual else None

    def hold(self, replica: Replica) -> None:
        """Count a request of a free replica."""
        self.meter.begin(_now())
        replica.held += 1

    def release(self, replica: Replica) -> None:
        """Give a replica back."""
        self.meter.end(_now())
        replica.held -= 1
        if self.waiting:
            self._hand_out()
        if replica.draining and replica.held == 0:
            self._on_drained(replica)

    def recovered(self, replica: Replica) -> None:
        """Note that a replica that stalled has a thread again."""
        replica.stalled = False
        self._hand_out()

    def ready_again(self, replica: Replica) -> None:
        """Note that a replica's readiness probe passes again."""
        replica.unready = False
        self._hand_out()

    def abandon(self, waiter: Waiter) -> None:
        """Note that a waiter no longer wants one."""
        self.waiting.remove(waiter)
        self._stop_waiting()

    def add(self, replica: Replica) -> None:
        """Note that a replica became ready."""
        self.replicas.append(replica)
        self._hand_out()

    def withdraw(self, replica: Replica) -> None:
        """Give this replica no more requests; `on_drained` follows when it holds none."""
        if replica not in self.replicas:  # it died a moment ago, or leaves already
            return
        self.replicas.remove(replica)
        self.leaving.add(replica)
        replica.draining = True
        if replica.held == 0:
            self._on_drained(replica)

    def lose(self, replica: Replica) -> None:
        """Note that a replica is gone."""
        self.leaving.discard(replica)
        if replica in self.replicas:
            self.replicas.remove(replica)

    def refuse_waiting(self, error: GatewayError) -> None:
        """Send every waiter away."""
        while self.waiting:
            waiter = self.waiting.popleft()
            self._stop_waiting()
            waiter.reject(error)

    def send_on(self) -> None:
        """Send every waiter to where traffic goes now."""
        for waiter in list(self.waiting):
            self.abandon(waiter)
            waiter.reroute()

    @property
    def passed_by(self) -> int:
        """How many replicas get no calls, as they stall or are not ready."""
        return sum(replica.stalled or replica.unready for replica in self.replicas)

    @property
    def ready(self) -> int:
        """How many replicas are ready."""
        return sum(not replica.unready for replica in self.replicas)

    def _free(self) -> Replica | None:
        best, least = None, self._limit
        for replica in self.replicas:
            if replica.held < least and not replica.stalled and not replica.unready:
                best, least = replica, replica.held
        return best

    def _hand_out(self) -> None:
        while self.waiting:
            replica = self._free()
            if replica is None:
                return
            waiter = self.waiting.popleft()
            self._activator.held -= 1
            replica.held += 1
            waiter.assign(replica)

    def _stop_waiting(self) -> None:
        self._activator.held -= 1
        self.meter.end(_now())

    def _check_room(self) -> None:
        name = self.revision.function
        if self.replicas and self.revision.concurrency and not self.buffered:
            room = QUEUE_DEPTH_FACTOR * self._limit * len(self.replicas)
            if len(self.waiting) < room:
                return
            raise Overloaded(
                f"function {name!r}: {room} requests wait already",
                "try again shortly, or raise containerConcurrency or max-scale",
                retry_after=1,
            )
        if self._activator.held >= self._activator.limit:
            raise Overloaded(
                f"function {name!r}: the activator holds {self._activator.limit} requests",
                "try again shortly",
                retry_after=1,
            )
