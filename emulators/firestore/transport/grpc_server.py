"""The gRPC server: bytes in, bytes out, and every error a status (contract section 0)."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.message import DecodeError

from emulators.firestore.model.errors import FirestoreError, InvalidArgumentError
from emulators.firestore.transport.calls.table import request_class
from emulators.firestore.transport.limits import MAX_REQUEST_BYTES, TOO_LARGE
from emulators.kit import logs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from emulators.firestore.transport.calls.table import (
        Calls,
        Duplex,
        Streaming,
        Unary,
    )
    from emulators.firestore.transport.in_flight import InFlight

SERVICE = "google.firestore.v1.Firestore"
_OPTIONS = (
    ("grpc.max_receive_message_length", 8 * MAX_REQUEST_BYTES),  # refused with a clear text
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),  # a busy port is an error
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 1000),
    ("grpc.keepalive_permit_without_calls", 1),
)
_LOG = logging.getLogger(__name__)


def build(calls: Calls, in_flight: InFlight) -> Any:
    """Return a `grpc.aio.Server` that answers the calls; it has no port yet."""
    handlers = {name: _unary(name, call, in_flight) for name, call in calls.unary.items()}
    handlers |= {name: _streaming(name, call, in_flight) for name, call in calls.streaming.items()}
    handlers |= {name: _duplex(name, call, in_flight) for name, call in calls.duplex.items()}
    server = grpc.aio.server(options=_OPTIONS)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    return server


def _unary(name: str, call: Unary, in_flight: InFlight) -> Any:
    kind = request_class(name)

    async def answer(raw: bytes, context: Any) -> Any:
        logs.traced_by(functools.partial(_traceparent, context))
        try:
            in_flight.begin()
            return _serialized(await call(_parse(kind, raw)))
        except Exception as error:  # noqa: BLE001 - the edge: every error becomes a status
            failure = error
        return await _abort(context, name, failure)

    return grpc.unary_unary_rpc_method_handler(answer)


def _streaming(name: str, call: Streaming, in_flight: InFlight) -> Any:
    """Answer with a list of responses, each written as it comes.

    gRPC could send the last one in one piece with the status, which costs it less; but then the
    client waits longer for the one result of a `get` (measured).
    """
    kind = request_class(name)

    async def answer(raw: bytes, context: Any) -> None:
        responses: Iterator[bytes | Exception]
        logs.traced_by(functools.partial(_traceparent, context))
        try:
            in_flight.begin()
            responses = _to_the_error(await call(_parse(kind, raw)))
        except Exception as error:  # noqa: BLE001 - the edge: every error becomes a status
            responses = iter((error,))
        for response in responses:
            if isinstance(response, Exception):
                await _abort(context, name, response)
            await context.write(response)

    return grpc.unary_stream_rpc_method_handler(answer)


def _to_the_error(responses: Iterable[Any]) -> Iterator[bytes | Exception]:
    """Yield responses as bytes; the error that ends them, if any, is the last."""
    try:
        yield from map(_serialized, responses)
    except Exception as error:  # noqa: BLE001 - the edge: every error becomes a status
        yield error


def _duplex(name: str, call: Duplex, in_flight: InFlight) -> Any:
    """Answer a stream that lasts as long as its client: nobody waits for its end."""
    kind = request_class(name)

    async def answer(raws: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        failure: Exception | None = None
        logs.traced_by(functools.partial(_traceparent, context))
        try:
            in_flight.check()
            responses = call(_parse(kind, raw) async for raw in raws)
            try:
                async for response in responses:
                    yield _serialized(response)
            finally:
                await responses.aclose()  # type: ignore[attr-defined]  # they are generators
        except Exception as error:  # noqa: BLE001 - the edge: every error becomes a status
            failure = error
        if failure is not None:
            await _abort(context, name, failure)

    return grpc.stream_stream_rpc_method_handler(answer)


def _traceparent(context: Any) -> str:
    """Return the field by which a caller says which trace its call belongs to; "" for none."""
    fields = context.invocation_metadata() or ()
    return next((str(value) for key, value in fields if key == "traceparent"), "")


def _parse(kind: Any, raw: bytes) -> Any:
    if len(raw) > MAX_REQUEST_BYTES:
        raise InvalidArgumentError(TOO_LARGE)
    try:
        return kind.FromString(raw)
    except DecodeError as error:
        raise InvalidArgumentError(f"The request is not a {kind.DESCRIPTOR.name}.") from error


def _serialized(response: Any) -> bytes:
    return response if isinstance(response, bytes) else bytes(response.SerializeToString())


async def _abort(context: Any, name: str, error: Exception) -> Any:
    """End a call with a status; a fault of ours is UNKNOWN, which no client repeats for long."""
    if isinstance(error, FirestoreError):
        await context.abort(grpc.StatusCode[error.status], str(error))
    _LOG.error("%s failed", name, exc_info=error)
    await context.abort(grpc.StatusCode.UNKNOWN, f"{type(error).__name__}: {error}")
