"""Knative Eventing's API, the brokers' ingress, and delivery over HTTP."""

import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from emulators.gateway.errors import GatewayError
from emulators.gateway.events import cron
from emulators.gateway.events.delivery import Queued
from emulators.gateway.events.event import parse
from emulators.gateway.events.eventing import PARSERS, Eventing
from emulators.gateway.events.store import Item
from emulators.gateway.queue.envelope import Outcome, QueuedRequest
from emulators.gateway.specs.eventing import EVENTING, SOURCES, Broker, PingSource, Sink, Trigger
from emulators.gateway.specs.names import canonical, knative_view
from emulators.gateway.transport import client
from emulators.gateway.transport.admin import Admin
from emulators.gateway.transport.bodies import reply
from emulators.gateway.transport.buffered import Answer, Incoming
from emulators.gateway.transport.queued import AsyncCalls

INGRESS = "/broker"
_RESOURCES: dict[type[Item], tuple[str, str]] = {
    Broker: (EVENTING, "brokers"),
    Trigger: (EVENTING, "triggers"),
    PingSource: (SOURCES, "pingsources"),
}
_ADDRESS_LIMIT = 60.0
_AT_ONCE_ELSEWHERE = 16


class EventingApi:
    """Routes of brokers, triggers and ping sources, and of events.

    Args:
        eventing: Keeps the objects.
        changed: Called when objects came, went or changed.
        port: Where brokers are reached, for their addresses.
    """

    def __init__(self, eventing: Eventing, changed: Callable[[], None], port: int) -> None:
        self._eventing = eventing
        self._changed = changed
        self._port = port

    def register(self, admin: Admin) -> None:
        """Adds its routes."""
        for kind, (version, plural) in _RESOURCES.items():
            base = f"/apis/{version}/namespaces/{{namespace}}/{plural}"
            admin.add("GET", base, self._of(kind, self._list))
            admin.add("POST PUT", base, self._of(kind, self._apply))
            admin.add("PUT", base + "/{name}", self._of(kind, self._apply))
            admin.add("GET", base + "/{name}", self._of(kind, self._describe))
            admin.add("DELETE", base + "/{name}", self._of(kind, self._remove))
        admin.add("POST", INGRESS + "/{namespace}/{broker}", self.ingress)

    async def ingress(self, incoming: Incoming, namespace: str, broker: str) -> Answer:
        """202 once the event is on disk for each trigger that wants it."""
        space = canonical(namespace)
        self._eventing.get(Broker, space, broker)
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in incoming.request.headers}
        await self._eventing.publish(space, broker, parse(headers, incoming.body))
        return Answer(202)

    def _of(
        self, kind: type[Item], handler: Callable[..., Awaitable[Answer]]
    ) -> Callable[..., Awaitable[Answer]]:
        async def handle(incoming: Incoming, namespace: str, name: str = "") -> Answer:
            return await handler(kind, incoming, canonical(namespace), name)

        return handle

    async def _list(self, kind: type[Item], _: Incoming, namespace: str, __: str) -> Answer:
        items = [self._object(item) for item in self._eventing.listed(kind, namespace)]
        head = {"apiVersion": _RESOURCES[kind][0], "kind": f"{kind.__name__}List", "metadata": {}}
        return reply(200, head | {"items": items})

    async def _describe(self, kind: type[Item], _: Incoming, namespace: str, name: str) -> Answer:
        return reply(200, self._object(self._eventing.get(kind, namespace, name)))

    async def _apply(
        self, kind: type[Item], incoming: Incoming, namespace: str, name: str
    ) -> Answer:
        item = PARSERS[kind](incoming.body, namespace)
        if name and item.name != name:
            raise GatewayError(400, f"metadata.name is {item.name!r}, the address says {name!r}",
                               "make them the same")  # fmt: skip
        if isinstance(item, PingSource):
            cron.parse(item.schedule)
        new = self._eventing.put(item)
        self._changed()
        return reply(201 if new else 200, self._object(item))

    async def _remove(self, kind: type[Item], _: Incoming, namespace: str, name: str) -> Answer:
        await self._eventing.remove(self._eventing.get(kind, namespace, name))
        self._changed()
        return reply(200, {"apiVersion": "v1", "kind": "Status", "status": "Success"})

    def _object(self, item: Item) -> dict[str, Any]:
        space = knative_view(item.namespace)
        metadata = dict(item.manifest.get("metadata", {})) | {"namespace": space}
        status: dict[str, Any] = {"conditions": [{"type": "Ready", "status": "True"}]}
        if isinstance(item, Broker):
            host = f"broker-ingress.knative-eventing.localhost:{self._port}"
            status["address"] = {"url": f"http://{host}/{space}/{item.name}"}
        return item.manifest | {"metadata": metadata, "status": status}


class EventDelivery:
    """Carries events to functions, brokers and addresses.

    Args:
        eventing: Takes events that go to a broker.
        calls: Calls functions.
    """

    def __init__(self, eventing: Eventing, calls: AsyncCalls) -> None:
        self._eventing = eventing
        self._calls = calls

    def capacity(self, sink: Sink) -> int:
        """How many events a sink may get at once."""
        if sink.kind == "service":
            return self._calls.capacity((sink.namespace, sink.name))
        return _AT_ONCE_ELSEWHERE

    async def deliver(self, sink: Sink, queued: Queued) -> Outcome:
        """One attempt; the answer, status 0 when there was none."""
        event = queued.event
        if sink.kind == "service":
            return await self._calls.carry_out(_request(sink, queued))
        try:
            if sink.kind == "broker":
                await self._eventing.publish(sink.namespace, sink.name, event, queued.hops + 1)
                return Outcome(202)
            return await client.call(sink.path, event.headers(), event.data, _ADDRESS_LIMIT)
        except GatewayError as error:
            return Outcome(error.status, error=error.message)
        except (OSError, TimeoutError) as error:
            return Outcome(0, error=str(error) or type(error).__name__)


def _request(sink: Sink, queued: Queued) -> QueuedRequest:
    host = f"{sink.name}.{sink.namespace}".encode()
    return QueuedRequest(
        str(uuid.uuid4()), sink.name, sink.namespace, "POST", sink.path.encode(),
        ((b"host", host), *queued.event.headers()), queued.event.data, time.time_ns(),
    )  # fmt: skip
