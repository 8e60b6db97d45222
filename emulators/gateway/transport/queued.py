"""Asynchronous calls: taken in over HTTP, carried out from the queue."""

import asyncio
import math
import time
import uuid
from typing import TYPE_CHECKING

import msgspec

from emulators.gateway.errors import GatewayError
from emulators.gateway.queue.envelope import Outcome, QueuedRequest, check_callback, encode
from emulators.gateway.queue.jetstream import JetStreamQueue, Key
from emulators.gateway.routing import by_path
from emulators.gateway.service.functions import Function
from emulators.gateway.specs.revision import Retry
from emulators.gateway.tracing import trace_id
from emulators.gateway.transport import client
from emulators.gateway.transport.async_status import CANCELLED
from emulators.gateway.transport.buffered import Answer, Incoming
from emulators.gateway.transport.call import Call
from emulators.gateway.transport.http import (
    HOP_BY_HOP,
    Headers,
    answer_fields,
    forwarded_fields,
)
from emulators.gateway.transport.proxy import trace_of

if TYPE_CHECKING:
    from emulators.gateway.queue.worker import QueueWorker
    from emulators.gateway.transport.front import Front

_DROPPED = HOP_BY_HOP | {
    b"expect",
    b"content-length",
    b"x-call-id",
    b"x-start-time",
    b"x-callback-url",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-proto",
}
_KEPT_BODY = 1 << 20  # of an answer, for its state and for replies
_KEPT_FOR_CALLBACK = 64 << 20
_UNLIMITED_CAPACITY = 64
_MOST_AT_ONCE = 256
_CALLBACK_LIMIT = 30.0


class QueuedCall(Call):
    """Carries a queued request to its function and keeps the answer."""

    __slots__ = ("_body", "_headers", "_kept", "_status", "outcome")

    def __init__(self, front: "Front", function: Function, request: QueuedRequest) -> None:
        given = dict(request.headers).get(b"traceparent")
        trace, span = trace_id(given), None
        if front.spans is not None:
            span = front.spans.begin(given if trace else None, "queued")
            trace, request = span.trace, _with_parent(request, span.field)
        super().__init__(
            front, function, _head(request), repeatable=False, chunked=False,
            call_id=request.call_id.encode("latin-1", "replace"), trace=trace, span=span,
        )  # fmt: skip
        self.asynchronous = True
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
        self._settle(Outcome(error.status, seconds=self._seconds(), error=error.message))

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


