"""Handlers of calls, from functions of messages."""

import inspect
import traceback
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, NamedTuple, NoReturn

import grpc
from google.protobuf.message import DecodeError

from functions.kit.contract.errors import Unreadable
from functions.kit.grpc.calls import GrpcCall, Metadata
from functions.kit.grpc.gate import Gate
from functions.kit.grpc.schemas import Message, Method, Schemas
from functions.kit.grpc.statuses import status_of
from functions.kit.grpc.strangers import Strangers
from functions.kit.grpc.visits import Visit
from functions.kit.grpc.workers import Workers
from functions.kit.http.responses.failures import problem_for


class Service(NamedTuple):
    """A service: its full name, and what answers its methods, by their names.

    A method takes its message, and the call's metadata. Where messages are streamed in, it takes
    those: they end only where the client ended them, and raise CancelledError where they break
    off. A plain function may block: it runs in a thread, and gives a Given. A coroutine gives a
    message, and an asynchronous generator messages.

    Those that are `open` are for callers who need not say who they are. Their messages are not
    read: they have no fields.
    """

    name: str
    methods: Mapping[str, Callable[..., Any]]
    open: frozenset[str] = frozenset()


class Given(NamedTuple):
    """An answer: the message, and metadata that goes after it."""

    message: Message
    metadata: tuple[tuple[str, str], ...] = ()


class Rooms(NamedTuple):
    """Where calls go: by the gate, or as strangers; and the threads for what blocks."""

    gate: Gate
    strangers: Strangers
    workers: Workers


def handler_of(service: Service, schemas: Schemas, rooms: Rooms) -> grpc.GenericRpcHandler:
    """Return what answers a service's calls; functions that block run in threads."""
    handlers = {
        name: _handler(service, name, schemas.method(service.name, name), rooms)
        for name in service.methods
    }
    return grpc.method_handlers_generic_handler(service.name, handlers)


def _handler(service: Service, name: str, method: Method, rooms: Rooms) -> grpc.RpcMethodHandler:
    """Return what answers a method: for gRPC, messages come as a stream.

    It takes in one that does not before anybody is asked whether it should.
    """
    path, act = f"/{service.name}/{name}", service.methods[name]
    coded = {"response_serializer": method.given.SerializeToString}
    if name in service.open:
        opened = _opened(act, path, method, rooms)
        return grpc.stream_unary_rpc_method_handler(opened, **coded)
    asked = _Asked(act, path, method, rooms)
    if method.streams_out:
        return grpc.stream_stream_rpc_method_handler(asked.stream, **coded)
    answer = asked.answer if inspect.iscoroutinefunction(act) else asked.answer_in_thread
    return grpc.stream_unary_rpc_method_handler(answer, **coded)


class _Asked:
    """A method that says whose calls it answers, and then takes in what they send."""

    def __init__(self, act: Callable[..., Any], path: str, method: Method, rooms: Rooms) -> None:
        self._act = act
        self._path = path
        self._taken = method.taken
        self._streams = method.streams_in
        self._gate, _, self._workers = rooms

    async def answer_in_thread(self, _: Any, context: grpc.aio.ServicerContext) -> Message:
        visit = None
        try:
            metadata = context.invocation_metadata()
            visit = await self._enter(metadata)
            given = await self._workers.run(self._parsed, await _first(visit, context), metadata)
        except Exception as error:  # noqa: BLE001 - the one place that turns errors into answers
            await _abort(context, self._path, error)
        finally:
            if visit:
                visit.leave()
        if given.metadata:
            context.set_trailing_metadata(given.metadata)
        return given.message

    async def answer(self, _: Any, context: grpc.aio.ServicerContext) -> Message:
        visit = None
        try:
            metadata = context.invocation_metadata()
            visit = await self._enter(metadata)
            return await self._act(await self._given(visit, context), metadata)
        except Exception as error:  # noqa: BLE001 - as in answer_in_thread
            await _abort(context, self._path, error)
        finally:
            if visit:
                visit.leave()

    async def stream(self, _: Any, context: grpc.aio.ServicerContext) -> AsyncIterator[Message]:
        visit = None
        try:
            metadata = context.invocation_metadata()
            visit = await self._enter(metadata)
            async for one in self._act(await self._given(visit, context), metadata):
                yield one
        except Exception as error:  # noqa: BLE001 - as in answer_in_thread
            await _abort(context, self._path, error)
        finally:
            if visit:
                visit.leave()

    async def _enter(self, metadata: Metadata) -> Visit:
        call = GrpcCall(metadata, "POST", self._path)
        return await self._gate.enter(call, streams=self._streams)

    async def _given(self, visit: Visit, context: grpc.aio.ServicerContext) -> Any:
        if self._streams:
            return self._messages(visit, context)
        return self._read(await _first(visit, context))

    async def _messages(
        self, visit: Visit, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[Message]:
        while (raw := await visit.read(context)) is not None:
            yield self._read(raw)

    def _parsed(self, raw: bytes, metadata: Metadata) -> Given:
        given: Given = self._act(self._read(raw), metadata)
        return given

    def _read(self, raw: bytes) -> Message:
        try:
            return self._taken.FromString(raw)
        except DecodeError as error:
            raise Unreadable("The message is not what the schema says; look at both.") from error


def _opened(act: Callable[..., Any], path: str, method: Method, rooms: Rooms) -> Any:
    async def answer(_: Any, context: grpc.aio.ServicerContext) -> Message:
        metadata = context.invocation_metadata()
        with rooms.strangers.turn(context):
            try:
                return (await rooms.workers.run(act, method.taken(), metadata)).message
            except Exception as error:  # noqa: BLE001 - as in answer_in_thread
                await _abort(context, path, error)

    return answer


async def _first(visit: Visit, context: grpc.aio.ServicerContext) -> bytes:
    found = await visit.read(context)
    if found is None:
        raise Unreadable("No message came: the call takes one.")
    return found


def _forget(error: BaseException | None) -> None:
    """Let go of what the frames hold that an error went through, and those that led to it."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


async def _abort(context: grpc.aio.ServicerContext, path: str, error: Exception) -> NoReturn:
    """End a call with what its caller may know of an error; log what only we may know.

    gRPC keeps what the end raises, and with it all frames and what they hold, until a collection of
    garbage: messages must not be among it.
    """
    if isinstance(error, grpc.aio.AbortError):  # it has ended already
        raise error
    call = GrpcCall(context.invocation_metadata(), "POST", path)
    told = status_of(problem_for(error, call, step=False))
    _forget(error)
    await context.abort(*told)
    raise AssertionError("abort raises")
