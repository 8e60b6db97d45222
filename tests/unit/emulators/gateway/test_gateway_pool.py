"""The pool hands out replicas first come, first served, and never more than allowed."""

import pytest

from emulators.gateway.errors import GatewayError, NotReady, Overloaded
from emulators.gateway.model.revision import Revision
from emulators.gateway.service.replicas.pool import (
    MOST_AT_ONCE,
    Activator,
    Replica,
    RevisionPool,
)
from tests.support.emulators.instances import FakeInstance


class FakeWaiter:
    def __init__(self) -> None:
        self.replica: Replica | None = None
        self.error: GatewayError | None = None

    def assign(self, replica: Replica) -> None:
        self.replica = replica

    def reject(self, error: GatewayError) -> None:
        self.error = error

    def reroute(self) -> None:
        raise NotImplementedError


class Scene:
    def __init__(self, concurrency: int = 1, limit: int = 100) -> None:
        self.demands: list[RevisionPool] = []
        self.drained: list[Replica] = []
        revision = Revision("f", "n", 1, "i", concurrency=concurrency)
        self.activator = Activator(limit)
        self.pool = RevisionPool(revision, self.activator, self.demands.append, self.drained.append)

    def add(self) -> Replica:
        replica = Replica(FakeInstance(), self.pool)
        self.pool.add(replica)
        return replica

    def ask(self) -> FakeWaiter:
        waiter = FakeWaiter()
        waiter.replica = self.pool.acquire(waiter)
        return waiter


def test_a_request_waits_for_the_first_replica() -> None:
    scene = Scene()
    waiter = scene.ask()
    assert (waiter.replica, scene.demands) == (None, [scene.pool])
    replica = scene.add()
    assert waiter.replica is replica
    assert scene.activator.held == 0


def test_a_full_replica_makes_the_next_wait_in_turn() -> None:
    scene = Scene(concurrency=1)
    replica = scene.add()
    first, second, third = scene.ask(), scene.ask(), scene.ask()
    assert (first.replica, second.replica) == (replica, None)
    scene.pool.release(replica)
    assert (second.replica, third.replica) == (replica, None)
    assert replica.held == 1


def test_load_goes_to_the_replica_that_holds_least() -> None:
    scene = Scene(concurrency=0)
    one, two = scene.add(), scene.add()
    assert [scene.ask().replica for _ in range(4)] == [one, two, one, two]


def test_bounds_of_both_queues() -> None:
    empty = Scene(limit=2)
    empty.ask()
    empty.ask()
    with pytest.raises(GatewayError, match="activator"):
        empty.ask()
    busy = Scene(concurrency=2)
    busy.add()
    for _ in range(2 + 10 * 2):
        busy.ask()
    with pytest.raises(Overloaded, match="wait already"):
        busy.ask()


def test_a_withdrawn_replica_finishes_first() -> None:
    scene = Scene(concurrency=0)
    replica = scene.add()
    scene.ask()
    scene.pool.withdraw(replica)
    assert scene.ask().replica is None
    assert scene.drained == []
    scene.pool.release(replica)
    assert scene.drained == [replica]


def test_those_who_wait_can_leave_or_be_sent_away() -> None:
    scene = Scene()
    first, second = scene.ask(), scene.ask()
    scene.pool.abandon(first)
    scene.pool.refuse_waiting(NotReady("no"))
    assert first.error is None
    assert second.error is not None
    assert scene.activator.held == scene.pool.meter.held == 0


def test_without_a_limit_of_its_own_a_replica_gets_what_its_server_accepts() -> None:
    """More wait: as many as the activator holds, not ten times the limit and no more."""
    scene = Scene(concurrency=0, limit=3 * MOST_AT_ONCE)
    replica = scene.add()
    granted = [scene.ask() for _ in range(MOST_AT_ONCE)]
    assert {waiter.replica for waiter in granted} == {replica}
    waiting = [scene.ask() for _ in range(3 * MOST_AT_ONCE)]
    assert {waiter.replica for waiter in waiting} == {None}
    with pytest.raises(GatewayError, match="activator"):
        scene.ask()
    scene.pool.release(replica)
    assert waiting[0].replica is replica