class AsyncCalls:
    """Takes calls into the queue and carries them out.

    Args:
        front: What all calls share.
    """

    def __init__(self, front: "Front") -> None:
        self._front = front
        self._queue: JetStreamQueue
        self._running: dict[str, list[QueuedCall]] = {}
        self._workers: dict[Key, tuple[QueueWorker, asyncio.Task[None]]] = {}
        self._make_worker: type[QueueWorker]

    def connect(self, queue: JetStreamQueue, make_worker: "type[QueueWorker]") -> None:
        """Names the queue and what works on it."""
        self._queue = queue
        self._make_worker = make_worker

    async def accept(self, incoming: Incoming) -> Answer:
        """202 once the call is on disk."""
        if incoming.method != "POST":
            raise GatewayError(405, f"{incoming.method} of an asynchronous call", "use POST")
        found = by_path(incoming.request.target)
        function = self._front.plane.lookup(found.name)
        call_id = incoming.header(b"x-call-id") or str(uuid.uuid4())
        _, span = trace_of(incoming.request, self._front.spans, "accept")
        status = 500
        try:
            answer = await self._enqueue(incoming, function, found.path, call_id)
            status = answer.status
        except GatewayError as error:
            status = error.status
            raise
        finally:
            if span is not None:
                span.end_accepted(function.label, call_id, status)
        return answer

    async def _enqueue(
        self, incoming: Incoming, function: Function, path: bytes, call_id: str
    ) -> Answer:
        started, began = time.time_ns(), time.perf_counter()
        headers = [field for field in incoming.request.headers if field[0] not in _DROPPED]
        headers += forwarded_fields(incoming.request, incoming.peer)
        request = QueuedRequest(
            call_id, function.name, function.namespace, "POST", path, tuple(headers),
            incoming.body, started, check_callback(incoming.header(b"x-callback-url")),
        )  # fmt: skip
        self._front.async_limit = self._queue.largest_body
        if len(incoming.body) > self._front.async_limit:
            raise GatewayError(
                413, f"the body is over {self._front.async_limit} bytes", "send less"
            )
        key = (function.namespace, function.name)
        await self._queue.publish(key, call_id, encode(request))
        self.work_on(key)
        seconds = time.perf_counter() - began
        fields = answer_fields(call_id.encode("latin-1"), started, seconds)
        return Answer(202, b"", "text/plain", fields)

    def work_on(self, key: Key) -> None:
        """Makes sure that a function's calls are being worked on."""
        if key not in self._workers and not self._front.closing:
            worker = self._make_worker(key, self._queue, self, self._call_back)
            task = asyncio.get_running_loop().create_task(worker.run())
            self._workers[key] = worker, task

    async def resume(self, waiting: list[Key]) -> None:
        """Works on calls that an earlier process accepted."""
        for key in waiting:
            self.work_on(key)

    async def stop(self, limit: float) -> None:
        """Takes no more from the queue; waits for what is in work."""
        for _, task in self._workers.values():
            task.cancel()
        await asyncio.gather(*(worker.finish(limit) for worker, _ in self._workers.values()))

    # What the worker asks.

    def policy(self, key: Key) -> Retry | None:
        """A function's retry policy."""
        function = self._front.plane.functions.get(key)
        return function.serving.pool.revision.retry if function else None

    def capacity(self, key: Key) -> int:
        """As many calls at once as its replicas may, or are meant to, work on."""
        function = self._front.plane.functions.get(key)
        if function is None:
            return 1
        revision = function.serving.pool.revision
        scaling = revision.scaling
        each = revision.concurrency or (scaling.target if scaling.metric == "concurrency" else None)
        if not each:
            return _UNLIMITED_CAPACITY
        return min(math.ceil(each * function.serving.autoscaler.maximum), _MOST_AT_ONCE)

    async def carry_out(self, request: QueuedRequest) -> Outcome:
        """Calls the function."""
        function = self._front.plane.functions.get((request.namespace, request.function))
        if function is None:
            return Outcome(404, error="the function is not deployed")
        call = QueuedCall(self._front, function, request)
        self._running.setdefault(request.call_id, []).append(call)
        call.start()
        try:
            return await call.outcome
        finally:
            call.abandon()
            self._running[request.call_id].remove(call)
            if not self._running[request.call_id]:
                del self._running[request.call_id]

    # What those who ask for a call's state want to know.

    def is_running(self, call_id: str) -> bool:
        """Whether a call is being carried out now."""
        return call_id in self._running

    def cancel(self, call_id: str) -> bool:
        """Ends a call that is being carried out; False when it is not."""
        calls = list(self._running.get(call_id, ()))
        for call in calls:
            call.give_up(CANCELLED, "was cancelled")
        return bool(calls)

    async def _call_back(self, request: QueuedRequest, outcome: Outcome) -> None:
        if not request.callback:
            return
        headers = [field for field in outcome.headers if field[0].lower() not in _DROPPED]
        headers += [
            (b"x-call-id", request.call_id.encode("latin-1")),
            (b"x-function-name", request.function.encode()),
            (b"x-function-status", b"%d" % outcome.status),
            (b"x-duration-seconds", b"%f" % outcome.seconds),
        ]
        try:
            await client.post(request.callback, headers, outcome.body, _CALLBACK_LIMIT)
        except (OSError, TimeoutError, ValueError):  # also an address that an older gateway took
            self._front.metrics.callback_failed(request.function)
