"""A client's call of a function, and the answer on its connection."""

import math
import random
from time import perf_counter, time_ns
from typing import TYPE_CHECKING, Literal

from emulators.gateway.errors import GatewayError
from emulators.gateway.http.heads import (
    CONTINUE,
    HOP_BY_HOP,
    IDEMPOTENT,
    LAST_CHUNK,
    STATUS_LINES,
    Headers,
    Request,
    answer_fields,
    chunk,
    forwarded_fields,
    refusal,
)
from emulators.gateway.http.problems import status_of
from emulators.gateway.model.trace_context import new_trace, trace_id
from emulators.gateway.proxy.call import Call
from emulators.gateway.service.functions import Function

if TYPE_CHECKING:
    from emulators.gateway.http.connection import ClientConnection
    from emulators.gateway.http.front import Front
    from emulators.gateway.spans import CallSpan, Spans

_OWN = frozenset((b"x-call-id", b"x-start-time", b"x-forwarded-for", b"x-forwarded-host",
                  b"x-forwarded-proto", b"expect"))  # fmt: skip
_DROPPED_FROM_REQUEST = HOP_BY_HOP | _OWN
_DROPPED_FROM_ANSWER = HOP_BY_HOP | {b"x-call-id", b"x-start-time", b"x-duration-seconds"}
_DROPPED_FROM_EMPTY = _DROPPED_FROM_ANSWER | {b"content-length"}
_NO_LENGTH = frozenset((101, 204))  # their answers must name none (RFC 9110, 8.6)
_EARLY_HELD = 16 * 1024  # bytes taken in from a client that wants an upgrade, before the 101
_TRACE = (b"traceparent", b"tracestate")
_UPGRADE = b"connection: upgrade\r\nupgrade: websocket\r\n"
_draw = random.Random().getrandbits  # noqa: S311 (spreads load, no secret)


def new_call_id() -> bytes:
    """A random UUID, much faster than the library's (which asks the kernel each time)."""
    text = b"%032x" % _draw(128)
    return b"-".join((text[:8], text[8:12], b"4" + text[13:16], b"8" + text[17:20], text[20:]))


def trace_of(
    request: Request, spans: "Spans | None" = None, kind: Literal["call", "accept"] = "call"
) -> "tuple[bytes, CallSpan | None]":
    """The id of the request's trace, begun where the request is not part of any, and its span.

    The span, where spans are exported, takes the place of the sender's in the request's head.
    """
    given = request.get(b"traceparent")
    found, span = trace_id(given), None
    if found and spans is None:
        return found, None
    if given is not None:
        dropped = _TRACE[:1] if found else _TRACE
        request.headers = [f for f in request.headers if f[0] not in dropped]
    if spans is not None:
        span = spans.begin(given if found else None, kind)
        found, field = span.trace, span.field
    else:
        found, field = new_trace()
    request.headers.append((b"traceparent", field))
    return found, span


def request_head(request: Request, path: bytes, call_id: bytes, started: int, peer: bytes) -> bytes:
    """The head as the function gets it."""
    parts = [request.method, b" ", path, b" HTTP/1.1\r\n"]
    for name, value in request.headers:
        if name not in _DROPPED_FROM_REQUEST:
            parts += (name, b": ", value, b"\r\n")
    if request.chunked:
        parts.append(b"transfer-encoding: chunked\r\n")
    elif request.upgrade:
        parts.append(_UPGRADE)
    parts.append(b"x-call-id: %b\r\nx-start-time: %d\r\n" % (call_id, started))
    for name, value in forwarded_fields(request, peer):
        parts += (name, b": ", value, b"\r\n")
    parts.append(b"\r\n")
    return b"".join(parts)


