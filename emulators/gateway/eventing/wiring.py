"""What follows from eventing's objects: what they make, and the ways to subscribers (pure)."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from emulators.gateway.eventing.delivery import Key, Subscription
from emulators.gateway.eventing.store import Item
from emulators.gateway.specs import messaging
from emulators.gateway.specs.event_delivery import BROKERS_OWN, PINGS_OWN, Delivery
from emulators.gateway.specs.eventing import Broker, PingSource, Trigger
from emulators.gateway.specs.sinks import Sink, step_name

Name = tuple[str, str]  # namespace and name
Items = Mapping[type[Item], Mapping[Name, Item]]
# Where a channel says nothing of its delivery: one attempt.
_ONCE = Delivery()


class Wiring(msgspec.Struct, frozen=True):
    """What follows from objects.

    Attributes:
        made: What Channels and Sequences make: kept nowhere, since it is always the same.
        ways: The ways to subscribers, by whom they stand for.
    """

    made: dict[type[Item], dict[Name, Item]]
    ways: dict[Key, Subscription]


def wired(items: Items) -> Wiring:
    """Return what follows from objects; what is there by itself is not made."""
    made: dict[type[Item], dict[Name, Item]] = {}
    for item in _made(items):
        kind, name = type(item), (item.namespace, item.name)
        if name not in items.get(kind, {}):
            made.setdefault(kind, {})[name] = item
    every = {kind: {**made.get(kind, {}), **items.get(kind, {})} for kind in {*items, *made}}
    return Wiring(made, {way.key: way for way in _ways(every)})


def _made(items: Items) -> Iterator[Item]:
    for channel in items.get(messaging.Channel, {}).values():
        assert isinstance(channel, messaging.Channel)
        spec = {k: v for k, v in channel.manifest.get("spec", {}).items() if k == "delivery"}
        yield _channel(channel, channel.name, spec, channel.delivery)
    for sequence in items.get(messaging.Sequence, {}).values():
        assert isinstance(sequence, messaging.Sequence)
        for at in range(len(sequence.steps)):
            yield _channel(sequence, step_name(sequence.name, at), {}, None)
            yield _step(sequence, at)


def _channel(
    maker: Item, name: str, spec: dict[str, Any], delivery: Delivery | None
) -> messaging.InMemoryChannel:
    manifest = _manifest(maker, "InMemoryChannel", name, spec)
    return messaging.InMemoryChannel(name, maker.namespace, manifest, delivery)


def _step(sequence: messaging.Sequence, at: int) -> messaging.Subscription:
    """Return the subscription of a step, which answers to the next one's channel."""
    name, spec = step_name(sequence.name, at), sequence.manifest["spec"]
    written = spec["steps"][at]
    is_last = at == len(sequence.steps) - 1
    following = step_name(sequence.name, at + 1)
    asked = {
        "channel": _reference(name),
        "subscriber": {key: value for key, value in written.items() if key != "delivery"},
        "reply": spec.get("reply") if is_last else {"ref": _reference(following)},
        "delivery": written.get("delivery"),
    }
    told = {key: value for key, value in asked.items() if value is not None}
    return messaging.Subscription(
        name,
        sequence.namespace,
        _manifest(sequence, "Subscription", name, told),
        name,
        sequence.steps[at].subscriber,
        sequence.reply if is_last else Sink("channel", following, sequence.namespace),
        sequence.steps[at].delivery,
    )


def _reference(channel: str) -> dict[str, str]:
    return {"apiVersion": messaging.MESSAGING, "kind": "InMemoryChannel", "name": channel}


def _manifest(maker: Item, kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    known = maker.manifest["metadata"]
    owner = {"apiVersion": maker.manifest["apiVersion"], "kind": type(maker).__name__}
    owner |= {"name": maker.name, "uid": known.get("uid", ""), "controller": True}
    metadata = {key: known[key] for key in ("creationTimestamp", "generation") if key in known}
    metadata |= {"name": name, "ownerReferences": [owner | {"blockOwnerDeletion": True}]}
    return {"apiVersion": messaging.MESSAGING, "kind": kind, "metadata": metadata, "spec": spec}


def _ways(items: Items) -> Iterator[Subscription]:
    for source in items.get(PingSource, {}).values():
        if isinstance(source, PingSource) and source.sink.kind != "broker":
            yield Subscription(key_of(source), source.sink, PINGS_OWN, uid=_uid(source))
    for trigger in items.get(Trigger, {}).values():
        assert isinstance(trigger, Trigger)
        broker = items.get(Broker, {}).get((trigger.namespace, trigger.broker))
        own = broker.delivery if isinstance(broker, Broker) else BROKERS_OWN
        reply = Sink("broker", trigger.broker, trigger.namespace)
        delivery = _delivery(trigger.delivery, own)
        yield Subscription(key_of(trigger), trigger.subscriber, delivery, reply, _uid(trigger))
    for one in items.get(messaging.Subscription, {}).values():
        assert isinstance(one, messaging.Subscription)
        channel = items.get(messaging.InMemoryChannel, {}).get((one.namespace, one.channel))
        given = channel.delivery if isinstance(channel, messaging.InMemoryChannel) else None
        delivery = _delivery(one.delivery, given or _ONCE)
        yield Subscription(key_of(one), one.subscriber, delivery, one.reply, _uid(one))


def _uid(item: Item) -> str:
    """Return an object's uid, or that of what made it."""
    metadata = item.manifest["metadata"]
    return str(metadata.get("uid") or metadata.get("ownerReferences", [{}])[0].get("uid", ""))


def _delivery(own: Delivery | None, inherited: Delivery) -> Delivery:
    """Return what counts: one's own, though a dead-letter sink is inherited by itself."""
    delivery = own or inherited
    if delivery.dead_letter is not None:
        return delivery
    return msgspec.structs.replace(delivery, dead_letter=inherited.dead_letter)


def key_of(item: PingSource | Trigger | messaging.Subscription) -> Key:
    """Return whom a way to a subscriber stands for."""
    if isinstance(item, Trigger):
        return item.namespace, "trigger", item.name
    if isinstance(item, PingSource):
        return item.namespace, "pingsource", item.name
    return item.namespace, "subscription", item.name
