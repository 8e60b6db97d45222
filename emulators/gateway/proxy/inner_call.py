"""Calls that the gateway makes by itself: queued ones, and what it asks or tells functions."""

import asyncio
import time

import msgspec

from emulators.gateway.errors import GatewayError
from emulators.gateway.http.heads import LAST_CHUNK, Headers, chunk
from emulators.gateway.http.problems import status_of
from emulators.gateway.model.queued_call import Outcome, QueuedRequest
from emulators.gateway.model.trace_context import trace_id
from emulators.gateway.proxy.call import Call
from emulators.gateway.proxy.calls import Calls
from emulators.gateway.service.deployments.functions import Function

_KEPT_BODY = 1 << 20  # of an answer, for its state and for replies
_KEPT_FOR_CALLBACK = 64 << 20
_FRAMING = frozenset((b"content-length", b"transfer-encoding"))


class KeptAnswer:
    """Keeps an answer (`proxy.sink.Sink`).

    Args:
        limit: Most bytes of its body that are kept.

    Attributes:
        outcome: How the call ended, once it has.
    """

    __slots__ = ("_begun", "_body", "_headers", "_limit", "_status", "outcome")

    def __init__(self, limit: int) -> None:
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._begun = time.perf_counter()
        self._status = 0
        self._headers: Headers = []
        self._body = bytearray()
        self._limit = limit

    def head(self, status: int, headers: Headers, *, bodiless: bool) -> bool:
        """Keep the head."""
        self._status, self._headers = status, headers
        return bodiless or bool({name.lower() for name, _ in headers} & _FRAMING)

    def body(self, data: bytes) -> None:
        """Keep the body, up to the limit."""
        if len(self._body) < self._limit:
            self._body += data[: self._limit - len(self._body)]

    def flush(self) -> None:
        """Do nothing: what was kept stays where it is."""

    def switch(self) -> None:
        """Do nothing: no other protocol was asked for, so none begins."""

    def pace(self, *, full: bool) -> None:
        """Do nothing: the request is whole from the start, and nobody sends."""

    def ended(self) -> None:
        """Note that the answer is whole."""
        headers, body = tuple(self._headers), bytes(self._body)
        self._settle(Outcome(self._status, headers, body, self._seconds()))

    def failed(self, error: GatewayError) -> None:
        """Settle it: there was no answer."""
        self._settle(Outcome(status_of(type(error)), seconds=self._seconds(), error=error.message))

    def _seconds(self) -> float:
        return time.perf_counter() - self._begun

    def _settle(self, outcome: Outcome) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)


class InnerCall:
    """Carries a request to its function and keeps the answer.

    Args:
        calls: What all calls share.
        function: Whom it is for.
        request: What it gets.
        tag: The revision's tag, if a host named one.
        queued: Whether it comes from the queue.
    """

    __slots__ = ("_answer", "_call")

    def __init__(
        self,
        calls: Calls,
        function: Function,
        request: QueuedRequest,
        *,
        tag: str = "",
        queued: bool = True,
    ) -> None:
        given = dict(request.headers).get(b"traceparent")
        trace, span = trace_id(given), None
        if calls.spans is not None:
            span = calls.spans.begin(given if trace else None, "queued" if queued else "call")
            trace, request = span.trace, _with_parent(request, span.field)
        chunked = bool(request.body) and function.behind_provider
        self._answer = KeptAnswer(_KEPT_FOR_CALLBACK if request.callback else _KEPT_BODY)
        self._call = Call(
            calls,
            function,
            _head(request, chunked=chunked),
            self._answer,
            tag=tag,
            asynchronous=queued,
            call_id=request.call_id.encode("latin-1", "replace"),
            trace=trace,
            span=span,
        )
        if request.body:
            self._call.forward(chunk(request.body) + LAST_CHUNK if chunked else request.body)
        self._call.sent_all = True

    async def result(self) -> Outcome:
        """Start it; return how it ended. Cancelled, it is given up."""
        self._call.start()
        try:
            return await self._answer.outcome
        finally:
            self._call.abandon()

    def give_up(self, kind: type[GatewayError], what: str) -> None:
        """End it from our side."""
        self._call.give_up(kind, what)


def _with_parent(request: QueuedRequest, field: bytes) -> QueuedRequest:
    others = (f for f in request.headers if f[0] != b"traceparent")
    return msgspec.structs.replace(request, headers=(*others, (b"traceparent", field)))


def _head(request: QueuedRequest, *, chunked: bool) -> bytes:
    lines = [b"%b %b HTTP/1.1\r\n" % (request.method.encode(), request.path)]
    lines += [b"%b: %b\r\n" % field for field in request.headers]
    framing = (
        b"transfer-encoding: chunked" if chunked else b"content-length: %d" % len(request.body)
    )
    lines.append(
        b"%b\r\nx-call-id: %b\r\nx-start-time: %d\r\n\r\n"
        % (framing, request.call_id.encode("latin-1"), request.queued_at)
    )
    return b"".join(lines)
