"""Brokers, triggers and ping sources, as objects of the Kubernetes API."""

import time
import uuid
from collections.abc import Callable

import msgspec

from emulators.gateway.apis.kubernetes.objects import (
    Object,
    identity,
    metadata_of,
    revised,
)
from emulators.gateway.apis.kubernetes.resources import (
    BROKER,
    PING_SOURCE,
    TRIGGER,
    Resource,
)
from emulators.gateway.eventing import cron
from emulators.gateway.eventing.broker import PARSERS, Eventing
from emulators.gateway.eventing.store import Item
from emulators.gateway.model.moments import timestamp
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.specs.eventing import Broker, PingSource, Sink, Trigger
from emulators.gateway.specs.names import canonical, knative_view

KINDS: dict[type[Item], Resource] = {Broker: BROKER, Trigger: TRIGGER, PingSource: PING_SOURCE}


class EventingObjects:
    """The objects of one kind.

    Args:
        kind: Which.
        eventing: Keeps them.
        view: Says what became of them.
        changed: Called when objects came, went or changed.
    """

    def __init__(
        self, kind: type[Item], eventing: Eventing, view: "View", changed: Callable[[], None]
    ) -> None:
        self.resource = KINDS[kind]
        self._kind = kind
        self._eventing = eventing
        self._view = view
        self._changed = changed

    def objects(self) -> list[Object]:
        """Return every object."""
        return [self._object(item) for item in self._eventing.listed(self._kind)]

    def find(self, namespace: str, name: str) -> Object | None:
        """Return one object."""
        item = self._eventing.find(self._kind, canonical(namespace), name)
        return self._object(item) if item else None

    def read(self, wanted: Object) -> Item:
        """Read an object.

        Raises:
            Invalid: Naming the field that is wrong.
        """
        namespace = canonical(str(metadata_of(wanted)["namespace"]))
        item = PARSERS[self._kind](msgspec.json.encode(wanted), namespace)
        if isinstance(item, PingSource):
            cron.parse(item.schedule)
        return item

    async def put(self, item: Item) -> None:
        """Create or change an object."""
        before = self._eventing.find(self._kind, item.namespace, item.name)
        fresh = {"uid": str(uuid.uuid4()), "creationTimestamp": timestamp(time.time())}
        manifest = revised(item.manifest, self._object(before) if before else None, fresh)
        self._eventing.put(msgspec.structs.replace(item, manifest=manifest))
        self._changed()

    async def remove(self, namespace: str, name: str) -> None:
        """Remove an object, and what waits for its subscriber."""
        await self._eventing.remove(self._eventing.get(self._kind, canonical(namespace), name))
        self._changed()

    def _object(self, item: Item) -> Object:
        space = knative_view(item.namespace)
        metadata = {
            "uid": identity(self.resource.qualified, space, item.name),
            "generation": 1,
            **metadata_of(item.manifest),
            "namespace": space,
        }
        status = self._view.status(item) | {"observedGeneration": metadata["generation"]}
        return item.manifest | {"metadata": metadata, "status": status}


class View:
    """What became of brokers, triggers and ping sources.

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
            url = self._broker(item.namespace, item.name)
            return _ready({}) | {"address": {"url": url}}
        if isinstance(item, PingSource):
            problems = {"SinkProvided": self._missing(item.sink, "the sink")}
            return _ready(problems) | {"sinkUri": self._uri(item.sink)}
        no_broker = self._missing(Sink("broker", item.broker, item.namespace), "the broker")
        problems = {
            "BrokerReady": no_broker,
            "SubscriberResolved": self._missing(item.subscriber, "the subscriber"),
        }
        return _ready(problems) | {"subscriberUri": self._uri(item.subscriber)}

    def _missing(self, sink: Sink, what: str) -> str:
        """Return what is not there, empty when all is."""
        place = f"{knative_view(sink.namespace)}/{sink.name}"
        if sink.kind == "broker" and not self._eventing.find(Broker, sink.namespace, sink.name):
            return f"{what}, Broker {place}, does not exist"
        if sink.kind == "service" and (sink.namespace, sink.name) not in self._plane.functions:
            return f"{what}, Service {place}, does not exist"
        return ""

    def _uri(self, sink: Sink) -> str:
        if sink.kind == "uri":
            return sink.path
        if sink.kind == "broker":
            return self._broker(sink.namespace, sink.name)
        host = f"{sink.name}.{knative_view(sink.namespace)}.localhost"
        return f"http://{host}:{self._port}{sink.path}"

    def _broker(self, namespace: str, name: str) -> str:
        host = f"broker-ingress.knative-eventing.localhost:{self._port}"
        return f"http://{host}/{knative_view(namespace)}/{name}"


def _ready(problems: dict[str, str]) -> Object:
    """Return conditions: one for each part that may be missing, and Ready for all together."""
    first = next(((part, text) for part, text in problems.items() if text), None)
    conditions = [_condition(part, part, text) for part, text in problems.items()]
    return {"conditions": [*conditions, _condition("Ready", *(first or ("", "")))]}


def _condition(kind: str, part: str, problem: str) -> Object:
    if not problem:
        return {"type": kind, "status": "True"}
    reason = "BrokerDoesNotExist" if part == "BrokerReady" else "NotFound"
    return {"type": kind, "status": "False", "reason": reason, "message": problem}
