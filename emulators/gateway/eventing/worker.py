"""Brings a lane's events to their subscriber; replies go back to the broker."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from emulators.gateway.errors import GatewayError, NotFound
from emulators.gateway.eventing.broker import Eventing
from emulators.gateway.eventing.delivery import (
    Key,
    Lane,
    Queued,
    decode,
)
from emulators.gateway.eventing.event import Event, is_event, parse
from emulators.gateway.eventing.rules import dead_letter, should_retry, wait_before
from emulators.gateway.queue.envelope import Outcome
from emulators.gateway.queue.jetstream import EVENTS, JetStreamQueue, Msg, Pull
from emulators.gateway.queue.puller import Puller
from emulators.gateway.specs.eventing import Sink

log = structlog.get_logger()

Deliver = Callable[[Sink, Queued], Awaitable[Outcome]]
Capacity = Callable[[Sink], int]


class EventWorker(Puller):
    """Works on one lane.

    Args:
        key: Which lane.
        queue: Where its events lie.
        eventing: Knows the lane as it is now, and takes replies.
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
        super().__init__("/".join(key), queue)
        self._key = key
        self._eventing = eventing
        self._deliver = deliver
        self._capacity = capacity

    async def subscribe(self) -> Pull:
        """The lane's events."""
        lane = self._eventing.lane(self._key)
        if lane is None:
            raise NotFound(f"{self.name} is gone")
        return await self.queue.pull(EVENTS, lane.subject, lane.durable)

    def capacity(self) -> int:
        """As many as its subscriber may get at once."""
        lane = self._eventing.lane(self._key)
        return self._capacity(lane.subscriber) if lane else 1

    async def attempt(self, message: Msg) -> float | None:
        """One delivery; the seconds until the next one, or None when there is none."""
        lane = self._eventing.lane(self._key)
        if lane is None:  # removed a moment ago
            return None
        try:
            queued = decode(message.data)
        except msgspec.DecodeError:
            log.exception("queued event cannot be read", lane=self.name)
            return None
        sink = lane.delivery.dead_letter if queued.dead else lane.subscriber
        if sink is None:
            self._count("dropped")
            return None
        outcome = await self._deliver(sink, queued)
        attempt = message.metadata.num_delivered
        if 200 <= outcome.status < 300:
            await self._taken(lane, queued, outcome)
        elif should_retry(lane.delivery, outcome.status, attempt):
            self._count("retried")
            return wait_before(lane.delivery, attempt)
        else:
            await self._refused(lane, queued, sink, outcome)
        return None

    async def _taken(self, lane: Lane, queued: Queued, outcome: Outcome) -> None:
        self._count("dead" if queued.dead else "delivered")
        reply = None if queued.dead else _reply(outcome, self.name)
        if reply is not None and lane.broker:
            await self._eventing.publish(self._key[0], lane.broker, reply, queued.hops + 1)

    async def _refused(self, lane: Lane, queued: Queued, sink: Sink, outcome: Outcome) -> None:
        facts = {"lane": self.name, "id": queued.event.attributes["id"], "status": outcome.status}
        if queued.dead or lane.delivery.dead_letter is None:
            self._count("dropped")
            log.error("event given up", **facts, error=outcome.error)
            return
        self._count("refused")
        log.warning("event goes to the dead-letter sink", **facts, error=outcome.error)
        answer = outcome.body or outcome.error.encode()
        event = dead_letter(queued.event, str(sink), outcome.status, answer)
        await self._eventing.send(lane, Queued(event, queued.hops, dead=True))

    def _count(self, what: str) -> None:
        self._eventing.count(f"{self._key[2]}.{self._key[0]}", what)


def _reply(outcome: Outcome, name: str) -> Event | None:
    """The event in an answer; None when there is none."""
    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in outcome.headers}
    if not is_event(headers):
        return None
    try:
        return parse(headers, outcome.body)
    except GatewayError as error:
        log.warning("an answer looks like an event, but is none", lane=name, error=error.message)
        return None


class Lanes:
    """Keeps one worker for each lane.

    Args:
        queue: Where events lie.
        eventing: Knows the lanes.
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
        self._workers: dict[Key, tuple[EventWorker, asyncio.Task[None]]] = {}

    def refresh(self) -> None:
        """Starts workers for lanes that have none, ends those whose lane is gone."""
        wanted = {lane.key for lane in self._eventing.lanes()}
        for key in wanted - set(self._workers):
            worker = EventWorker(key, self._queue, self._eventing, self._deliver, self._capacity)
            self._workers[key] = worker, asyncio.get_running_loop().create_task(worker.run())
        for key in set(self._workers) - wanted:
            self._workers.pop(key)[1].cancel()

    async def stop(self, limit: float) -> None:
        """Takes no more events; waits for those in work."""
        for _, task in self._workers.values():
            task.cancel()
        await asyncio.gather(*(worker.finish(limit) for worker, _ in self._workers.values()))
