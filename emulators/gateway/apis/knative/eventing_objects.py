"""Eventing's objects, as objects of the Kubernetes API."""

import time
import uuid
from collections.abc import Callable

import msgspec

from emulators.gateway.apis.knative.eventing_status import View
from emulators.gateway.apis.kubernetes.objects import (
    Object,
    identity,
    metadata_of,
    revised,
)
from emulators.gateway.apis.kubernetes.resources import (
    BROKER,
    CHANNEL,
    IN_MEMORY_CHANNEL,
    PING_SOURCE,
    SEQUENCE,
    SUBSCRIPTION,
    TRIGGER,
    Resource,
)
from emulators.gateway.eventing import cron
from emulators.gateway.eventing.attributes import check_attributes
from emulators.gateway.eventing.broker import PARSERS, Eventing
from emulators.gateway.eventing.pings import event_of
from emulators.gateway.eventing.store import Item
from emulators.gateway.model.moments import timestamp
from emulators.gateway.specs import messaging
from emulators.gateway.specs.eventing import Broker, PingSource, Trigger
from emulators.gateway.specs.names import canonical, knative_view

KINDS: dict[type[Item], Resource] = {
    Broker: BROKER,
    Trigger: TRIGGER,
    PingSource: PING_SOURCE,
    messaging.Channel: CHANNEL,
    messaging.InMemoryChannel: IN_MEMORY_CHANNEL,
    messaging.Subscription: SUBSCRIPTION,
    messaging.Sequence: SEQUENCE,
}


class EventingObjects:
    """The objects of one kind.

    Args:
        kind: Which.
        eventing: Keeps them.
        view: Says what became of them.
        changed: Called when objects came, went or changed.
    """

    def __init__(
        self, kind: type[Item], eventing: Eventing, view: View, changed: Callable[[], None]
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
            check_attributes(event_of(item, 0).attributes, item.content_type)
        return item

    async def put(self, item: Item) -> None:
        """Create or change an object."""
        before = self._eventing.find(self._kind, item.namespace, item.name)
        fresh = {"uid": str(uuid.uuid4()), "creationTimestamp": timestamp(time.time())}
        manifest = revised(item.manifest, self._object(before) if before else None, fresh)
        await self._eventing.put(msgspec.structs.replace(item, manifest=manifest))
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
