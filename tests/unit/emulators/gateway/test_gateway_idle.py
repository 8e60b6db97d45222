"""A connection is used again only while it is quiet; one to a program must have been so a while."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest

from emulators.gateway.model.revision import Revision
from emulators.gateway.proxy.replicas import idle, reuse
from emulators.gateway.proxy.replicas.upstream import UpstreamConnection
from emulators.gateway.service.replicas.pool import Activator, Replica, RevisionPool
from emulators.gateway.service.replicas.process_state import is_gone
from emulators.gateway.service.runtime import Address
from tests.support.emulators.instances import FakeInstance
from tests.support.processes import PATIENCE, wait_until

OWN, PROGRAM = Address(path="/nowhere"), Address(host="127.0.0.1", port=1)


class Instance(FakeInstance):
    """A replica of which only its address, its process and its end count."""

    def __init__(self, address: Address, pid: int = 0) -> None:
        super().__init__()
        self.address = address
        self.pid = pid
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def exited(self) -> asyncio.Future[str]:
        return self.gone


class Scene:
    """A replica, and connections to it whose other ends are ours."""

    def __init__(self, address: Address) -> None:
        pool = RevisionPool(Revision("f", "n", 1, "i"), Activator(), print, print)
        self.replica = Replica(Instance(address), pool)

    async def connection(self) -> tuple[UpstreamConnection, socket.socket]:
        ours, theirs = socket.socketpair()
        loop = asyncio.get_running_loop()
        factory = lambda: UpstreamConnection(self.replica)  # noqa: E731 - a factory in one line
        _, upstream = await loop.create_unix_connection(factory, sock=ours)
        assert reuse.put_back(upstream)
        return upstream, theirs


def played(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await story()

    asyncio.run(whole())


def test_the_last_used_connection_to_the_own_server_is_taken_first() -> None:
    async def story() -> None:
        scene = Scene(OWN)
        (_, one), (second, two) = await scene.connection(), await scene.connection()
        assert idle.take(scene.replica) is second
        second.transport.close()
        one.close()
        two.close()

    played(story)


@pytest.mark.parametrize("address", [OWN, PROGRAM], ids=["own", "program"])
@pytest.mark.parametrize("said", [b"HTTP/1.1 200 OK\r\n", b""], ids=["bytes", "end"])
def test_what_has_come_in_and_was_not_read_yet_rules_it_out(
    monkeypatch: pytest.MonkeyPatch, address: Address, said: bytes
) -> None:
    """The loop has had no turn since: the kernel alone knows of the bytes, or of the end."""
    monkeypatch.setattr(idle, "REST_SECONDS", 0.0)

    async def story() -> None:
        scene = Scene(address)
        upstream, theirs = await scene.connection()
        if said:
            theirs.sendall(said)
        else:
            theirs.close()
        assert idle.take(scene.replica) is None
        assert scene.replica.idle == []
        assert bool(scene.replica.distrusted_until) == bool(said)
        await asyncio.sleep(0)
        assert upstream.transport.is_closing()
        theirs.close()

    played(story)


def test_bytes_on_an_idle_connection_end_it() -> None:
    async def story() -> None:
        scene = Scene(PROGRAM)
        upstream, theirs = await scene.connection()
        theirs.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            while not upstream.transport.is_closing():  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0)
        assert scene.replica.idle == []
        assert not reuse.put_back(upstream)  # nor is any other kept, for a while
        theirs.close()

    played(story)


def test_a_program_s_connection_rests_before_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        scene = Scene(PROGRAM)
        upstream, theirs = await scene.connection()
        assert idle.take(scene.replica) is None
        monkeypatch.setattr(idle, "REST_SECONDS", 0.0)
        assert idle.take(scene.replica) is upstream
        upstream.transport.close()
        theirs.close()

    played(story)


def test_a_connection_that_waits_to_be_accepted_ends_idle_ones() -> None:
    async def story() -> None:
        scene = Scene(PROGRAM)
        first, one = await scene.connection()
        second, two = await scene.connection()
        scene.replica.idle.remove(second)  # it carries a call that nobody answers
        opened = second.idle_since
        second.check_time(opened + 0.5)
        assert scene.replica.idle == [first]
        second.check_time(opened + 1.5)
        assert scene.replica.idle == []
        second.transport.close()
        one.close()
        two.close()

    played(story)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc")
def test_a_killed_process_is_gone_before_anybody_has_waited_for_it() -> None:
    async def instance(pid: int) -> Instance:
        return Instance(PROGRAM, pid)

    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        running = asyncio.run(instance(process.pid))
        assert not is_gone(running)
        process.kill()
        wait_until(lambda: is_gone(running), what="its end")
        assert process.returncode is None


def test_a_replica_of_no_process_is_gone_when_it_says_so() -> None:
    async def story() -> None:
        instance = Instance(PROGRAM)
        assert not is_gone(instance)
        instance.exited.set_result("let go")
        assert is_gone(instance)

    played(story)
