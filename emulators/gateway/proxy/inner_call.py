"""Calls that the gateway makes by itself: queued ones, and what it asks or tells functions."""

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec

from emulators.gateway.errors import GatewayError
from emulators.gateway.http.heads import Headers
from emulators.gateway.http.problems import status_of
from emulators.gateway.model.trace_context import trace_id
from emulators.gateway.proxy.call import Call
from emulators.gateway.queue.envelope import Outcome, QueuedRequest
from emulators.gateway.service.functions import Function

if TYPE_CHECKING:
    from emulators.gateway.http.front import Front

_KEPT_BODY = 1 << 20  # of an answer, for its state and for replies
_KEPT_FOR_CALLBACK = 64 << 20


class InnerCall(Call):
    """Carries a request to its function and keeps the answer.

    Args:
        front: What all calls share.
        function: Whom it is for.
        request: What it gets.
        tag: The revision's tag, if a host named one.
        queued: Whether it comes from the queue.
    """

    __slots__ = ("_body", "_headers", "_kept", "_status", "outcome", "owner")

    def __init__(
        self,
        front: "Front",
        function: Function,
        request: QueuedRequest,
        *,
        tag: str = "",
        queued: bool = True,
    ) -> None:
        given = dict(request.headers).get(b"traceparent")
        trace, span = trace_id(given), None
        if front.spans is not None:
            span = front.spans.begin(given if trace else None, "queued" if queued else "call")
            trace, request = span.trace, _with_parent(request, span.field)
        super().__init__(
            front, function, _head(request), repeatable=False, chunked=False, tag=tag,
            call_id=request.call_id.encode("latin-1", "replace"), trace=trace, span=span,
        )  # fmt: skip
        self.asynchronous = queued
        self.owner = request.owner
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._status = 0
        self._headers: Headers = []
        self._body = bytearray()
        self._kept = _KEPT_FOR_CALLBACK if request.callback else _KEPT_BODY
        if request.body:
            self.request_body(request.body)
        self.request_end()

    def response_head(self, status: int, headers: Headers) -> bool:
        """Keeps the head."""
        self.head_received = True
        self._status, self._headers = status, headers
        self.expects_body = status not in (204, 304)
        framing = {name.lower() for name, _ in headers}
        return not self.expects_body or bool(framing & {b"content-length", b"transfer-encoding"})

    def response_body(self, data: bytes) -> None:
        """Keeps the body, up to a limit."""
        if len(self._body) < self._kept:
            self._body += data[: self._kept - len(self._body)]

    def ended(self) -> None:
        """The answer is whole."""
        self._settle(
            Outcome(self._status, tuple(self._headers), bytes(self._body), self._seconds())
        )

    def failed(self, error: GatewayError) -> None:
        """There was no answer."""
        self._settle(Outcome(status_of(type(error)), seconds=self._seconds(), error=error.message))

    async def result(self) -> Outcome:
        """Starts it; how it ended. Cancelled, it is given up."""
        self.start()
        try:
            return await self.outcome
        finally:
            self.abandon()

    def _seconds(self) -> float:
        return time.perf_counter() - self.begun

    def _settle(self, outcome: Outcome) -> None:
        self.account(outcome.status)
        if not self.outcome.done():
            self.outcome.set_result(outcome)


def _with_parent(request: QueuedRequest, field: bytes) -> QueuedRequest:
    others = (f for f in request.headers if f[0] != b"traceparent")
    return msgspec.structs.replace(request, headers=(*others, (b"traceparent", field)))


def _head(request: QueuedRequest) -> bytes:
    lines = [b"%b %b HTTP/1.1\r\n" % (request.method.encode(), request.path)]
    lines += [b"%b: %b\r\n" % field for field in request.headers]
    lines.append(
        b"content-length: %d\r\nx-call-id: %b\r\nx-start-time: %d\r\n\r\n"
        % (len(request.body), request.call_id.encode("latin-1"), request.queued_at)
    )
    return b"".join(lines)
