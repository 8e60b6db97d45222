"""Brings a subscription's events to their subscriber; replies go where they are wanted."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from emulators.gateway.errors import GatewayError, Invalid, NotFound, TooLarge
from emulators.gateway.eventing.attributes import check_attributes
from emulators.gateway.eventing.broker import Eventing
from emulators.gateway.eventing.delivery import (
    Key,
    Queued,
    Subscription,
    decode,
)
from emulators.gateway.eventing.event import Event
from emulators.gateway.eventing.replies import judged
from emulators.gateway.eventing.rules import dead_letter, replied, should_retry, wait_before
from emulators.gateway.model.queued_call import Outcome
from emulators.gateway.queue.jetstream import JetStreamQueue, Msg, Pull
from emulators.gateway.queue.puller import Puller
from emulators.gateway.queue.streams import EVENTS
from emulators.gateway.specs.sinks import Sink

log = structlog.get_logger()

# How a broker or a channel refuses a reply, as its ingress refuses an event.
_REFUSALS: dict[type[GatewayError], int] = {Invalid: 400, NotFound: 404, TooLarge: 413}
Deliver = Callable[[Subscription, Queued], Awaitable[Outcome]]
Capacity = Callable[[Sink], int]


class QueuedEvents:
    """The events of one subscription, delivered (`queue.puller.Work`).

    Args:
        key: Which subscription.
        queue: Where its events lie.
        eventing: Knows the subscription as it is now, and takes replies.
        deliver: Makes one attempt; status 0 when nothing could be reached.
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
        sink = subscription.sink(queued)
        if sink is None:
            self._count("dropped")
            return None
        outcome = await self._deliver(subscription, queued)
        reply = None
        if subscription.asks and queued.answered is None and not queued.dead:
            outcome, reply = judged(outcome, strict=subscription.key[1] == "trigger")
        attempt = message.metadata.num_delivered
        if 200 <= outcome.status < 300:
            await self._taken(subscription, queued, reply)
        elif should_retry(subscription.delivery, outcome.status, attempt):
            self._count("retried")
            if attempt == 1:
                log.warning("event is tried again", **self._facts(queued, outcome))
            return wait_before(subscription.delivery, attempt)
        else:
            await self._refused(subscription, queued, sink, outcome)
        return None

    async def _taken(self, subscription: Subscription, queued: Queued, reply: Event | None) -> None:
        if reply is not None and subscription.reply is not None:
            refusal = await self._answer(subscription, replied(reply, queued.event), queued)
            if refusal is not None:
                await self._refused(subscription, queued, subscription.reply, refusal)
                return
        if queued.answered is None:
            self._count("dead" if queued.dead else "delivered")

    async def _answer(
        self, subscription: Subscription, reply: Event, queued: Queued
    ) -> Outcome | None:
        """Give a reply to where it is wanted; return its refusal, if it is refused.

        One that goes over HTTP is put into the subscription itself: it has attempts of its own.
        """
        to = subscription.reply
        assert to is not None
        try:
            check_attributes(reply.attributes, reply.content_type)
            if to.kind in {"broker", "channel"}:
                await self._eventing.forward(to, reply, queued.fields, queued.rounds + 1)
            else:
                again = msgspec.structs.replace(queued, event=reply, answered=queued.event)
                await self._eventing.send(subscription, again)
        except tuple(_REFUSALS) as error:
            return Outcome(_REFUSALS[type(error)], error=error.message)
        return None

    async def _refused(
        self, subscription: Subscription, queued: Queued, sink: Sink, outcome: Outcome
    ) -> None:
        facts = self._facts(queued, outcome)
        if queued.dead or subscription.delivery.dead_letter is None:
            self._count("dropped")
            log.error("event given up", **facts)
            return
        self._count("refused")
        log.warning("event goes to the dead-letter sink", **facts)
        answer = outcome.body or outcome.error.encode()
        refused = queued.answered or queued.event  # of a reply: what it answers, as Knative has it
        event = dead_letter(refused, sink.uri, outcome.status, answer)
        try:
            await self._eventing.send(subscription, Queued(event, dead=True, fields=queued.fields))
        except TooLarge as error:  # with what it tells of its failure
            self._count("dropped")
            log.error("event given up", **facts | {"error": error.message})  # noqa: TRY400 - its reason says all

    def _facts(self, queued: Queued, outcome: Outcome) -> dict[str, object]:
        identity = queued.event.attributes["id"]
        told = {"subscription": self.name, "id": identity, "status": outcome.status}
        return told | {"error": outcome.error}

    def _count(self, what: str) -> None:
        self._eventing.count(f"{self._key[2]}.{self._key[0]}", what)


class Subscriptions:
    """Keeps one worker for each subscription.

    Args:
        queue: Where events lie.
        eventing: Knows the subscriptions.
        deliver: Makes one attempt; status 0 when nothing could be reached.
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
