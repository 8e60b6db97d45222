"""What became of eventing's objects, as Knative's controllers tell it."""

from emulators.gateway.apis.knative.messaging_status import MessagingView
from emulators.gateway.apis.knative.resolving import WELL, Resolving, conditions, failed
from emulators.gateway.apis.kubernetes.objects import Object
from emulators.gateway.eventing.broker import Eventing
from emulators.gateway.eventing.store import Item
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.specs.eventing import Broker, PingSource, Trigger
from emulators.gateway.specs.sinks import Sink

# What is always well here: there is nothing that could fail by itself.
_BROKER = (
    "Addressable",
    "EventPoliciesReady",
    "FilterReady",
    "IngressReady",
    "TriggerChannelReady",
)
_TRIGGER = ("DependencyReady", "OIDCIdentityCreated", "SubscriptionReady")
_PING = ("Deployed", "OIDCIdentityCreated")


class View:
    """Tells the status of eventing's objects.

    Args:
        eventing: Knows the brokers.
        plane: Knows the functions.
        port: Where both are reached, for their addresses.
    """

    def __init__(self, eventing: Eventing, plane: Plane, port: int) -> None:
        self._eventing = eventing
        self._resolving = Resolving(eventing, plane, port)
        self._messaging = MessagingView(eventing, self._resolving)

    def status(self, item: Item) -> Object:
        """Return an object's status."""
        if isinstance(item, Broker):
            return self._of_broker(item)
        if isinstance(item, PingSource):
            found = self._resolving.resolved(item.sink, "NotFound")
            shown = {"sinkUri": self._resolving.shown(item.sink)} if found is WELL else {}
            return conditions(_PING, {"SinkProvided": found}) | shown
        if isinstance(item, Trigger):
            return self._of_trigger(item)
        return self._messaging.status(item)

    def _of_broker(self, broker: Broker) -> Object:
        url = self._resolving.shown(Sink("broker", broker.name, broker.namespace))
        dead, shown = self._resolving.dead_letter(broker.delivery.dead_letter)
        return (
            conditions(_BROKER, {"DeadLetterSinkResolved": dead})
            | {"address": {"name": "http", "url": url}}
            | shown
        )

    def _of_trigger(self, trigger: Trigger) -> Object:
        subscription = self._eventing.subscription((trigger.namespace, "trigger", trigger.name))
        sink = subscription.delivery.dead_letter if subscription else None
        dead, shown = self._resolving.dead_letter(sink)
        subscriber = self._resolving.resolved(
            trigger.subscriber, "Unable to get the Subscriber's URI"
        )
        if subscriber is WELL:
            shown = {"subscriberUri": self._resolving.shown(trigger.subscriber)} | shown
        found = {
            "BrokerReady": self._broker(trigger),
            "DeadLetterSinkResolved": dead,
            "SubscriberResolved": subscriber,
        }
        return conditions(_TRIGGER, found) | shown

    def _broker(self, trigger: Trigger) -> Object:
        if self._eventing.find(Broker, trigger.namespace, trigger.broker):
            return WELL
        return failed("BrokerDoesNotExist", f'Broker "{trigger.broker}" does not exist')
