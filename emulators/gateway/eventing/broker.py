"""Eventing's objects: what there is, and the way of an event through brokers and channels."""

import asyncio
import time
from collections.abc import Callable

import structlog

from emulators.gateway.errors import Forbidden, GatewayError, Invalid, NotFound, TooLarge
from emulators.gateway.eventing.delivery import (
    Key,
    Queued,
    Subscription,
    encode,
)
from emulators.gateway.eventing.event import Event
from emulators.gateway.eventing.filters import comparable, wants
from emulators.gateway.eventing.passing import Fields
from emulators.gateway.eventing.rules import ARRIVAL, MOST_ROUNDS, TTL, enters
from emulators.gateway.eventing.store import EventingStore, Item
from emulators.gateway.eventing.wiring import Name, key_of, wired
from emulators.gateway.model.moments import timestamp
from emulators.gateway.queue.jetstream import JetStreamQueue
from emulators.gateway.queue.streams import EVENTS
from emulators.gateway.specs import messaging
from emulators.gateway.specs.eventing import (
    Broker,
    PingSource,
    Trigger,
    parse_broker,
    parse_ping,
    parse_trigger,
)
from emulators.gateway.specs.names import knative_view
from emulators.gateway.specs.sinks import Sink

log = structlog.get_logger()

Count = Callable[[str, str], None]
Keep = Callable[[], None]
PARSERS: dict[type[Item], Callable[[bytes, str], Item]] = {
    Broker: parse_broker,
    Trigger: parse_trigger,
    PingSource: parse_ping,
    messaging.Channel: messaging.parse_channel,
    messaging.InMemoryChannel: messaging.parse_in_memory_channel,
    messaging.Subscription: messaging.parse_subscription,
    messaging.Sequence: messaging.parse_sequence,
}


