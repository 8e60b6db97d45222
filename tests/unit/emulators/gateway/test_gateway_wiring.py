"""What follows from eventing's objects: those that Channels and Sequences make, and their ways."""

import json
from typing import Any

from emulators.gateway.eventing.broker import PARSERS
from emulators.gateway.eventing.delivery import Key
from emulators.gateway.eventing.store import Item
from emulators.gateway.eventing.wiring import Wiring, wired
from emulators.gateway.specs.event_delivery import Delivery
from emulators.gateway.specs.messaging import Channel, InMemoryChannel, Sequence, Subscription
from emulators.gateway.specs.sinks import Sink

SPACE = "openfaas-fn"
CHANNEL = {"apiVersion": "messaging.knative.dev/v1", "kind": "Channel", "name": "c"}
KEY: Key = (SPACE, "subscription", "s")
SUBSCRIBED: dict[str, Any] = {"channel": CHANNEL, "subscriber": {"uri": "http://x"}}


def read(kind: type[Item], name: str, uid: str = "u", **spec: Any) -> Item:
    group = "flows" if kind is Sequence else "messaging"
    head = {"apiVersion": f"{group}.knative.dev/v1", "kind": kind.__name__, "spec": spec}
    thing = head | {"metadata": {"name": name, "uid": uid}}
    return PARSERS[kind](json.dumps(thing).encode(), "default")


def wiring(*items: Item) -> Wiring:
    found: dict[type[Item], dict[tuple[str, str], Item]] = {}
    for item in items:
        found.setdefault(type(item), {})[item.namespace, item.name] = item
    return wired(found)


def test_a_channel_makes_one_in_memory() -> None:
    channel = read(Channel, "c", delivery={"retry": 2})
    made = wiring(channel).made[InMemoryChannel][SPACE, "c"]
    assert isinstance(made, InMemoryChannel)
    assert made.delivery == Delivery(2)
    assert made.manifest["spec"] == {"delivery": {"retry": 2}}
    [owner] = made.manifest["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["uid"]) == ("Channel", "c", "u")
    assert wiring(channel, read(InMemoryChannel, "c")).made == {}  # it is there by itself


def test_a_subscription_s_delivery_and_its_channel_s() -> None:
    dead = {"deadLetterSink": {"uri": "http://dead"}}
    sink = Sink("uri", path="http://dead")
    cases: tuple[tuple[Any, Any, Delivery], ...] = (
        ({}, {}, Delivery()),
        ({"delivery": {"retry": 2}}, {}, Delivery(2)),
        ({"delivery": dead}, {"delivery": {"retry": 1}}, Delivery(1, dead_letter=sink)),
        ({}, {"delivery": {"retry": 1}}, Delivery(1)),
    )
    for channel, own, wanted in cases:
        found = wiring(read(Channel, "c", **channel), read(Subscription, "s", **SUBSCRIBED, **own))
        assert found.ways[KEY].delivery == wanted
    assert wiring(read(Subscription, "s", **SUBSCRIBED)).ways[KEY].delivery == Delivery()


def test_a_sequence_makes_its_steps() -> None:
    steps = [{"uri": "http://a", "delivery": {"retry": 1}}, {"uri": "http://b"}]
    sequence = read(Sequence, "q", steps=steps, reply={"uri": "http://end"})
    found = wiring(sequence)
    names = [(SPACE, f"q-kn-sequence-{at}") for at in range(2)]
    assert list(found.made[InMemoryChannel]) == list(found.made[Subscription]) == names
    first, second = (found.ways[SPACE, "subscription", name] for _, name in names)
    assert (first.subscriber, first.delivery) == (Sink("uri", path="http://a"), Delivery(1))
    assert first.reply == Sink("channel", "q-kn-sequence-1", SPACE)
    assert second.reply == Sink("uri", path="http://end")
    shown = found.made[Subscription][names[0]].manifest["spec"]
    assert shown["subscriber"] == {"uri": "http://a"}
    assert shown["reply"]["ref"]["name"] == "q-kn-sequence-1"
    assert shown["delivery"] == {"retry": 1}
    last = wiring(read(Sequence, "q", steps=steps[:1])).ways[SPACE, "subscription", names[0][1]]
    assert last.reply is None


def test_one_of_the_same_name_is_another() -> None:
    """Else it would take an event for one that its predecessor had."""
    ways = [wiring(read(Subscription, "s", uid, **SUBSCRIBED)).ways[KEY] for uid in ("u", "v")]
    assert [way.uid for way in ways] == ["u", "v"]
    made = wiring(read(Sequence, "q", "w", steps=[{"uri": "http://a"}])).ways
    assert [way.uid for way in made.values()] == ["w"]
