"""Brings a subscription's events to their subscriber; replies go back to the broker."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from emulators.gateway.errors import GatewayError, NotFound
from emulators.gateway.eventing.broker import Eventing
from emulators.gateway.eventing.delivery import (
    Key,
    Queued,
    Subscription,
    decode,
)
from emulators.gateway.eventing.event import Event, is_event, parse
from emulators.gateway.eventing.rules import dead_letter, should_retry, wait_before
from emulators.gateway.model.queued_call import Outcome
from emulators.gateway.queue.jetstream import JetStreamQueue, Msg, Pull
from emulators.gateway.queue.puller import Puller
from emulators.gateway.queue.streams import EVENTS
from emulators.gateway.specs.eventing import Sink

log = structlog.get_logger()

Deliver = Callable[[Sink, Queued], Awaitable[Outcome]]
Capacity = Callable[[Sink], int]


class QueuedEvents:
    """The events of one subscription, delivered (`queue.puller.Work`).

    Args:
        key: Which subscription.
        queue: Where its events lie.
        eventing: Knows the subscription as it is now, and takes replies.
        deliver: Carries an event to a sink.
        capacity: How many a sink may get at once.
    """

    def __init__(
        self,
        key: Key,
        queue: JetStreamQueue,
        eventing: Eventing,
        deliver: Deliver,
        capacity: Capacity,
    ) -> None:
        self.name = "/".join(key)
        self._key = key
        self._queue = queue
        self._eventing = eventing
        self._deliver = deliver
        self._capacity = capacity

    async def subscribe(self) -> Pull:
        """Return the subscription's events."""
        subscription = self._eventing.subscription(self._key)
        if subscription is None:
            raise NotFound(f"{self.name} is gone")
        return await self._queue.pull(EVENTS, subscription.subject, subscription.durable)

    def capacity(self) -> int:
        """Return how many its subscriber may get at once."""
        subscription = self._eventing.subscription(self._key)
        return self._capacity(subscription.subscriber) if subscription else 1

    def end(self) -> None:
        """Do nothing: no delivery waits for the server."""

    async def attempt(self, message: Msg) -> float | None:
        """Deliver once; return the seconds until the next delivery, or None when there is none."""
        subscription = self._eventing.subscription(self._key)
        if subscription is None:  # removed a moment ago
            return None
        try:
            queued = decode(message.data)
        except msgspec.DecodeError:
            log.exception("queued event cannot be read", subscription=self.name)
            return None
        sink = subscription.delivery.dead_letter if queued.dead else subscription.subscriber
        if sink is None:
            self._count("dropped")
            return None
        outcome = await self._deliver(sink, queued)
        attempt = message.metadata.num_delivered
        if 200 <= outcome.status < 300:
            await self._taken(subscription, queued, outcome)
        elif should_retry(subscription.delivery, outcome.status, attempt):
            self._count("retried")
            return wait_before(subscription.delivery, attempt)
        else:
            await self._refused(subscription, queued, sink, outcome)
        return None

    async def _taken(self, subscription: Subscription, queued: Queued, outcome: Outcome) -> None:
        self._count("dead" if queued.dead else "delivered")
        reply = None if queued.dead else _reply(outcome, self.name)
        if reply is not None and subscription.broker:
            await self._eventing.publish(self._key[0], subscription.broker, reply, queued.hops + 1)

    async def _refused(
        self, subscription: Subscription, queued: Queued, sink: Sink, outcome: Outcome
    ) -> None:
        facts = {
            "subscription": self.name,
            "id": queued.event.attributes["id"],
            "status": outcome.status,
        }
        if queued.dead or subscription.delivery.dead_letter is None:
            self._count("dropped")
            log.error("event given up", **facts, error=outcome.error)
            return
        self._count("refused")
        log.warning("event goes to the dead-letter sink", **facts, error=outcome.error)
        answer = outcome.body or outcome.error.encode()
        event = dead_letter(queued.event, str(sink), outcome.status, answer)
        await self._eventing.send(subscription, Queued(event, queued.hops, dead=True))

    def _count(self, what: str) -> None:
        self._eventing.count(f"{self._key[2]}.{self._key[0]}", what)


def _reply(outcome: Outcome, name: str) -> Event | None:
    """Return the event in an answer; None when there is none."""
    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in outcome.headers}
    if not is_event(headers):
        return None
    try:
        return parse(headers, outcome.body)
    except GatewayError as error:
        log.warning(
            "an answer looks like an event, but is none", subscription=name, error=error.message
        )
        return None


class Subscriptions:
    """Keeps one worker for each subscription.

    Args:
        queue: Where events lie.
        eventing: Knows the subscriptions.
        deliver: Carries an event to a sink.
        capacity: How many a sink may get at once.
    """

    def __init__(
        self, queue: JetStreamQueue, eventing: Eventing, deliver: Deliver, capacity: Capacity
    ) -> None:
        self._queue = queue
        self._eventing = eventing
        self._deliver = deliver
        self._capacity = capacity
        self._workers: dict[Key, tuple[Puller, asyncio.Task[None]]] = {}

    def refresh(self) -> None:
        """Start workers for subscriptions that have none, end those of subscriptions gone."""
        wanted = {subscription.key for subscription in self._eventing.subscriptions()}
        for key in wanted - set(self._workers):
            events = QueuedEvents(key, self._queue, self._eventing, self._deliver, self._capacity)
            puller = Puller(events, self._queue)
            self._workers[key] = puller, asyncio.get_running_loop().create_task(puller.run())
        for key in set(self._workers) - wanted:
            self._workers.pop(key)[1].cancel()

    async def stop(self, limit: float) -> None:
        """Take no more events; wait for those in work."""
        for _, task in self._workers.values():
            task.cancel()
        await asyncio.gather(*(puller.finish(limit) for puller, _ in self._workers.values()))
