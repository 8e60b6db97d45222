"""Handlers of calls, from functions of messages."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, NamedTuple, NoReturn

import grpc

from functions.kit.grpc.calls import GrpcCall, Metadata
from functions.kit.grpc.schemas import Message, Method, Schemas
from functions.kit.grpc.statuses import status_of
from functions.kit.grpc.workers import Workers
from functions.kit.http.failures import problem_for


class Service(NamedTuple):
    """A service: its full name, and what answers its methods, by their names.

    A method takes its message, and the call's metadata. Where messages are streamed in, it takes
    those: they end only where the client ended them, and raise CancelledError where they break
    off. A plain function may block: it runs in a thread, and gives a Given. A coroutine gives a
    message, and an asynchronous generator messages.
    """

    name: str
    methods: Mapping[str, Callable[..., Any]]


class Given(NamedTuple):
    """An answer: the message, and metadata that goes after it."""

    message: Message
    metadata: tuple[tuple[str, str], ...] = ()


def handler_of(service: Service, schemas: Schemas, workers: Workers) -> grpc.GenericRpcHandler:
    """Return what answers a service's calls; functions that block run in threads."""
    handlers = {
        name: _handler(f"/{service.name}/{name}", act, schemas.method(service.name, name), workers)
        for name, act in service.methods.items()
    }
    return grpc.method_handlers_generic_handler(service.name, handlers)


def _handler(
    path: str, act: Callable[..., Any], method: Method, workers: Workers
) -> grpc.RpcMethodHandler:
    coded = {
        "request_deserializer": method.taken.FromString,
        "response_serializer": method.given.SerializeToString,
    }
    if method.streams_out:
        return grpc.unary_stream_rpc_method_handler(_streamed(act, path), **coded)
    if method.streams_in:
        return grpc.stream_unary_rpc_method_handler(_gathered(act, path), **coded)
    if not inspect.iscoroutinefunction(act):
        return grpc.unary_unary_rpc_method_handler(_in_thread(act, path, workers), **coded)
    return grpc.unary_unary_rpc_method_handler(_awaited(act, path), **coded)


def _in_thread(act: Callable[[Message, Metadata], Given], path: str, workers: Workers) -> Any:
    async def answer(message: Message, context: grpc.aio.ServicerContext) -> Message:
        try:
            given = await workers.run(act, message, context.invocation_metadata())
        except Exception as error:  # noqa: BLE001 - the one place that turns errors into answers
            await _abort(context, path, error)
        if given.metadata:
            context.set_trailing_metadata(given.metadata)
        return given.message

    return answer


def _awaited(act: Callable[[Any, Metadata], Any], path: str) -> Any:
    async def answer(given: Any, context: grpc.aio.ServicerContext) -> Message:
        try:
            return await act(given, context.invocation_metadata())
        except Exception as error:  # noqa: BLE001 - as in _in_thread
            await _abort(context, path, error)

    return answer


def _gathered(act: Callable[[AsyncIterator[Message], Metadata], Any], path: str) -> Any:
    answered = _awaited(act, path)

    async def answer(
        messages: AsyncIterator[Message], context: grpc.aio.ServicerContext
    ) -> Message:
        return await answered(_whole(messages, context), context)

    return answer


async def _whole(
    messages: AsyncIterator[Message], context: grpc.aio.ServicerContext
) -> AsyncIterator[Message]:
    """Yield what comes, and end only where the client has ended it.

    gRPC ends a stream that broke off as it ends a whole one, and says some time later that the
    call is cancelled. But nothing can be sent on a call that is no more: a first answer, which is
    empty, tells the two apart, whatever comes first.
    """
    async for message in messages:
        yield message
    try:
        await context.send_initial_metadata(())
    except grpc.aio.InternalError as error:
        raise asyncio.CancelledError("The stream broke off.") from error


def _streamed(act: Callable[[Message, Metadata], AsyncIterator[Message]], path: str) -> Any:
    async def answer(message: Message, context: grpc.aio.ServicerContext) -> AsyncIterator[Message]:
        try:
            async for one in act(message, context.invocation_metadata()):
                yield one
        except Exception as error:  # noqa: BLE001 - as in _in_thread
            await _abort(context, path, error)

    return answer


async def _abort(context: grpc.aio.ServicerContext, path: str, error: Exception) -> NoReturn:
    """End a call with what its caller may know of an error; log what only we may know."""
    call = GrpcCall(context.invocation_metadata(), "POST", path)
    await context.abort(*status_of(problem_for(error, call, step=False)))
    raise AssertionError("abort raises")
