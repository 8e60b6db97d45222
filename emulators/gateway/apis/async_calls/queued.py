"""Asynchronous calls: taken in over HTTP, carried out from the queue."""

import asyncio
import contextlib
import math
import time
import uuid
from typing import TYPE_CHECKING

from emulators.gateway.apis.async_calls.async_status import CANCELLED
from emulators.gateway.apis.async_calls.callbacks import Callbacks
from emulators.gateway.apis.async_calls.caller_check import CallerCheck
from emulators.gateway.errors import GatewayError
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.http.heads import HOP_BY_HOP, answer_fields, forwarded_fields
from emulators.gateway.model.routing import by_path
from emulators.gateway.proxy.client_call import trace_of
from emulators.gateway.proxy.inner_call import InnerCall
from emulators.gateway.queue.envelope import Outcome, QueuedRequest
from emulators.gateway.queue.jetstream import JetStreamQueue, Key
from emulators.gateway.queue.vault import SealError, Vault
from emulators.gateway.service.functions import Function
from emulators.gateway.specs.revision import Retry

if TYPE_CHECKING:
    from emulators.gateway.http.front import Front
    from emulators.gateway.queue.worker import QueueWorker

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
_UNLIMITED_CAPACITY = 64
_MOST_AT_ONCE = 256


class AsyncCalls:
    """Takes calls into the queue and carries them out.

    Args:
        front: What all calls share.
        vault: Seals the credentials of what is queued.
        callbacks: Bring outcomes to callers.
    """

    def __init__(self, front: "Front", vault: Vault, callbacks: Callbacks) -> None:
        self._front = front
        self._vault = vault
        self._callbacks = callbacks
        self._check = CallerCheck(front)
        self._queue: JetStreamQueue
        self._running: dict[str, list[InnerCall]] = {}
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
        callback = self._callbacks.checked(incoming.header(b"x-callback-url"))
        request = QueuedRequest(
            call_id, function.name, function.namespace, "POST", path, tuple(headers),
            incoming.body, started, callback,
        )  # fmt: skip
        self._front.async_limit = self._queue.largest_body
        if len(incoming.body) > self._front.async_limit:
            raise GatewayError(
                413, f"the body is over {self._front.async_limit} bytes", "send less"
            )
        refused = await self._check.refusal(function, request)
        if refused is None:
            key = (function.namespace, function.name)
            await self._queue.publish(key, self._vault.sealed(request))
            self.work_on(key)
        answer = refused or Answer(202, b"", "text/plain")
        seconds = time.perf_counter() - began
        answer.headers += answer_fields(call_id.encode("latin-1"), started, seconds)
        return answer

    def work_on(self, key: Key) -> None:
        """Makes sure that a function's calls are being worked on."""
        if key not in self._workers and not self._front.closing:
            worker = self._make_worker(key, self._queue, self, self.call_back)
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
        try:
            call = InnerCall(self._front, function, self._vault.opened(request))
        except SealError as error:
            return Outcome(0, error=str(error))
        self._running.setdefault(request.call_id, []).append(call)
        try:
            return await call.result()
        finally:
            self._running[request.call_id].remove(call)
            if not self._running[request.call_id]:
                del self._running[request.call_id]

    async def call_back(self, request: QueuedRequest, outcome: Outcome) -> None:
        """Tells the outcome to where its caller wants it."""
        with contextlib.suppress(SealError):  # told as the call's own failure
            request = self._vault.opened(request)
        await self._callbacks.tell(request, outcome)

    # What those who ask for a call's state want to know.

    def is_running(self, call_id: str, owner: str | None) -> bool:
        """Whether a call is being carried out now (None: anybody's)."""
        return bool(self._found(call_id, owner))

    def cancel(self, call_id: str, owner: str | None) -> bool:
        """Ends a call that is being carried out; False when it is not."""
        calls = self._found(call_id, owner)
        for call in calls:
            call.give_up(CANCELLED, "was cancelled")
        return bool(calls)

    def _found(self, call_id: str, owner: str | None) -> list[InnerCall]:
        return [c for c in self._running.get(call_id, ()) if owner in (None, c.owner)]
