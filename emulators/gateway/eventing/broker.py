"""Brokers, triggers and ping sources: what there is, and the way of an event through them."""

import time
from collections.abc import Callable

import msgspec
import structlog

from emulators.gateway.errors import GatewayError, Invalid, NotFound, TooLarge
from emulators.gateway.eventing.delivery import (
    Key,
    Queued,
    Subscription,
    encode,
)
from emulators.gateway.eventing.event import Event
from emulators.gateway.eventing.filters import comparable, wants
from emulators.gateway.eventing.passing import Fields
from emulators.gateway.eventing.rules import ARRIVAL, TTL, enters
from emulators.gateway.eventing.store import EventingStore, Item
from emulators.gateway.model.moments import timestamp
from emulators.gateway.queue.jetstream import JetStreamQueue
from emulators.gateway.queue.streams import EVENTS
from emulators.gateway.specs.event_delivery import BROKERS_OWN, PINGS_OWN, Delivery
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

Name = tuple[str, str]  # namespace and name
Count = Callable[[str, str], None]
PARSERS: dict[type[Item], Callable[[bytes, str], Item]] = {
    Broker: parse_broker,
    Trigger: parse_trigger,
    PingSource: parse_ping,
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
        self._subscriptions: dict[Key, Subscription] = {}
        self.count = count

    def restore(self) -> None:
        """Bring back what was kept."""
        for kind, parse in PARSERS.items():
            for namespace, manifest in self._store.load(kind):
                try:
                    self._enter(parse(manifest, namespace))
                except GatewayError:
                    log.exception("cannot be read", kind=kind.__name__)

    def subscriptions(self) -> list[Subscription]:
        """Return every way to a subscriber."""
        return list(self._subscriptions.values())

    def subscription(self, key: Key) -> Subscription | None:
        """Return the way that an object stands for, as it is now."""
        return self._subscriptions.get(key)

    def listed(self, kind: type[Item], namespace: str | None = None) -> list[Item]:
        """Return objects of a kind, by name; of one namespace if given."""
        items = sorted(self._items[kind].items())
        return [item for (space, _), item in items if namespace in (None, space)]

    def find(self, kind: type[Item], namespace: str, name: str) -> Item | None:
        """Return one object, if it is there."""
        return self._items[kind].get((namespace, name))

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

    def put(self, item: Item) -> None:
        """Create or change an object."""
        self._store.save(item)
        self._enter(item)

    async def remove(self, item: Item) -> None:
        """Forget an object, and what waits for its subscriber.

        Raises:
            Away: When the queue's server is away.
        """
        key = _key(item)
        subscription = self._subscriptions.get(key) if key else None
        if subscription is not None:
            await self._queue.drop(EVENTS, subscription.subject, subscription.durable)
            del self._subscriptions[subscription.key]
        self._store.remove(item)
        del self._items[type(item)][item.namespace, item.name]

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
            self._subscriptions[namespace, "trigger", trigger.name]
            for trigger in self.listed(Trigger, namespace)
            if isinstance(trigger, Trigger) and trigger.broker == broker and wants(trigger, has)
        ]

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
        return f"{subscription.durable} {queued.once()}"

    def _enter(self, item: Item) -> None:
        self._items[type(item)][item.namespace, item.name] = item
        if isinstance(item, PingSource) and item.sink.kind != "broker":
            self._subscription(item, item.sink, PINGS_OWN, "")
        if isinstance(item, Trigger):
            self._trigger_subscription(item)
        if isinstance(item, Broker):  # its triggers may take their delivery from it
            for trigger in self.listed(Trigger, item.namespace):
                if isinstance(trigger, Trigger) and trigger.broker == item.name:
                    self._trigger_subscription(trigger)

    def _trigger_subscription(self, trigger: Trigger) -> None:
        broker = self._items[Broker].get((trigger.namespace, trigger.broker))
        inherited = broker.delivery if isinstance(broker, Broker) else BROKERS_OWN
        delivery = trigger.delivery or inherited
        if delivery.dead_letter is None:
            delivery = msgspec.structs.replace(delivery, dead_letter=inherited.dead_letter)
        self._subscription(trigger, trigger.subscriber, delivery, trigger.broker)

    def _subscription(self, item: Item, subscriber: Sink, delivery: Delivery, broker: str) -> None:
        key = _key(item)
        assert key is not None
        self._subscriptions[key] = Subscription(key, subscriber, delivery, broker)


def _key(item: Item) -> Key | None:
    if isinstance(item, Trigger):
        return item.namespace, "trigger", item.name
    return (item.namespace, "pingsource", item.name) if isinstance(item, PingSource) else None
