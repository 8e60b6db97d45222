"""Calls of those who need not say who they are: health checks and reflection, few and short."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import grpc
from google.protobuf.message import DecodeError

from functions.kit.grpc.endings import end
from functions.kit.grpc.visits import received

MOST_CALLS = 250
"""Their calls at once, those that watch a health among them."""
MOST_READ = 8
"""Of these, those whose messages are taken in; the others wait, and the newest comes first."""
MOST_WAITING = 16
"""Those that wait for that, each with what HTTP/2's window lets in of its message."""
SECONDS = 1.0
"""That a message has to come in, while others wait."""
MOST_BYTES = 4096
"""Of a message: the name of a service, or of a file of a schema."""
GIVES_WAY = (
    "More calls came at once from callers who need not say who they are than are answered; the "
    "oldest, this one, gives way. Try again."
)
TOO_LONG = f"The message is longer than {MOST_BYTES:,} bytes."
UNREAD = "The message cannot be read: it is not what the schema says."

Act = Callable[[Any, grpc.aio.ServicerContext], Any]
Parse = Callable[[bytes], Any]


class Server(Protocol):
    """Takes the handlers of services, as `grpc.aio.Server` does."""

    def add_registered_method_handlers(
        self, service_name: str, method_handlers: dict[str, grpc.RpcMethodHandler]
    ) -> None:
        """Take a service's handlers, by the names of its methods."""


class _Inside(NamedTuple):
    context: grpc.aio.ServicerContext
    task: asyncio.Task[Any]


class Latest:
    """At most so many calls at once; a new one ends the oldest.

    So calls that do not end, and were begun to hold up others, hold up none that ends soon.

    Args:
        most: how many.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._inside: dict[object, _Inside] = {}

    @contextlib.contextmanager
    def turn(self, context: grpc.aio.ServicerContext) -> Iterator[None]:
        """Let this task's call be one of them."""
        task = asyncio.current_task()
        assert task is not None  # handlers run in one
        if len(self._inside) >= self._most:
            oldest = self._inside.pop(next(iter(self._inside)))
            end(*oldest, grpc.StatusCode.RESOURCE_EXHAUSTED, GIVES_WAY)
        me = object()
        self._inside[me] = _Inside(context, task)
        try:
            yield
        finally:
            self._inside.pop(me, None)


class GaveWay(Exception):  # noqa: N818 - a state, not a mistake
    """Newer ones wait in the place of this one."""


class Places:
    """At most so many at once; the newest of those that wait comes first.

    Args:
        most: how many.
    """

    def __init__(self, most: int) -> None:
        self._free = most
        self._waiting: list[asyncio.Future[None]] = []

    def are_wanted(self) -> bool:
        """Tell whether somebody waits for a place."""
        return bool(self._waiting)

    async def __aenter__(self) -> None:
        """Have a place; raises GaveWay in the oldest where too many wait."""
        if self._free:
            self._free -= 1
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.pop(0).set_exception(GaveWay)
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.cancelled():
                self._waiting.remove(mine)
            else:  # it was given both at once
                self._give()
            raise

    async def __aexit__(self, *_: object) -> None:
        """Give it to the next."""
        self._give()

    def _give(self) -> None:
        if self._waiting:
            self._waiting.pop().set_result(None)
        else:
            self._free += 1


class Strangers:
    """Bounds such calls; servicers add their handlers to it in place of the server.

    Args:
        server: gets them.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._open = Latest(MOST_CALLS)
        self._read = Places(MOST_READ)

    def turn(self, context: grpc.aio.ServicerContext) -> contextlib.AbstractContextManager[None]:
        """Let a call whose message is not read be one of theirs."""
        return self._open.turn(context)

    def add_generic_rpc_handlers(self, handlers: Sequence[grpc.GenericRpcHandler]) -> None:
        """Take none so: servicers give the same handlers as registered ones, too."""

    def add_registered_method_handlers(
        self, service_name: str, method_handlers: Mapping[str, grpc.RpcMethodHandler]
    ) -> None:
        """Take a servicer's handlers, and add what answers as they do."""
        bounded = {name: self._bounded(one) for name, one in method_handlers.items()}
        self._server.add_registered_method_handlers(service_name, bounded)

    def _bounded(self, handler: grpc.RpcMethodHandler) -> grpc.RpcMethodHandler:
        parse, coded = (
            handler.request_deserializer,
            {"response_serializer": handler.response_serializer},
        )
        if handler.unary_unary:
            answer = self._answered(handler.unary_unary, parse)
            return grpc.stream_unary_rpc_method_handler(answer, **coded)
        if handler.unary_stream:
            answer = self._answered(handler.unary_stream, parse)
        else:
            answer = self._conversed(handler.stream_stream, parse)
        return grpc.stream_stream_rpc_method_handler(answer, **coded)

    def _answered(self, act: Act, parse: Parse) -> Act:
        """Return what answers one message; what `act` streams, it writes to the context itself."""

        async def answer(_: Any, context: grpc.aio.ServicerContext) -> Any:
            with self._open.turn(context):
                message = await self._message(context, parse)
                return None if message is None else await act(message, context)

        return answer

    def _conversed(self, act: Act, parse: Parse) -> Act:
        async def answer(_: Any, context: grpc.aio.ServicerContext) -> AsyncIterator[Any]:
            with self._open.turn(context):
                async for one in act(self._messages(context, parse), context):
                    yield one

        return answer

    async def _messages(
        self, context: grpc.aio.ServicerContext, parse: Parse
    ) -> AsyncIterator[Any]:
        while (message := await self._message(context, parse)) is not None:
            yield message

    async def _message(self, context: grpc.aio.ServicerContext, parse: Parse) -> Any:
        """Return the next message; None after the last."""
        try:
            async with self._read:
                found = await received(context, SECONDS, self._read.are_wanted)
        except GaveWay:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, GIVES_WAY)
        if found is None:
            return None
        if len(found) > MOST_BYTES:
            del found  # gRPC keeps this frame until a collection of garbage
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, TOO_LONG)
        try:
            return parse(found)
        except DecodeError:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, UNREAD)
