"""Where events go, as statuses tell it: addresses, and conditions of what is there or lacks."""

from emulators.gateway.apis.kubernetes.objects import Object
from emulators.gateway.eventing.broker import Eventing
from emulators.gateway.model.routing import BROKER_INGRESS, CHANNEL
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.specs.eventing import Broker
from emulators.gateway.specs.messaging import InMemoryChannel
from emulators.gateway.specs.names import knative_view
from emulators.gateway.specs.sinks import Sink

WELL: Object = {"status": "True"}
_NO_DEAD_LETTERS: Object = {
    "status": "True",
    "reason": "DeadLetterSinkNotConfigured",
    "message": "No dead letter sink is configured.",
}


class Resolving:
    """Finds what destinations name.

    Args:
        eventing: Knows the brokers and channels.
        plane: Knows the functions.
        port: Where they are reached, for their addresses.
    """

    def __init__(self, eventing: Eventing, plane: Plane, port: int) -> None:
        self._eventing = eventing
        self._plane = plane
        self._port = port

    def shown(self, sink: Sink) -> str:
        """Return where a sink is; what is the gateway's own, where clients here reach it."""
        space = knative_view(sink.namespace)
        if sink.kind == "broker":
            return f"http://{BROKER_INGRESS}.localhost:{self._port}/{space}/{sink.name}"
        if sink.kind == "channel":
            return f"http://{sink.name}{CHANNEL}.{space}.localhost:{self._port}"
        return sink.uri

    def resolved(self, sink: Sink, reason: str) -> Object:
        """Return the condition of a sink that must be there."""
        there: object = sink.kind == "uri"
        if sink.kind == "broker":
            there = self._eventing.find(Broker, sink.namespace, sink.name)
        elif sink.kind == "channel":
            there = self._eventing.find(InMemoryChannel, sink.namespace, sink.name)
        elif sink.kind == "service":
            there = (sink.namespace, sink.name) in self._plane.functions
        if there:
            return WELL
        place = f"{knative_view(sink.namespace)}/{sink.name}"
        return failed(reason, f"{sink.kind.capitalize()} {place} does not exist")

    def dead_letter(self, sink: Sink | None) -> tuple[Object, Object]:
        """Return the condition of a dead-letter sink, and where it is."""
        if sink is None:
            return _NO_DEAD_LETTERS, {}
        found = self.resolved(sink, "Unable to get the dead letter sink's URI")
        return found, {"deadLetterSinkUri": self.shown(sink)} if found is WELL else {}


def failed(reason: str, message: str, status: str = "False") -> Object:
    """Return a condition that is not met, or of which nothing is known."""
    return {"status": status, "reason": reason, "message": message}


def conditions(well: tuple[str, ...], found: dict[str, Object]) -> Object:
    """Return conditions by name: those that are well here, those that may not be, and Ready."""
    told = dict.fromkeys(well, WELL) | found
    bad = [
        each for state in ("False", "Unknown") for each in found.values() if each["status"] == state
    ]
    ready = bad[0] if bad else WELL
    shown = sorted((told | {"Ready": ready}).items())
    return {"conditions": [{"type": kind} | condition for kind, condition in shown]}