class ProxyCall(Call):
    """Carries a client's request to a function and the answer back onto the connection.

    Args:
        front: What all calls share.
        function: Whom it is for.
        connection: The client's.
        request: Its head.
        path: What the function sees.
        tag: The revision's tag, if the host named one.
    """

    __slots__ = (
        "_chunk_out", "_connection", "_early", "_early_size", "_out", "_started", "_status",
        "keep_alive", "request", "request_complete", "tunnelling",
    )  # fmt: skip

    def __init__(
        self,
        front: "Front",
        function: Function,
        connection: "ClientConnection",
        request: Request,
        path: bytes,
        tag: str = "",
    ) -> None:
        call_id = request.get(b"x-call-id") or new_call_id()
        self._started = time_ns()
        trace, span = trace_of(request, front.spans)
        head = request_head(request, path, call_id, self._started, connection.peer)
        repeatable = request.method in IDEMPOTENT and not (request.has_body or request.upgrade)
        super().__init__(
            front, function, head, repeatable=repeatable, chunked=request.chunked, tag=tag,
            call_id=call_id, trace=trace, span=span,
        )  # fmt: skip
        self._connection = connection
        self.request = request
        self.request_complete = False
        self.keep_alive = request.keep_alive
        self._out: list[bytes] = []
        self._chunk_out = False
        self._status = 0
        self._early: list[bytes] = []
        self._early_size = 0
        self.tunnelling = False

    # The connection's side.

    @property
    def answering(self) -> bool:
        """Whether a part of the answer has been written."""
        return self.head_received

    def start(self) -> None:
        """Sets out for a replica."""
        if self.request.expects and not self.request_complete:
            self._connection.write(CONTINUE)
        super().start()

    def request_end(self) -> None:
        """The request is whole; one for an upgrade never is, so that its connection is not kept."""
        self.request_complete = True
        if not self.request.upgrade:
            super().request_end()

    def client_full(self, *, full: bool) -> None:
        """The client's pace decides the replica's."""
        if self.upstream is not None:
            if full:
                self.upstream.hold_back()
            else:
                self.upstream.go_on()

    def tunnel(self, data: bytes) -> None:
        """Bytes of a client that has another protocol, or wants it: those wait for the 101."""
        if self.tunnelling:
            self._forward(data)
            return
        self._early.append(data)
        self._early_size += len(data)
        if self._early_size > _EARLY_HELD:
            self.full(full=True)

    # The call's side.

    def switched(self, data: bytes) -> None:
        """The replica took up the upgrade: from here on bytes go both ways as they are."""
        self.tunnelling = True
        self.deadlines.whole = math.inf
        self._out.append(data)
        self.flush()
        if self._early:
            self._forward(b"".join(self._early))
            self._early.clear()
            self.full(full=False)

    def wants_switch(self, headers: Headers) -> bool:
        """Whether the replica takes up the very upgrade that was asked for."""
        told = {name.lower(): value.strip().lower() for name, value in headers}
        return (
            bool(self.request.upgrade)
            and told.get(b"upgrade") == self.request.upgrade
            and b"upgrade" in told.get(b"connection", b"")
        )

    def tunnelled(self, data: bytes) -> None:
        """Bytes of the replica after an upgrade."""
        self._connection.write(data)

    def full(self, *, full: bool) -> None:
        """Holds the client's body back, or lets it flow."""
        self._connection.hold_body(full=full)

    def response_head(self, status: int, headers: Headers) -> bool:
        """Writes the head; picks the framing that the client understands."""
        self.head_received = True
        self._status = status
        framed = bodiless = self.request.method == b"HEAD" or status in (204, 304)
        self.expects_body = not bodiless
        parts = [STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status]
        sized = False
        dropped = _DROPPED_FROM_EMPTY if status in _NO_LENGTH else _DROPPED_FROM_ANSWER
        for name, value in headers:
            lower = name.lower()
            if lower not in dropped:
                parts += (name, b": ", value, b"\r\n")
                sized = sized or lower == b"content-length"
            elif lower == b"transfer-encoding":
                framed = True
        if status == 101:
            parts.append(_UPGRADE)
            framed = bodiless = True
        self._chunk_out = not (bodiless or sized or self.request.http10)
        if self._chunk_out:
            parts.append(b"transfer-encoding: chunked\r\n")
        elif not (sized or bodiless):
            self.keep_alive = False
        parts.append(
            b"x-call-id: %b\r\nx-duration-seconds: %f\r\nx-start-time: %d\r\n"
            % (self.call_id, perf_counter() - self.begun, self._started)
        )
        parts.append(b"\r\n" if status == 101 else self._connection_field())
        self._out = parts
        return framed or sized

    def _connection_field(self) -> bytes:
        if not self.keep_alive or not self.request_complete or self.front.closing:
            self.keep_alive = False
            return b"connection: close\r\n\r\n"
        return b"connection: keep-alive\r\n\r\n" if self.request.http10 else b"\r\n"

    def response_body(self, data: bytes) -> None:
        """Takes a piece; `flush` writes it."""
        self._out.append(chunk(data) if self._chunk_out else data)

    def flush(self) -> None:
        """Writes what came in with one read, in one piece."""
        if self._out:
            self._connection.write(b"".join(self._out))
            self._out.clear()

    def ended(self) -> None:
        """The answer is whole."""
        if self._chunk_out:
            self._out.append(LAST_CHUNK)
        self.flush()
        self.account(self._status)
        self._connection.finished()

    def failed(self, error: GatewayError) -> None:
        """Answers for the function, or breaks the connection off when it had begun to answer."""
        code = self._status if self.tunnelling else status_of(type(error))
        self.account(code)
        if self.tunnelling:
            self._connection.close()
        elif self.head_received:
            self._connection.abort()
        if self.head_received:
            return
        self.keep_alive = self.keep_alive and self.request_complete
        fields = answer_fields(self.call_id, self._started, perf_counter() - self.begun)
        self._connection.write(refusal(error, fields, close=not self.keep_alive))
        self._connection.finished()
