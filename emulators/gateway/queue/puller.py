"""Takes messages of one durable subscription and works on several at once."""

import asyncio
import contextlib
from datetime import datetime
from typing import Protocol

import nats.errors
import nats.js.errors
import structlog
from nats.js import JetStreamContext

from emulators.gateway.errors import GatewayError
from emulators.gateway.queue.jetstream import JetStreamQueue, Msg

log = structlog.get_logger()

_FETCH_SECONDS = 2.0
_TROUBLE_PAUSE = 0.5
_REMEMBERED = 10_000


class Work(Protocol):
    """What a puller takes messages for.

    Attributes:
        name: What the messages are for, for the log.
    """

    name: str

    async def subscribe(self) -> JetStreamContext.PullSubscription:
        """Return the durable subscription."""

    def capacity(self) -> int:
        """Return how many messages may be worked on at once."""

    async def attempt(self, message: Msg) -> float | None:
        """Make one attempt; return the seconds until the next, or None when there is none."""

    def end(self) -> None:
        """Let nothing wait for the server to come back: the gateway ends."""


class Puller:
    """Pulls, keeps what is being worked on, acknowledges what is done.

    Args:
        work: What is pulled, how much of it at once, and what is done with a message.
        queue: Where the messages come from.
    """

    def __init__(self, work: Work, queue: JetStreamQueue) -> None:
        self._work = work
        self._queue = queue
        self._running: set[asyncio.Task[None]] = set()
        self._done: dict[
            tuple[int, datetime], None
        ] = {}  # finished, though the server may not know it yet
        self._begun: set[tuple[int, datetime]] = set()  # being worked on
        self._freed = asyncio.Event()

    async def run(self) -> None:
        """Fetch and work until cancelled; what is being worked on goes on (see `finish`)."""
        while True:
            await self._queue.connected.wait()
            try:
                subscription = await self._work.subscribe()
                try:
                    await self._pump(subscription)
                finally:
                    with contextlib.suppress(nats.errors.Error):
                        await subscription.unsubscribe()
            except (nats.errors.Error, nats.js.errors.Error, GatewayError, TimeoutError) as error:
                log.warning("queue trouble", queue=self._work.name, error=str(error))
                await asyncio.sleep(_TROUBLE_PAUSE)

    async def finish(self, limit: float) -> None:
        """Wait for the messages in work; those not done in time are delivered again later."""
        self._work.end()
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=limit)
            for task in late:
                task.cancel()

    async def _pump(self, subscription: JetStreamContext.PullSubscription) -> None:
        epoch = self._queue.epoch
        while epoch == self._queue.epoch:
            while len(self._running) >= max(1, self._work.capacity()):
                self._freed.clear()
                await self._freed.wait()
            try:
                messages = await subscription.fetch(1, timeout=_FETCH_SECONDS)
            except (nats.errors.TimeoutError, TimeoutError):
                continue
            for message in messages:
                task = asyncio.get_running_loop().create_task(self._handle(message))
                self._running.add(task)
                task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._freed.set()
        if not task.cancelled() and task.exception() is not None:
            log.error(
                "work on a message failed", queue=self._work.name, error=repr(task.exception())
            )

    async def _handle(self, message: Msg) -> None:
        # The time is part of it: a queue that was emptied numbers its messages from 1 again.
        place = message.metadata.sequence.stream, message.metadata.timestamp
        if place in self._begun:  # the word that it is came too late to the server
            return
        if place not in self._done:
            self._begun.add(place)
            keeper = asyncio.get_running_loop().create_task(self._keep(message))
            try:
                wait = await self._work.attempt(message)
            finally:
                keeper.cancel()
                self._begun.discard(place)
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
        """Tell the server again and again that the message is being worked on."""
        while True:
            await asyncio.sleep(self._queue.ack_wait / 3)
            with contextlib.suppress(nats.errors.Error):
                await message.in_progress()
