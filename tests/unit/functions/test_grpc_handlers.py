"""Calls on a real server: threads, deadlines, errors, streams."""

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import grpc
import pytest

from functions.kit.contract.access.identity import ANYONE
from functions.kit.contract.errors import Away, Invalid
from functions.kit.grpc.gate import Gate
from functions.kit.grpc.handlers import Given, Rooms, Service, handler_of
from functions.kit.grpc.schemas import Schemas
from functions.kit.grpc.strangers import Strangers
from functions.kit.grpc.workers import Workers
from functions.prediction.transport.grpc.training import NAME
from functions.prediction.wiring.by_grpc import SCHEMAS as COMPILED
from tests.support.processes import PATIENCE

SCHEMAS = Schemas(COMPILED)
JOB = SCHEMAS.message("mayfly.v1.Job")
DATASET = SCHEMAS.message("mayfly.v1.Dataset")
CODES = grpc.StatusCode
Call = Callable[..., Any]


def played(methods: dict[str, Any], story: Callable[[Call], Coroutine[Any, Any, None]]) -> None:
    """Serve methods with one thread, and let a story call them."""

    async def called(port: int) -> None:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            await story(lambda name, **options: call(channel, name, **options))

    served(methods, called)


def served(methods: dict[str, Any], story: Callable[[int], Coroutine[Any, Any, None]]) -> None:
    """Serve methods with one thread, and tell a story the port."""

    async def run() -> None:
        with Workers(1) as workers:
            server = grpc.aio.server()
            gate = Gate(lambda call: ANYONE, 2**20)
            rooms = Rooms(gate, Strangers(server), workers)
            handler = handler_of(Service(NAME, methods), SCHEMAS, rooms)
            server.add_generic_rpc_handlers((handler,))
            port = server.add_insecure_port("127.0.0.1:0")
            await server.start()
            try:
                await story(port)
            finally:
                await server.stop(None)

    asyncio.run(run())


def call(channel: grpc.aio.Channel, name: str, timeout: float = PATIENCE, **fields: Any) -> Any:
    method = SCHEMAS.method(NAME, name)
    kind = channel.unary_stream if method.streams_out else channel.unary_unary
    asked = kind(
        f"/{NAME}/{name}",
        request_serializer=method.taken.SerializeToString,
        response_deserializer=method.given.FromString,
    )
    return asked(method.taken(**fields), timeout=timeout)


async def code_of(waiting: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await waiting
    return caught.value.code()


def test_who_is_too_late_takes_a_call_along_that_has_not_begun() -> None:
    go, begun, ran = threading.Event(), threading.Event(), []

    def hold(message: Any, _: Any) -> Given:
        ran.append(message.id)
        begun.set()
        assert go.wait(PATIENCE)
        return Given(JOB(id=message.id))

    async def live(message: Any, _: Any) -> Any:
        return JOB(id=message.id, state="running")

    async def story(asked: Call) -> None:
        first = asyncio.ensure_future(asked("GetJob", id="first"))
        assert await asyncio.to_thread(begun.wait, PATIENCE)
        assert await code_of(asked("GetJob", id="late", timeout=0.2)) is CODES.DEADLINE_EXCEEDED
        # The loop goes on while the one thread is taken.
        assert (await asked("CancelJob", id="x")).state == "running"
        go.set()
        assert (await first).id == "first"
        assert (await asked("GetJob", id="last")).id == "last"

    played({"GetJob": hold, "CancelJob": live}, story)
    assert ran == ["first", "last"]


def test_errors_before_and_within_a_stream_have_their_codes() -> None:
    async def bad(message: Any, _: Any) -> Any:
        raise Invalid("not so")

    async def breaks(message: Any, _: Any) -> AsyncIterator[Any]:
        yield JOB(id="1")
        raise Away("gone", retry_after=7)

    def unexpected(message: Any, _: Any) -> Given:
        raise ZeroDivisionError

    async def story(asked: Call) -> None:
        assert await code_of(asked("CancelJob")) is CODES.INVALID_ARGUMENT
        stream = asked("WatchJob")
        assert (await stream.read()).id == "1"
        assert await code_of(stream.read()) is CODES.UNAVAILABLE
        assert dict(await stream.trailing_metadata())["retry-after"] == "7"
        with pytest.raises(grpc.aio.AioRpcError, match="its log says why") as caught:
            await asked("GetJob")
        assert caught.value.code() is CODES.INTERNAL

    played({"CancelJob": bad, "WatchJob": breaks, "GetJob": unexpected}, story)


BROKEN = 40  # of each kind: a race is lost by some


@pytest.mark.parametrize("pieces", [0, 1, 3])
@pytest.mark.parametrize("how", ["its source fails", "it is cancelled", "its client goes"])
def test_a_stream_that_breaks_off_never_ends_well(pieces: int, how: str) -> None:
    """Whether before its first piece, between two, or after the last and before the end."""
    ends: queue.Queue[str] = queue.Queue()
    begun = threading.Semaphore(0)

    async def upload(messages: AsyncIterator[Any], _: Any) -> Any:
        begun.release()
        try:
            found = [one.chunk async for one in messages]
        except asyncio.CancelledError:
            ends.put("broken off")
            raise
        ends.put("whole")
        return DATASET(rows=len(found))

    async def story(port: int) -> None:
        for _ in range(BROKEN):
            await asyncio.to_thread(break_off, port, pieces, how, begun)
            assert await asyncio.to_thread(ends.get, timeout=PATIENCE) == "broken off"
        assert (await asyncio.to_thread(upload_whole, port, pieces)).rows == pieces

    served({"UploadDataset": upload}, story)
    assert (ends.get(), ends.empty()) == ("whole", True)


def uploading(channel: grpc.Channel) -> Any:
    method = SCHEMAS.method(NAME, "UploadDataset")
    return channel.stream_unary(
        f"/{NAME}/UploadDataset",
        request_serializer=method.taken.SerializeToString,
        response_deserializer=method.given.FromString,
    )


def chunks(count: int) -> Iterator[Any]:
    taken = SCHEMAS.method(NAME, "UploadDataset").taken
    for number in range(count):
        yield taken(chunk=f"{number}\n".encode())


def upload_whole(port: int, pieces: int) -> Any:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        return uploading(channel)(chunks(pieces), timeout=PATIENCE)


def break_off(port: int, pieces: int, how: str, begun: threading.Semaphore) -> None:
    """Send so many pieces, and no end, once the server has the call."""
    sent, over = threading.Event(), threading.Event()

    def source() -> Iterator[Any]:
        yield from chunks(pieces)
        assert begun.acquire(timeout=PATIENCE)
        sent.set()
        if how == "its source fails":
            raise OSError("the file is gone")
        assert over.wait(PATIENCE)

    own = [("grpc.use_local_subchannel_pool", 1)]  # its connection goes with it
    with grpc.insecure_channel(f"127.0.0.1:{port}", own) as channel:
        call = uploading(channel).future(source(), timeout=PATIENCE)
        assert sent.wait(PATIENCE)
        if how == "it is cancelled":
            call.cancel()
        if how == "its client goes":
            channel.close()
        with pytest.raises((grpc.RpcError, grpc.FutureCancelledError)):
            call.result(PATIENCE)
        over.set()