class Eventing:
    """Keeps the objects, takes events in and puts them into their subscriptions.

    Args:
        store: Where objects are kept.
        queue: Where events lie until they are delivered.
        count: Told of each event: whose, and what became of it.
    """

    def __init__(self, store: EventingStore, queue: JetStreamQueue, count: Count) -> None:
        self._store = store
        self._queue = queue
        self._items: dict[type[Item], dict[Name, Item]] = {kind: {} for kind in PARSERS}
        self._wiring = wired(self._items)
        self._changing = asyncio.Lock()
        self.count = count

    def restore(self) -> None:
        """Bring back what was kept."""
        for kind, parse in PARSERS.items():
            for namespace, manifest in self._store.load(kind):
                try:
                    item = parse(manifest, namespace)
                except GatewayError:
                    log.exception("cannot be read", kind=kind.__name__)
                else:
                    self._items[kind][item.namespace, item.name] = item
        self._wiring = wired(self._items)

    def subscriptions(self) -> list[Subscription]:
        """Return every way to a subscriber."""
        return list(self._wiring.ways.values())

    def subscription(self, key: Key) -> Subscription | None:
        """Return the way that an object stands for, as it is now."""
        return self._wiring.ways.get(key)

    def listed(self, kind: type[Item], namespace: str | None = None) -> list[Item]:
        """Return objects of a kind, by name; of one namespace if given."""
        items = sorted({**self._wiring.made.get(kind, {}), **self._items[kind]}.items())
        return [item for (space, _), item in items if namespace in (None, space)]

    def find(self, kind: type[Item], namespace: str, name: str) -> Item | None:
        """Return one object, if it is there."""
        made = self._wiring.made.get(kind, {})
        return self._items[kind].get((namespace, name)) or made.get((namespace, name))

    def get(self, kind: type[Item], namespace: str, name: str) -> Item:
        """Return one object.

        Raises:
            NotFound: When it is not there.
        """
        item = self.find(kind, namespace, name)
        if item is None:
            known = ", ".join(item.name for item in self.listed(kind, namespace)) or "none"
            raise NotFound(
                f"there is no {kind.__name__} {name!r} in {knative_view(namespace)!r}",
                f"deploy it first, or use one of these: {known}",
            )
        return item

    async def put(self, item: Item) -> None:
        """Create or change an object.

        Raises:
            Forbidden: When another object made it.
            Away: When the queue's server is, where a way to a subscriber ends.
        """
        kind, name = type(item), (item.namespace, item.name)
        async with self._changing:
            self._check_maker(kind, name)
            items = {**self._items, kind: {**self._items[kind], name: item}}
            await self._become(items, lambda: self._store.save(item))

    async def remove(self, item: Item) -> None:
        """Forget an object, and what waits for its subscriber.

        Raises:
            Forbidden: When another object made it.
            Away: When the queue's server is away.
        """
        kind, name = type(item), (item.namespace, item.name)
        async with self._changing:
            self._check_maker(kind, name)
            left = {key: one for key, one in self._items[kind].items() if key != name}
            await self._become({**self._items, kind: left}, lambda: self._store.remove(item))

    def _check_maker(self, kind: type[Item], name: Name) -> None:
        made = self._wiring.made.get(kind, {}).get(name)
        if made is not None:
            [maker] = made.manifest["metadata"]["ownerReferences"]
            raise Forbidden(
                f"{kind.__name__} {name[1]!r} is what the {maker['kind']} {maker['name']!r} made",
                f"change or delete that {maker['kind']}",
            )

    async def _become(self, items: dict[type[Item], dict[Name, Item]], keep: Keep) -> None:
        """Take other objects for the present ones; what waits on ways that end is forgotten."""
        wiring = wired(items)
        for key in self._wiring.ways.keys() - wiring.ways.keys():
            way = self._wiring.ways[key]
            await self._queue.drop(EVENTS, way.subject, way.durable)
        keep()
        self._items, self._wiring = items, wiring

    async def publish(self, namespace: str, broker: str, event: Event, fields: Fields = ()) -> None:
        """Take an event in; when this returns it is on disk for each trigger that wants it.

        Args:
            namespace: The broker's.
            broker: Its name.
            event: What it takes.
            fields: Header fields that go with it.

        Raises:
            NotFound: For an unknown broker.
            Invalid: When the event has gone round for too long.
            Away: When the queue's server is; what was put into some subscriptions is recognised
                when the event comes again.
        """
        self.get(Broker, namespace, broker)
        label = f"{broker}.{namespace}"
        entered = enters(event)
        if entered is None:
            self.count(label, "looped")
            raise Invalid(f"the event's {TTL} is spent", "answer without an event at last")
        entered = entered.extended(**{ARRIVAL: timestamp(time.time(), "milliseconds")})
        subscriptions = self._wanting(namespace, broker, entered)
        for subscription in subscriptions:
            await self.send(subscription, Queued(entered, fields=fields))
        self.count(label, "accepted" if subscriptions else "unwanted")

    def _wanting(self, namespace: str, broker: str, event: Event) -> list[Subscription]:
        has = comparable(event.without(TTL))
        return [
            self._wiring.ways[key_of(trigger)]
            for trigger in self.listed(Trigger, namespace)
            if isinstance(trigger, Trigger) and trigger.broker == broker and wants(trigger, has)
        ]

    async def enter(
        self, namespace: str, channel: str, event: Event, fields: Fields = (), rounds: int = 0
    ) -> None:
        """Take an event into a channel; when this returns it is on disk for each subscription.

        Args:
            namespace: The channel's.
            channel: Its name.
            event: What it takes.
            fields: Header fields that go with it.
            rounds: How many channels it went through before.

        Raises:
            NotFound: For an unknown channel.
            Invalid: When the event has gone round for too long.
            Away: When the queue's server is; what was put into some subscriptions is recognised
                when the event comes again.
        """
        self.get(messaging.InMemoryChannel, namespace, channel)
        label = f"{channel}.{namespace}"
        if rounds > MOST_ROUNDS:
            self.count(label, "looped")
            raise Invalid(
                f"the event went through {MOST_ROUNDS} channels", "answer without an event at last"
            )
        ways = [
            self._wiring.ways[key_of(one)]
            for one in self.listed(messaging.Subscription, namespace)
            if isinstance(one, messaging.Subscription) and one.channel == channel
        ]
        for way in ways:
            await self.send(way, Queued(event, fields=fields, rounds=rounds))
        self.count(label, "accepted" if ways else "unwanted")

    async def forward(self, sink: Sink, event: Event, fields: Fields, rounds: int) -> None:
        """Give an event to a broker or a channel.

        Raises:
            GatewayError: As `publish` and `enter`.
        """
        if sink.kind == "broker":
            await self.publish(sink.namespace, sink.name, event, fields)
        else:
            await self.enter(sink.namespace, sink.name, event, fields, rounds)

    async def send(self, subscription: Subscription, queued: Queued) -> None:
        """Put an event into a subscription.

        Raises:
            TooLarge: When it is.
            Away: When the queue's server is.
        """
        limit, message = self._queue.largest_body, encode(queued)
        if len(queued.event.data) > limit:
            raise TooLarge(f"the event is over {limit} bytes", "send a link to it")
        if len(message) > self._queue.largest_message:
            raise TooLarge("the event's attributes are too long", "send what is long as its data")
        await self._queue.put(
            subscription.subject, message, {"Nats-Msg-Id": self._once(subscription, queued)}
        )

    def _once(self, subscription: Subscription, queued: Queued) -> str:
        return f"{subscription.durable} {subscription.uid} {queued.once()}"
