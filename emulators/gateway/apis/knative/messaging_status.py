"""What became of channels, subscriptions and sequences, as Knative's controllers tell it."""

from emulators.gateway.apis.knative.resolving import WELL, Resolving, conditions, failed
from emulators.gateway.apis.kubernetes.objects import Object, identity, metadata_of
from emulators.gateway.apis.kubernetes.resources import SUBSCRIPTION
from emulators.gateway.eventing.broker import Eventing
from emulators.gateway.eventing.store import Item
from emulators.gateway.eventing.wiring import key_of
from emulators.gateway.specs.messaging import (
    MESSAGING,
    Channel,
    InMemoryChannel,
    Sequence,
    Subscription,
)
from emulators.gateway.specs.names import knative_view
from emulators.gateway.specs.sinks import Sink, step_name

# What is always well here: there is nothing that could fail by itself.
_CHANNEL = ("Addressable", "BackingChannelReady", "EventPoliciesReady")
_IN_MEMORY = (
    "Addressable",
    "ChannelServiceReady",
    "DispatcherReady",
    "EndpointsReady",
    "EventPoliciesReady",
    "ServiceReady",
)
_SEQUENCE = ("Addressable", "EventPoliciesReady")
Messaging = Channel | InMemoryChannel | Subscription | Sequence


class MessagingView:
    """Tells the status of channels and what is made of them.

    Args:
        eventing: Knows them.
        resolving: Finds where events go.
    """

    def __init__(self, eventing: Eventing, resolving: Resolving) -> None:
        self._eventing = eventing
        self._resolving = resolving

    def status(self, item: Messaging) -> Object:
        """Return an object's status."""
        if isinstance(item, Sequence):
            return self._of_sequence(item)
        if isinstance(item, Subscription):
            return self._of_subscription(item)
        return self._of_channel(item)

    def _of_channel(self, channel: Channel | InMemoryChannel) -> Object:
        sink = channel.delivery.dead_letter if channel.delivery else None
        dead, shown = self._resolving.dead_letter(sink)
        well = _CHANNEL if isinstance(channel, Channel) else _IN_MEMORY
        told = conditions(well, {"DeadLetterSinkResolved": dead}) | shown
        told["address"] = {"name": "http", "url": self._url(channel.namespace, channel.name)}
        if isinstance(channel, Channel):
            told["channel"] = _reference(channel, "InMemoryChannel", channel.name)
        subscribers = [
            _subscriber(one)
            for one in self._eventing.listed(Subscription, channel.namespace)
            if isinstance(one, Subscription) and one.channel == channel.name
        ]
        return told | ({"subscribers": subscribers} if subscribers else {})

    def _of_subscription(self, subscription: Subscription) -> Object:
        space, name = subscription.namespace, subscription.channel
        if self._eventing.find(InMemoryChannel, space, name) is None:
            why = f'channel "{name}" not found'
            lost = failed(
                "ChannelReferenceFailed",
                f"Failed to get Spec.Channel or backing channel: {why}",
                "Unknown",
            )
            waits = {key: {"status": "Unknown"} for key in ("AddedToChannel", "ChannelReady")}
            return conditions(("OIDCIdentityCreated",), {"ReferencesResolved": lost} | waits)
        found, shown = self._references(subscription)
        added: Object = WELL if found is WELL else {"status": "Unknown"}
        told = {"ReferencesResolved": found, "AddedToChannel": added, "ChannelReady": added}
        return conditions(("OIDCIdentityCreated",), told) | {"physicalSubscription": shown}

    def _references(self, subscription: Subscription) -> tuple[Object, Object]:
        """Return the condition of all that a subscription names, and where that is."""
        way = self._eventing.subscription(key_of(subscription))
        named = {
            "Subscriber": subscription.subscriber,
            "Reply": subscription.reply,
            "DeadLetterSink": way.delivery.dead_letter if way else None,
        }
        shown: Object = {}
        for what, sink in named.items():
            if sink is None:
                continue
            found = self._resolving.resolved(sink, f"{what}ResolveFailed")
            if found is not WELL:
                return found, shown
            shown[f"{what[0].lower()}{what[1:]}Uri"] = self._resolving.shown(sink)
        return WELL, shown

    def _of_sequence(self, sequence: Sequence) -> Object:
        names = [step_name(sequence.name, at) for at in range(len(sequence.steps))]
        channels = [self._part(sequence, InMemoryChannel, name) for name in names]
        subscriptions = [self._part(sequence, Subscription, name) for name in names]
        found = {"ChannelsReady": _all("Channels", channels)}
        found["SubscriptionsReady"] = _all("Subscriptions", subscriptions)
        return conditions(_SEQUENCE, found) | {
            "address": {"url": self._url(sequence.namespace, names[0])},
            "channelStatuses": [{"channel": part, "ready": ready} for part, ready in channels],
            "subscriptionStatuses": [
                {"subscription": part, "ready": ready} for part, ready in subscriptions
            ],
        }

    def _part(self, sequence: Sequence, kind: type[Item], name: str) -> tuple[Object, Object]:
        """Return what refers to a part of a sequence, and its condition Ready."""
        item = self._eventing.get(kind, sequence.namespace, name)
        assert isinstance(item, InMemoryChannel | Subscription)
        told = self.status(item)["conditions"]
        ready = next(condition for condition in told if condition["type"] == "Ready")
        return _reference(sequence, kind.__name__, name), ready

    def _url(self, namespace: str, channel: str) -> str:
        return self._resolving.shown(Sink("channel", channel, namespace))


def _all(what: str, parts: list[tuple[Object, Object]]) -> Object:
    if all(ready["status"] == "True" for _, ready in parts):
        return WELL
    reason, message = f"{what}NotReady", f"{what} are not ready yet, or there are none"
    return failed(reason, message, "Unknown")


def _reference(item: Messaging, kind: str, name: str) -> Object:
    space = knative_view(item.namespace)
    return {"apiVersion": MESSAGING, "kind": kind, "name": name, "namespace": space}


def _subscriber(subscription: Subscription) -> Object:
    known, space = metadata_of(subscription.manifest), knative_view(subscription.namespace)
    uid = known.get("uid") or identity(SUBSCRIPTION.qualified, space, subscription.name)
    told = {"name": subscription.name, "uid": uid, "ready": "True"}
    return told | {"observedGeneration": known.get("generation", 1)}
