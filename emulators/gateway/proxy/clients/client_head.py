"""The head of a client's request as the function gets it, and the trace that it belongs to."""

from time import time_ns
from typing import TYPE_CHECKING, Literal, NamedTuple

from emulators.gateway.http.call_fields import hops
from emulators.gateway.http.call_ids import new_call_id
from emulators.gateway.http.heads import HOP_BY_HOP, Request
from emulators.gateway.model.trace_context import new_trace, trace_id
from emulators.gateway.service.deployments.functions import Function

if TYPE_CHECKING:  # 90 ms of imports, only where spans are exported
    from emulators.gateway.proxy.told.spans import CallSpan, Spans

_OWN = frozenset((b"x-call-id", b"x-start-time", b"x-forwarded-for", b"x-forwarded-host",
                  b"x-forwarded-proto", b"expect"))  # fmt: skip
_DROPPED = HOP_BY_HOP | _OWN
_DROPPED_WITH_LENGTH = _DROPPED | {b"content-length"}
_TRACE = (b"traceparent", b"tracestate")
_HEAD = (
    b"%b%bx-call-id: %b\r\nx-start-time: %d\r\nx-forwarded-for: %b\r\nx-forwarded-host: %b\r\n"
    b"x-forwarded-proto: http\r\n\r\n"
)
UPGRADE = b"connection: upgrade\r\nupgrade: websocket\r\n"


class Stamps(NamedTuple):
    """What the gateway says of one call.

    Attributes:
        call_id: Its id.
        started: When it began, in nanoseconds of Unix time.
        trace: Its trace's id.
        traceparent: The field to add; empty where the sender's goes on.
        span: Its span, where spans are exported.
    """

    call_id: bytes
    started: int
    trace: bytes
    traceparent: bytes
    span: "CallSpan | None" = None


def stamps_of(request: Request, spans: "Spans | None") -> Stamps:
    """Return the stamps of a call that begins; its id is its sender's, if that gave one."""
    return Stamps(request.call_id or new_call_id(), time_ns(), *begin_trace(request, spans))


def trace_of(
    request: Request, spans: "Spans | None" = None, kind: Literal["call", "accept"] = "call"
) -> "tuple[bytes, CallSpan | None]":
    """Return the id of the request's trace, begun where it is not part of any, and its span.

    The span, where spans are exported, takes the place of the sender's in the request's head.
    """
    found, field, span = begin_trace(request, spans, kind)
    if field:
        request.headers.append((b"traceparent", field))
    return found, span


def begin_trace(
    request: Request, spans: "Spans | None", kind: Literal["call", "accept"] = "call"
) -> "tuple[bytes, bytes, CallSpan | None]":
    """Return the same, and the ``traceparent`` to add; empty where the sender's goes on."""
    given = request.traceparent
    if given is None and spans is None:
        found, field = new_trace()
        return found, field, None
    found = trace_id(given)
    if found and spans is None:
        return found, b"", None
    if given is not None:
        dropped = _TRACE[:1] if found else _TRACE
        request.headers = [f for f in request.headers if f[0] not in dropped]
    if spans is not None:
        span = spans.begin(given if found else None, kind)
        return span.trace, span.field, span
    found, field = new_trace()
    return found, field, None


def in_chunks(request: Request, function: Function) -> bool:
    """Tell whether a function gets the request's body in chunks: as it came, or as OpenFaaS does.

    There every body loses its length on its way but that of one who wants an event stream.
    """
    if request.chunked or not request.length or not function.behind_provider:
        return request.chunked
    return not (request.get(b"accept") or b"").startswith(b"text/event-stream")


def request_head(
    request: Request,
    path: bytes,
    call_id: bytes,
    started: int,
    peer: bytes,
    *,
    chunked: bool,
    traceparent: bytes = b"",
) -> bytes:
    """Return the head as the function gets it."""
    same = request.passed_on.get(chunked) or _same_for_all(request, path, chunked=chunked)
    trace = b"traceparent: %b\r\n" % traceparent if traceparent else b""
    return _HEAD % (same, trace, call_id, started, hops(request, peer), request.host)


def _same_for_all(request: Request, path: bytes, *, chunked: bool) -> bytes:
    """Return what is the same for each call with the request's head, and keep it."""
    parts = [request.method, b" ", path, b" HTTP/1.1\r\n"]
    dropped = _DROPPED_WITH_LENGTH if chunked else _DROPPED
    for name, value in request.headers:
        if name not in dropped:
            parts += (name, b": ", value, b"\r\n")
    if chunked:
        parts.append(b"transfer-encoding: chunked\r\n")
    elif request.upgrade:
        parts.append(UPGRADE)
    request.passed_on[chunked] = b"".join(parts)
    return request.passed_on[chunked]
