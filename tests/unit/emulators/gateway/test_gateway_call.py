"""A call from a client's connection to a replica's and back, over sockets of a test's own."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from emulators.gateway.errors import GatewayError, TimedOut
from emulators.gateway.http.connection import ClientConnection
from emulators.gateway.http.problems import status_of
from emulators.gateway.http.server import Server
from emulators.gateway.metrics import Metrics
from emulators.gateway.model.revision import Deployment, Revision
from emulators.gateway.proxy.call import Call
from emulators.gateway.proxy.calls import Calls
from emulators.gateway.proxy.clients.client_exchange import ClientExchange
from emulators.gateway.proxy.replicas import reuse
from emulators.gateway.proxy.replicas.lease import Lease
from emulators.gateway.proxy.replicas.upstream import UpstreamConnection
from emulators.gateway.proxy.sink import NOWHERE
from emulators.gateway.proxy.told.access_log import AccessLog
from emulators.gateway.service.deployments.functions import Function, ScaledPool
from emulators.gateway.service.replicas.pool import Activator, Replica, RevisionPool
from emulators.gateway.tasks import Tasks
from tests.support.emulators.instances import FakeInstance
from tests.support.processes import PATIENCE

REQUEST = b"GET /function/f/ HTTP/1.1\r\nhost: localhost\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Scene:
    """One function with one replica, a connection to it, and one from a client."""

    client: asyncio.StreamReader
    to_gateway: asyncio.StreamWriter
    behind: asyncio.StreamReader
    from_replica: asyncio.StreamWriter

    def __init__(self) -> None:
        self.pool = RevisionPool(Revision("f", "n", 1, "i"), Activator(), print, print)
        self.replica = Replica(FakeInstance(), self.pool)
        self.replica.own_server = True
        deployment = Deployment("f", "n", "knative", {}, 1, [self.pool.revision], 0.0)
        self.function = Function(deployment, ScaledPool(self.pool, 1))
        self.metrics = Metrics()
        self.calls = Calls(self.metrics, AccessLog(None), Tasks(), 60.0, lambda *_: None)

    def exchange(self, connection: ClientConnection, request: Any) -> ClientExchange:
        return ClientExchange(self.calls, self.function, connection, request, b"/")

    async def answer(self, answer: bytes) -> None:
        """Ask as the client, answer as the replica, and read as the client."""
        self.to_gateway.write(REQUEST)
        async with asyncio.timeout(PATIENCE):
            assert (await self.behind.readuntil(b"\r\n\r\n")).startswith(b"GET / HTTP/1.1\r\n")
            self.from_replica.write(answer)
            head = await self.client.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK")
            assert await self.client.readexactly(2) == b"ok"


@asynccontextmanager
async def opened() -> AsyncIterator[Scene]:
    scene, loop = Scene(), asyncio.get_running_loop()
    outer, client = socket.socketpair()
    inner, replica = socket.socketpair()
    server = Server(Tasks())
    await loop.connect_accepted_socket(lambda: ClientConnection(server, scene.exchange), outer)
    _, upstream = await loop.create_unix_connection(
        lambda: UpstreamConnection(scene.replica), sock=inner
    )
    assert reuse.put_back(upstream)
    scene.client, scene.to_gateway = await asyncio.open_connection(sock=client)
    scene.behind, scene.from_replica = await asyncio.open_connection(sock=replica)
    scene.pool.add(scene.replica)
    try:
        yield scene
    finally:
        for writer in (scene.to_gateway, scene.from_replica):
            writer.close()
            await writer.wait_closed()
        await asyncio.sleep(0)


def played(story: Callable[[Scene], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with opened() as scene:
            await story(scene)

    asyncio.run(whole())


def test_a_call_that_is_over_leaves_nothing_for_the_collector() -> None:
    async def story(scene: Scene) -> None:
        gc.disable()
        try:
            for _ in range(3):
                await scene.answer(ANSWER)
            left = [
                one for one in gc.get_objects() if isinstance(one, Call | ClientExchange | Lease)
            ]
        finally:
            gc.enable()
        assert left == []
        assert (scene.calls.open, scene.replica.held) == (set(), 0)

    played(story)


def test_an_ended_call_counts_once_and_gives_everything_up() -> None:
    async def story(scene: Scene) -> None:
        outcomes: list[str] = []

        class Sink:
            def head(self, status: int, headers: Any, *, bodiless: bool) -> bool:
                return True

            def body(self, data: bytes) -> None:
                """Of no interest."""

            def flush(self) -> None:
                """Of no interest."""

            def switch(self) -> None:
                """Not asked for."""

            def pace(self, *, full: bool) -> None:
                """Of no interest."""

            def ended(self) -> None:
                outcomes.append("ended")

            def failed(self, error: GatewayError) -> None:
                outcomes.append(error.message)

        call = Call(scene.calls, scene.function, b"GET / HTTP/1.1\r\n\r\n", Sink())
        call.start()
        assert scene.replica.held == 1
        call.give_up(TimedOut, "was late")
        call.give_up(TimedOut, "was late")
        call.abandon()
        call.answer_ended()
        assert outcomes == ["function 'f' was late"]
        assert (call.sink, scene.replica.held, scene.calls.open) == (NOWHERE, 0, set())
        assert {key: each.count for key, each in scene.metrics.seconds.items()} == {("f.n", 504): 1}

    played(story)


@pytest.mark.parametrize("head", [b"HEAD / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"])
def test_an_answer_to_head_has_no_body_whatever_it_says(head: bytes) -> None:
    async def story(scene: Scene) -> None:
        call = Call(scene.calls, scene.function, head, NOWHERE)
        call.answer(200, [(b"content-length", b"5")])
        assert call.expects_body is not head.startswith(b"HEAD")
        call.answer(204, [])
        assert not call.expects_body

    played(story)


class Asker:
    """Asks for a replica by a lease."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.told: list[str] = []

    def assign(self, replica: Replica) -> None:
        self.lease.replica = replica
        self.told.append("assigned")

    def reject(self, error: GatewayError) -> None:
        self.told.append(str(status_of(type(error))))

    def reroute(self) -> None:
        self.told.append("rerouted")


def test_a_lease_is_given_back_once_or_its_place_in_the_queue_is() -> None:
    async def story(scene: Scene) -> None:
        first, second = Asker(Lease(scene.function)), Asker(Lease(scene.function))
        first.lease.acquire(first)
        scene.replica.stalled = True  # it takes no more
        second.lease.acquire(second)
        assert (first.told, second.told, len(scene.pool.waiting)) == (["assigned"], [], 1)
        for asker in (first, second, first, second):
            asker.lease.end(asker)
        assert (scene.replica.held, len(scene.pool.waiting)) == (0, 0)
        assert scene.pool.meter.held == 0

    played(story)


def test_a_refused_lease_holds_nothing() -> None:
    async def story(scene: Scene) -> None:
        asker = Asker(Lease(scene.function))
        scene.pool.retired = True
        asker.lease.acquire(asker)
        asker.lease.end(asker)
        assert (asker.told, scene.pool.meter.held) == (["404"], 0)

    played(story)
