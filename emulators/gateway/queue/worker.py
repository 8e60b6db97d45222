"""Takes calls from the queue and has them carried out."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import msgspec
import nats.errors
import nats.js.errors
import structlog
from nats.js import JetStreamContext

from emulators.gateway.errors import GatewayError
from emulators.gateway.queue.envelope import Outcome, QueuedRequest, decode
from emulators.gateway.queue.jetstream import JetStreamQueue, Key, Msg
from emulators.gateway.retrying import should_retry, wait_before
from emulators.gateway.specs.revision import Retry

log = structlog.get_logger()

_FETCH_SECONDS = 2.0
_TROUBLE_PAUSE = 0.5
_REMEMBERED = 10_000


class Caller(Protocol):
    """Carries out queued calls."""

    def policy(self, key: Key) -> Retry | None:
        """A function's retry policy; None when it is not deployed."""

    def capacity(self, key: Key) -> int:
        """How many calls of a function may run at once."""

    async def carry_out(self, request: QueuedRequest) -> Outcome:
        """Calls the function."""


class QueueWorker:
    """Works on the calls of one function, several at once.

    Args:
        key: The function: namespace and name.
        queue: Where the calls come from.
        caller: Who carries them out.
        callback: Posts an outcome to where its sender wants it.
    """

    def __init__(
        self,
        key: Key,
        queue: JetStreamQueue,
        caller: Caller,
        callback: Callable[[QueuedRequest, Outcome], Awaitable[None]],
    ) -> None:
        self._key = key
        self._queue = queue
        self._caller = caller
        self._callback = callback
        self._running: set[asyncio.Task[None]] = set()
        self._done: dict[
            tuple[int, datetime], None
        ] = {}  # finished, though the server may not know it yet
        self._freed = asyncio.Event()

    async def run(self) -> None:
        """Fetches and works until cancelled; what is being worked on goes on (see `finish`)."""
        while True:
            await self._queue.connected.wait()
            try:
                subscription = await self._queue.subscribe(self._key)
                try:
                    await self._pump(subscription)
                finally:
                    with contextlib.suppress(nats.errors.Error):
                        await subscription.unsubscribe()
            except (nats.errors.Error, nats.js.errors.Error, GatewayError, TimeoutError) as error:
                log.warning("queue trouble", function=self._key[1], error=str(error))
                await asyncio.sleep(_TROUBLE_PAUSE)

    async def finish(self, limit: float) -> None:
        """Waits for the calls in work; those not done in time are delivered again later."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=limit)
            for task in late:
                task.cancel()

    async def _pump(self, subscription: JetStreamContext.PullSubscription) -> None:
        epoch = self._queue.epoch
        while epoch == self._queue.epoch:
            while len(self._running) >= max(1, self._caller.capacity(self._key)):
                self._freed.clear()
                await self._freed.wait()
            try:
                messages = await subscription.fetch(1, timeout=_FETCH_SECONDS)
            except (nats.errors.TimeoutError, TimeoutError):
                continue
            for message in messages:
                task = asyncio.get_running_loop().create_task(self._work(message))
                self._running.add(task)
                task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._freed.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("queued call failed", function=self._key[1], error=repr(task.exception()))

    async def _work(self, message: Msg) -> None:
        # The time is part of it: a queue that was emptied numbers its messages from 1 again.
        place = message.metadata.sequence.stream, message.metadata.timestamp
        if place not in self._done:
            keeper = asyncio.get_running_loop().create_task(self._keep(message))
            try:
                wait = await self._attempt(message)
            finally:
                keeper.cancel()
            if wait is not None:
                await message.nak(delay=wait)
                return
            self._remember(place)
        await message.ack()

    def _remember(self, place: tuple[int, datetime]) -> None:
        self._done[place] = None
        if len(self._done) > _REMEMBERED:
            del self._done[next(iter(self._done))]

    async def _keep(self, message: Msg) -> None:
        """Tells the server again and again that the call is being worked on."""
        while True:
            await asyncio.sleep(self._queue.ack_wait / 3)
            with contextlib.suppress(nats.errors.Error):
                await message.in_progress()

    async def _attempt(self, message: Msg) -> float | None:
        """One attempt; the seconds until the next one, or None when there is none."""
        attempt = message.metadata.num_delivered
        try:
            request = decode(message.data)
        except msgspec.DecodeError as error:
            await self._bury(message, Outcome(0, error=f"unreadable: {error}"), attempt)
            return None
        policy = self._caller.policy(self._key)
        if policy is None:
            await self._bury(message, Outcome(404, error="the function is not deployed"), attempt)
            return None
        outcome = await self._caller.carry_out(request)
        if should_retry(policy, outcome.status, attempt):
            wait = wait_before(policy, outcome.status, attempt, outcome.get(b"retry-after"))
            log.info(
                "queued call is tried again", call=request.call_id, function=self._key[1],
                status=outcome.status, attempt=attempt, wait=round(wait, 2), error=outcome.error,
            )  # fmt: skip
            return wait
        if outcome.status in policy.codes:
            await self._bury(message, outcome, attempt)
        await self._tell(request, outcome)
        return None

    async def _tell(self, request: QueuedRequest, outcome: Outcome) -> None:
        try:
            await self._queue.record(request.call_id, outcome)
        except GatewayError as error:
            log.warning("outcome not kept", call=request.call_id, error=error.message)
        await self._callback(request, outcome)

    async def _bury(self, message: Msg, outcome: Outcome, attempts: int) -> None:
        why = {
            "Mayfly-Status": str(outcome.status),
            "Mayfly-Attempts": str(attempts),
            "Mayfly-Error": outcome.error.replace("\n", " ").replace("\r", " ")[:500],
        }
        log.error("queued call given up", function=self._key[1], **why)
        await self._queue.bury(self._key, message.data, why)
