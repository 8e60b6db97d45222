"""Takes calls from the queue and has them carried out."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec
import structlog
from nats.js import JetStreamContext

from emulators.gateway.errors import GatewayError
from emulators.gateway.model.backoff import Backoff
from emulators.gateway.model.queued_call import NOT_DEPLOYED, Outcome, QueuedRequest, decode
from emulators.gateway.model.retry_times import should_retry, wait_before
from emulators.gateway.model.revision import Retry
from emulators.gateway.queue.jetstream import JetStreamQueue, Key, Msg

log = structlog.get_logger()

_KEEPING = Backoff(0.25, 2.0)
_KEEP_LIMIT = 600.0  # for so long an outcome waits for the queue's server to take it


class _NotKeptError(Exception):
    """The queue's server took no outcome for the whole limit."""


class Caller(Protocol):
    """Carries out queued calls."""

    def policy(self, key: Key) -> Retry | None:
        """Return a function's retry policy; None when it is not deployed."""

    def capacity(self, key: Key) -> int:
        """Return how many calls of a function may run at once."""

    async def carry_out(self, request: QueuedRequest) -> Outcome:
        """Call the function."""


class QueuedCalls:
    """The calls of one function, carried out (`queue.puller.Work`).

    Args:
        key: The function: namespace and name.
        queue: Where the calls come from.
        caller: Who carries them out.
        callback: Posts an outcome to where its sender wants it.
        lane: Bounds how many calls are worked on, of all functions together; None: no bound.
    """

    def __init__(
        self,
        key: Key,
        queue: JetStreamQueue,
        caller: Caller,
        callback: Callable[[QueuedRequest, Outcome], Awaitable[None]],
        lane: asyncio.Semaphore | None = None,
    ) -> None:
        self.name = key[1]
        self._key = key
        self._queue = queue
        self._ending = False
        self._caller = caller
        self._callback = callback
        self._lane = lane

    async def subscribe(self) -> JetStreamContext.PullSubscription:
        """Return the function's calls."""
        return await self._queue.subscribe(self._key)

    def capacity(self) -> int:
        """Return how many calls the function may work on."""
        return 1 if self._lane is not None else self._caller.capacity(self._key)

    def end(self) -> None:
        """Let go, from now on, of an outcome that cannot be kept: its call comes again."""
        self._ending = True

    async def attempt(self, message: Msg) -> float | None:
        """Make one attempt; return the seconds until the next, or None when there is none.

        There is none only once the outcome is kept. While it cannot be, the call stays in work: it
        holds its place, so that few are carried out in vain, and none a second time meanwhile.
        """
        try:
            async with self._lane or contextlib.nullcontext():
                return await self._attempt(message)
        except _NotKeptError as error:
            log.error("outcome not kept: the call comes again", function=self._key[1], why=error)  # noqa: TRY400 - its reason says all
            return _KEEPING.longest

    async def _attempt(self, message: Msg) -> float | None:
        attempt = message.metadata.num_delivered
        try:
            request = decode(message.data)
        except msgspec.DecodeError as error:
            await self._bury(message, Outcome(0, error=f"unreadable: {error}"), attempt)
            return None
        policy = self._caller.policy(self._key)
        if policy is None:
            await self._bury(message, NOT_DEPLOYED, attempt)
            await self._tell(message, request, NOT_DEPLOYED)
            return None
        outcome = await self._caller.carry_out(request)
        if should_retry(policy, outcome.status, attempt):
            wait = wait_before(policy, outcome.status, attempt, outcome.get(b"retry-after"))
            log.info(
                "queued call is tried again",
                call=request.call_id,
                function=self._key[1],
                status=outcome.status,
                attempt=attempt,
                wait=round(wait, 2),
                error=outcome.error,
            )
            return wait
        if outcome.status in policy.codes or not outcome.status:  # 0: it could not be made
            await self._bury(message, outcome, attempt)
        await self._tell(message, request, outcome)
        return None

    async def _tell(self, message: Msg, request: QueuedRequest, outcome: Outcome) -> None:
        place = message.metadata.sequence.stream
        await self._insist(lambda: self._queue.record(request, outcome, place))
        await self._callback(request, outcome)

    async def _bury(self, message: Msg, outcome: Outcome, attempts: int) -> None:
        why = {
            "Mayfly-Status": str(outcome.status),
            "Mayfly-Attempts": str(attempts),
            "Mayfly-Error": outcome.error.replace("\n", " ").replace("\r", " ")[:500],
        }
        log.error("queued call given up", function=self._key[1], **why)
        # One id for all tries: the server drops a second letter if it kept the first unconfirmed.
        place = message.metadata.sequence.stream, message.metadata.timestamp.isoformat()
        named = {**why, "Nats-Msg-Id": f"{place[0]} {place[1]}"}
        await self._insist(lambda: self._queue.bury(self._key, message.data, named))

    async def _insist(self, keep: Callable[[], Awaitable[None]]) -> None:
        """Keep something, again and again while the queue's server is away or its disk is full.

        Raises:
            _NotKeptError: When it could not be kept within the limit, or before the gateway ends.
        """
        deadline = time.monotonic() + _KEEP_LIMIT
        for pause in _KEEPING.pauses():
            try:
                await keep()
            except GatewayError as error:
                if self._ending or time.monotonic() + pause > deadline:
                    raise _NotKeptError(error.message) from error
                if pause == _KEEPING.first:
                    log.warning("outcome not kept yet", error=error.message)
            else:
                return
            await asyncio.sleep(pause)
