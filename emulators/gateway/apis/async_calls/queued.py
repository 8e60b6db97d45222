"""Asynchronous calls: taken in over HTTP, queued, and worked on."""

import asyncio
import contextlib
import time
import uuid

from emulators.gateway.apis.async_calls.callbacks import Callbacks
from emulators.gateway.apis.async_calls.caller_check import CallerCheck
from emulators.gateway.apis.async_calls.running import RunningCalls
from emulators.gateway.errors import Failed, GatewayError, NotAllowed, TooLarge
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.http.call_fields import answer_fields, forwarded_fields
from emulators.gateway.http.heads import HOP_BY_HOP
from emulators.gateway.http.problems import status_of
from emulators.gateway.model.queued_call import Outcome, QueuedRequest
from emulators.gateway.model.routing import by_path
from emulators.gateway.proxy.calls import Calls
from emulators.gateway.proxy.clients.client_head import trace_of
from emulators.gateway.queue.jetstream import JetStreamQueue, Key
from emulators.gateway.queue.puller import Puller
from emulators.gateway.queue.vault import SealError, Vault
from emulators.gateway.queue.worker import QueuedCalls
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.specs.edition import QueueRules, too_large_for_ce

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


class AsyncCalls:
    """Takes calls into the queue, and has them worked on.

    Args:
        calls: What all calls share.
        plane: The functions.
        queue: Where calls lie.
        vault: Seals the credentials of what is queued.
        running: Carries calls out.
        callbacks: Bring outcomes to callers.
        rules: What the queue does.
    """

    def __init__(
        self,
        calls: Calls,
        plane: Plane,
        queue: JetStreamQueue,
        vault: Vault,
        running: RunningCalls,
        callbacks: Callbacks,
        rules: QueueRules,
    ) -> None:
        self._spans = calls.spans
        self._plane = plane
        self._queue = queue
        self._vault = vault
        self._running = running
        self._callbacks = callbacks
        self._rules = rules
        self._lane = asyncio.Semaphore(rules.at_once) if rules.at_once else None
        self._check = CallerCheck(calls, plane)
        self._workers: dict[Key, tuple[Puller, asyncio.Task[None]]] = {}
        self._stopped = False

    @property
    def largest_body(self) -> int:
        """Most bytes of body that the queue takes."""
        return self._queue.largest_body

    async def accept(self, incoming: Incoming) -> Answer:
        """Answer 202 once the call is on disk."""
        if incoming.method != "POST":
            raise NotAllowed(f"{incoming.method} of an asynchronous call", "use POST")
        found = by_path(incoming.request.target)
        function = self._plane.lookup(found.name)
        call_id = incoming.header(b"x-call-id") or str(uuid.uuid4())
        _, span = trace_of(incoming.request, self._spans, "accept")
        status = status_of(Failed)
        try:
            answer = await self._enqueue(incoming, function, found.path, call_id)
            status = answer.status
        except GatewayError as error:
            status = status_of(type(error))
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
            call_id,
            function.name,
            function.namespace,
            "POST",
            path,
            tuple(headers),
            incoming.body,
            started,
            callback,
        )
        if len(incoming.body) > self.largest_body:
            raise TooLarge(f"the body is over {self.largest_body} bytes", "send less")
        refused = self._edition_s_refusal(len(incoming.body)) or await self._check.refusal(
            function, request
        )
        if refused is None:
            key = (function.namespace, function.name)
            await self._queue.publish(key, self._vault.sealed(request))
            self.work_on(key)
        answer = refused or Answer(202, b"", "text/plain")
        seconds = time.perf_counter() - began
        answer.headers += answer_fields(call_id.encode("latin-1"), started, seconds)
        return answer

    def _edition_s_refusal(self, size: int) -> Answer | None:
        limit = self._rules.largest_body
        if limit is None or size <= limit:
            return None
        return Answer(500, too_large_for_ce(size, limit).encode(), "text/plain; charset=utf-8")

    def work_on(self, key: Key) -> None:
        """Make sure that a function's calls are being worked on."""
        if key not in self._workers and not self._stopped:
            calls = QueuedCalls(key, self._queue, self._running, self.call_back, self._lane)
            puller = Puller(calls, self._queue)
            task = asyncio.get_running_loop().create_task(puller.run())
            self._workers[key] = puller, task

    async def resume(self, waiting: list[Key]) -> None:
        """Work on calls that an earlier process accepted."""
        for key in waiting:
            self.work_on(key)

    async def stop(self, limit: float) -> None:
        """Take no more from the queue; wait for what is in work."""
        self._stopped = True
        for _, task in self._workers.values():
            task.cancel()
        await asyncio.gather(*(puller.finish(limit) for puller, _ in self._workers.values()))

    async def call_back(self, request: QueuedRequest, outcome: Outcome) -> None:
        """Tell the outcome to where its caller wants it."""
        with contextlib.suppress(SealError):  # told as the call's own failure
            request = self._vault.opened(request)
        await self._callbacks.tell(request, outcome)
