"""Plain calls go as all others do, over sockets of a test's own."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import httptools
import pytest

from emulators.gateway.errors import GatewayError
from emulators.gateway.http.connection import ClientConnection
from emulators.gateway.http.exchange import Client, Exchange
from emulators.gateway.http.heads import Request
from emulators.gateway.http.refused import RefusedExchange
from emulators.gateway.http.server import Server
from emulators.gateway.metrics import Metrics
from emulators.gateway.model.revision import Deployment, Revision
from emulators.gateway.model.routing import Router
from emulators.gateway.model.traffic import Share
from emulators.gateway.proxy.calls import Calls
from emulators.gateway.proxy.clients.client_exchange import ClientExchange
from emulators.gateway.proxy.plain_call import PlainCall, PlainCalls
from emulators.gateway.proxy.replicas import reuse
from emulators.gateway.proxy.replicas.upstream import UpstreamConnection
from emulators.gateway.proxy.told.access_log import AccessLog
from emulators.gateway.service.deployments.directory import Directory
from emulators.gateway.service.deployments.functions import Function, ScaledPool
from emulators.gateway.service.replicas.pool import Activator, Replica, RevisionPool
from emulators.gateway.tasks import Tasks
from emulators.kit.door import Door
from tests.support.emulators.instances import FakeInstance
from tests.support.processes import PATIENCE

OWN = re.compile(
    rb"(x-call-id|x-start-time|x-duration-seconds|traceparent): [^\r]+|"
    rb"(?<=\r\ndate: )[^\r]+",
    re.IGNORECASE,
)


class Noted(PlainCalls):
    """Counts the calls that were plain."""

    begun = 0

    def begin(self, connection: Client, data: bytes) -> PlainCall | None:
        call = super().begin(connection, data)
        self.begun += call is not None
        return call


class Instance(FakeInstance):
    """A replica of which only its end counts."""

    def __init__(self) -> None:
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def exited(self) -> asyncio.Future[str]:
        return self.gone


class Reader:
    """Keeps what comes in, and counts the messages that are whole."""

    def __init__(self, stream: asyncio.StreamReader, *, requests: bool) -> None:
        kind = httptools.HttpRequestParser if requests else httptools.HttpResponseParser
        self._parser = kind(self)
        self._stream = stream
        self.data = b""
        self.whole = 0

    def on_message_complete(self) -> None:
        self.whole += 1

    async def read(self, messages: int) -> None:
        """Read until so many messages have been whole, or the other side is gone."""
        async with asyncio.timeout(PATIENCE):
            while self.whole < messages:
                data = await self._stream.read(1 << 16)
                if not data:
                    return
                self.data += data
                self._parser.feed_data(data)


class Scene:
    """One function with one replica, a connection to it, and one from a client."""

    client: Reader
    to_gateway: asyncio.StreamWriter
    behind: Reader
    from_replica: asyncio.StreamWriter

    def __init__(self, *, plain: bool) -> None:
        self.pool = RevisionPool(Revision("f", "openfaas-fn", 1, "i"), Activator(), print, print)
        self.replica = Replica(Instance(), self.pool)
        deployment = Deployment("f", "openfaas-fn", "knative", {}, 1, [self.pool.revision], 0.0)
        self.scaled = ScaledPool(self.pool, 1)
        self.function = Function(deployment, self.scaled)
        self.function.route([Share(self.scaled.name, 100)])
        self.names = Directory()
        self.names.enter(self.function)
        self.metrics = Metrics()
        self.calls = Calls(self.metrics, AccessLog(None), Tasks(), 60.0, lambda *_: None)
        self.router = Router(Door())
        self.server = Server(Tasks())
        self.plain = Noted(self.calls, self.names, self.router) if plain else None

    def exchange(self, connection: ClientConnection, request: Request) -> Exchange:
        found = self.router.route(request.target, request.host)
        try:
            function, tag = self.names.resolve(found.name)
        except GatewayError as error:
            return RefusedExchange(connection, request, error)
        return ClientExchange(self.calls, function, connection, request, found.path, tag)

    def connection(self) -> ClientConnection:
        return ClientConnection(self.server, self.exchange, self.plain)

    async def ask(self, asked: Sequence[bytes], told: Sequence[bytes], messages: int = 1) -> None:
        """Ask as the client and answer as the replica, each in pieces; read it as the client."""
        before, answers = self.behind.whole, self.client.whole
        for piece in asked:
            self.to_gateway.write(piece)
            await asyncio.sleep(0)
        await self.behind.read(before + 1)
        for piece in told:
            self.from_replica.write(piece)
            await asyncio.sleep(0)
        await self.client.read(answers + messages)

    @property
    def counted(self) -> dict[tuple[str, int], int]:
        return {key: each.count for key, each in self.metrics.seconds.items()}

    async def settled(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.calls.open or self.replica.held:  # noqa: ASYNC110 - calls end in many places
                await asyncio.sleep(0)


@asynccontextmanager
async def opened(*, plain: bool) -> AsyncIterator[Scene]:
    scene, loop = Scene(plain=plain), asyncio.get_running_loop()
    outer, client = socket.socketpair()
    inner, replica = socket.socketpair()
    await loop.connect_accepted_socket(scene.connection, outer)
    _, upstream = await loop.create_unix_connection(
        lambda: UpstreamConnection(scene.replica), sock=inner
    )
    assert reuse.put_back(upstream)
    reader, scene.to_gateway = await asyncio.open_connection(sock=client)
    scene.client = Reader(reader, requests=False)
    reader, scene.from_replica = await asyncio.open_connection(sock=replica)
    scene.behind = Reader(reader, requests=True)
    scene.pool.add(scene.replica)
    try:
        yield scene
    finally:
        for writer in (scene.to_gateway, scene.from_replica):
            writer.close()
        await asyncio.sleep(0)


def played(story: Callable[[Scene], Awaitable[None]], *, plain: bool = True) -> None:
    async def whole() -> None:
        async with opened(plain=plain) as scene:
            await story(scene)

    asyncio.run(whole())


def post(body: bytes, *fields: bytes, method: bytes = b"POST") -> bytes:
    head = [method + b" /function/f/a?b=c HTTP/1.1", b"Host: localhost", *fields]
    head.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def answer(body: bytes, *fields: bytes, status: bytes = b"200 OK") -> bytes:
    length = b"Content-Length: %d" % len(body)
    return b"\r\n".join((b"HTTP/1.1 " + status, *fields, length)) + b"\r\n\r\n" + body


GET = b"GET /function/f/ HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"
POST, OK = post(b'{"a":1}', b"Content-Type: text/x"), answer(b"fine", b"Server: s", b"Date: now")
CHUNKS = b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\n" + CHUNKS
USUAL = ([POST], [OK])
# What is asked and told, each in pieces, and whether such a call is a plain one in the end. (Pieces
# may come with one read or with two.)
EXCHANGES = {
    "post": (*USUAL, True),
    "get": ([GET], [OK], True),
    "an error of the function": ([POST], [answer(b"no", status=b"422 Unprocessable")], True),
    "an empty answer": ([POST], [answer(b"")], True),
    "fields of one connection": (
        [post(b"x", b"Connection: X-Mine", b"X-Mine: 1", b"X-Call-Id: 1")], [OK], False
    ),
    "fields that do not go on": (
        [POST], [answer(b"x", b"Connection: keep-alive", b"Keep-Alive: 5", b"X-Call-Id: forged",
                        b"Upgrade: h2c", b"X-Duration-Seconds: 9")], True
    ),
    "a service worker's reach": ([POST], [answer(b"x", b"Service-Worker-Allowed: /")], True),
    "head": ([post(b"", method=b"HEAD")], [answer(b"")], True),
    "no content": ([POST], [b"HTTP/1.1 204 No Content\r\n\r\n"], True),
    "chunks": ([POST], [CHUNKED, b"2\r\nab\r\n", b"0\r\n\r\n"], True),
    "chunks at once": ([POST], [CHUNKED + b"2\r\nab\r\n0\r\n\r\n"], True),
    "an answer in pieces": ([POST], [OK[:9], OK[9:-2], OK[-2:]], True),
    "a body in pieces": ([POST[:-3], POST[-3:]], [OK], None),
    "a head in pieces": ([POST[:20], POST[20:]], [OK], None),
    "a request in chunks": (
        [b"POST /function/f HTTP/1.1\r\nHost: localhost\r\n" + CHUNKS + b"1\r\na\r\n0\r\n\r\n"],
        [OK], False
    ),
    "a call id of its own": ([post(b"x", b"X-Call-Id: mine")], [OK], True),
    "a trace of its own": (
        [post(b"x", b"Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")],
        [OK], True
    ),
    "by way of others": ([post(b"x", b"X-Forwarded-For: 9.9.9.9")], [OK], True),
    "an answer after an interim one": ([POST], [b"HTTP/1.1 103 Early\r\n\r\n" + OK], True),
    "a body that looks like a request": ([post(GET)], [answer(OK)], True),
    "a host of its own": (
        [POST.replace(b"localhost", b"f.default.localhost")], [answer(b"x")], True
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXCHANGES)
def test_a_plain_call_goes_as_any_other(name: str) -> None:
    asked, told, is_plain = EXCHANGES[name]
    seen = []

    async def story(scene: Scene) -> None:
        for body in (asked, asked, [POST], asked, asked):
            await scene.ask(body, told if body is asked else [OK])
        await scene.settled()
        client, behind = (OWN.sub(b"", each.data) for each in (scene.client, scene.behind))
        seen.append((client, behind, scene.counted, scene.function.invocations))
        if scene.plain is not None:
            before = scene.plain.begun
            await scene.ask(asked, told)
            assert is_plain in (None, scene.plain.begun > before)

    played(story, plain=False)
    played(story, plain=True)
    assert seen[0] == seen[1]
    assert seen[0][3] == 5


async def warm(scene: Scene, asked: bytes = POST) -> None:
    """Have a request's head and its answer's known."""
    for _ in range(3):
        await scene.ask([asked], [OK])
    assert scene.plain is not None
    assert scene.plain.begun > 0


async def begun(scene: Scene, asked: bytes = POST) -> None:
    """Begin a call that is a plain one."""
    await warm(scene, asked)
    number = scene.behind.whole
    scene.to_gateway.write(asked)
    await scene.behind.read(number + 1)
    assert [type(call) for call in scene.calls.open] == [PlainCall]


def test_several_requests_at_once_are_answered_in_order() -> None:
    async def story(scene: Scene) -> None:
        await begun(scene)
        number = scene.client.whole
        scene.to_gateway.write(POST + GET)
        for body in (b"one", b"two", b"three"):
            scene.from_replica.write(answer(body))
            await scene.client.read(number := number + 1)
        assert re.findall(rb"\r\n\r\n(one|two|three)", scene.client.data) == [
            b"one", b"two", b"three",
        ]  # fmt: skip

    played(story)


def test_a_client_that_leaves_gives_its_replica_back() -> None:
    async def story(scene: Scene) -> None:
        await begun(scene)
        scene.to_gateway.close()
        await scene.settled()
        assert scene.counted[("f.openfaas-fn", 499)] == 1
        assert scene.replica.idle == []

    played(story)


def test_a_replica_that_is_lost_costs_what_it_held() -> None:
    async def story(scene: Scene) -> None:
        await begun(scene)
        number = scene.client.whole
        scene.from_replica.close()
        await scene.client.read(number + 1)
        assert b"HTTP/1.1 502 " in scene.client.data
        assert scene.counted[("f.openfaas-fn", 502)] == 1

    played(story)


def test_a_call_that_lasts_has_its_time_limits() -> None:
    async def story(scene: Scene) -> None:
        await begun(scene)
        scene.calls.check_time(0.0)
        assert len(scene.calls.open) == 1
        scene.calls.check_time(asyncio.get_running_loop().time() + 1e6)
        await scene.client.read(scene.client.whole + 1)
        assert b"HTTP/1.1 504 " in scene.client.data
        assert scene.counted[("f.openfaas-fn", 504)] == 1

    played(story)


def test_a_call_that_lasts_is_answered() -> None:
    async def story(scene: Scene) -> None:
        await begun(scene)
        scene.calls.check_time(0.0)
        scene.from_replica.write(OK)
        await scene.client.read(scene.client.whole + 1)
        await scene.settled()
        assert set(scene.counted) == {("f.openfaas-fn", 200)}
        assert scene.function.invocations == 4

    played(story)


def test_a_gateway_that_closes_says_so() -> None:
    async def story(scene: Scene) -> None:
        await begun(scene)
        scene.server.begin_to_close()
        scene.from_replica.write(OK)
        await scene.client.read(scene.client.whole + 2)
        assert scene.client.data.endswith(b"connection: close\r\n\r\nfine")

    played(story)


def test_a_function_that_is_gone_is_unknown_at_once() -> None:
    async def story(scene: Scene) -> None:
        await warm(scene)
        scene.names.leave(scene.function)
        scene.to_gateway.write(POST)
        await scene.client.read(scene.client.whole + 1)
        assert b"HTTP/1.1 404 " in scene.client.data

    played(story)


def test_replicas_that_are_no_good_get_no_plain_calls() -> None:
    async def story(scene: Scene) -> None:
        await warm(scene)
        assert scene.plain is not None
        for name in ("stalled", "unready", "fresh"):
            setattr(scene.replica, name, True)
            assert scene.pool.at_once() is None
            setattr(scene.replica, name, False)
        scene.replica.own_server = False
        assert scene.pool.at_once() is None
        scene.replica.own_server = True
        assert scene.pool.at_once() is scene.replica
        other = ScaledPool(RevisionPool(Revision("f", "n", 2, "i"), Activator(), print, print), 1)
        scene.function.older[other.name] = other
        scene.function.route([Share(scene.scaled.name, 50), Share(other.name, 50)])
        assert scene.function.sole is None

    played(story)


def test_an_answer_that_says_more_is_not_taken_for_whole() -> None:
    async def story(scene: Scene) -> None:
        await warm(scene)
        await scene.ask([POST], [OK + OK])
        await scene.settled()
        assert scene.client.data.count(b"fine") == 4
        assert scene.replica.idle == []

    played(story)


def test_an_answer_that_is_new_each_time_ends_a_plain_call(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(scene: Scene) -> None:
        await warm(scene)
        monkeypatch.setattr(PlainCall, "ordinary", None)
        for left in range(3):
            await scene.ask([POST], [answer(b"x", b"RateLimit: r=%d" % left)])
        assert re.findall(rb"RateLimit: r=(\d)", scene.client.data) == [b"0", b"1", b"2"]

    played(story)
