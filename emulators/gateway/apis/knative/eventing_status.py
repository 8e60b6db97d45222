"""What became of brokers, triggers and ping sources, as Knative's controllers tell it."""

from emulators.gateway.apis.kubernetes.objects import Object
from emulators.gateway.eventing.broker import Eventing
from emulators.gateway.eventing.store import Item
from emulators.gateway.model.routing import BROKER_INGRESS
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.specs.eventing import Broker, PingSource, Trigger
from emulators.gateway.specs.names import knative_view
from emulators.gateway.specs.sinks import Sink

_WELL: Object = {"status": "True"}
_NO_DEAD_LETTERS: Object = {
    "status": "True",
    "reason": "DeadLetterSinkNotConfigured",
    "message": "No dead letter sink is configured.",
}
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
        self._plane = plane
        self._port = port

    def status(self, item: Item) -> Object:
        """Return an object's status."""
        if isinstance(item, Broker):
            return self._of_broker(item)
        if isinstance(item, PingSource):
            found = self._resolved(item.sink, "NotFound")
            shown = {"sinkUri": self._shown(item.sink)} if found is _WELL else {}
            return _conditions(_PING, {"SinkProvided": found}) | shown
        return self._of_trigger(item)

    def _of_broker(self, broker: Broker) -> Object:
        url = self._shown(Sink("broker", broker.name, broker.namespace))
        dead, shown = self._dead_letter(broker.delivery.dead_letter)
        return (
            _conditions(_BROKER, {"DeadLetterSinkResolved": dead})
            | {"address": {"name": "http", "url": url}}
            | shown
        )

    def _of_trigger(self, trigger: Trigger) -> Object:
        subscription = self._eventing.subscription((trigger.namespace, "trigger", trigger.name))
        sink = subscription.delivery.dead_letter if subscription else None
        dead, shown = self._dead_letter(sink)
        subscriber = self._resolved(trigger.subscriber, "Unable to get the Subscriber's URI")
        if subscriber is _WELL:
            shown = {"subscriberUri": self._shown(trigger.subscriber)} | shown
        found = {
            "BrokerReady": self._broker(trigger),
            "DeadLetterSinkResolved": dead,
            "SubscriberResolved": subscriber,
        }
        return _conditions(_TRIGGER, found) | shown

    def _broker(self, trigger: Trigger) -> Object:
        if self._eventing.find(Broker, trigger.namespace, trigger.broker):
            return _WELL
        return _failed("BrokerDoesNotExist", f'Broker "{trigger.broker}" does not exist')

    def _dead_letter(self, sink: Sink | None) -> tuple[Object, Object]:
        """Return the condition of a dead-letter sink, and where it is."""
        if sink is None:
            return _NO_DEAD_LETTERS, {}
        found = self._resolved(sink, "Unable to get the dead letter sink's URI")
        return found, {"deadLetterSinkUri": self._shown(sink)} if found is _WELL else {}

    def _shown(self, sink: Sink) -> str:
        """Return where a sink is; a broker is shown where clients on this machine reach it."""
        if sink.kind != "broker":
            return sink.uri
        host = f"{BROKER_INGRESS}.localhost:{self._port}"
        return f"http://{host}/{knative_view(sink.namespace)}/{sink.name}"

    def _resolved(self, sink: Sink, reason: str) -> Object:
        there: object = sink.kind == "uri"
        if sink.kind == "broker":
            there = self._eventing.find(Broker, sink.namespace, sink.name)
        elif sink.kind == "service":
            there = (sink.namespace, sink.name) in self._plane.functions
        if there:
            return _WELL
        place = f"{knative_view(sink.namespace)}/{sink.name}"
        return _failed(reason, f"{sink.kind.capitalize()} {place} does not exist")


def _failed(reason: str, message: str) -> Object:
    return {"status": "False", "reason": reason, "message": message}


def _conditions(well: tuple[str, ...], found: dict[str, Object]) -> Object:
    """Return conditions by name: those that are well here, those that may not be, and Ready."""
    told = dict.fromkeys(well, _WELL) | found
    ready = next((each for each in found.values() if each["status"] == "False"), _WELL)
    shown = sorted((told | {"Ready": ready}).items())
    return {"conditions": [{"type": kind} | condition for kind, condition in shown]}
