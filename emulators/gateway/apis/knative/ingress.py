"""The brokers' ingress, and delivery over HTTP."""

import time
import uuid

from emulators.gateway.apis.admin import Admin
from emulators.gateway.apis.async_calls.running import RunningCalls
from emulators.gateway.errors import GatewayError
from emulators.gateway.eventing.broker import Eventing
from emulators.gateway.eventing.delivery import Queued
from emulators.gateway.eventing.event import parse
from emulators.gateway.http import client
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.http.guarded_client import Outward
from emulators.gateway.http.problems import status_of
from emulators.gateway.model.queued_call import Outcome, QueuedRequest
from emulators.gateway.specs.eventing import Broker, Sink
from emulators.gateway.specs.names import canonical

INGRESS = "/broker"
_ADDRESS_LIMIT = 60.0
_AT_ONCE_ELSEWHERE = 16


class Ingress:
    """Where brokers take events.

    Args:
        eventing: Keeps the brokers and takes the events.
    """

    def __init__(self, eventing: Eventing) -> None:
        self._eventing = eventing

    def register(self, admin: Admin) -> None:
        """Add its route."""
        admin.add("POST", INGRESS + "/{namespace}/{broker}", self.take)

    async def take(self, incoming: Incoming, namespace: str, broker: str) -> Answer:
        """Answer 202 once the event is on disk for each trigger that wants it."""
        space = canonical(namespace)
        self._eventing.get(Broker, space, broker)
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in incoming.request.headers}
        await self._eventing.publish(space, broker, parse(headers, incoming.body))
        return Answer(202)


class EventDelivery:
    """Carries events to functions, brokers and addresses.

    Args:
        eventing: Takes events that go to a broker.
        calls: Calls functions.
        outward: Connects to addresses; whoever may deploy gave them.
    """

    def __init__(self, eventing: Eventing, calls: RunningCalls, outward: Outward) -> None:
        self._eventing = eventing
        self._calls = calls
        self._outward = outward

    def capacity(self, sink: Sink) -> int:
        """Return how many events a sink may get at once."""
        if sink.kind == "service":
            return self._calls.capacity((sink.namespace, sink.name))
        return _AT_ONCE_ELSEWHERE

    async def deliver(self, sink: Sink, queued: Queued) -> Outcome:
        """Make one attempt; return the answer, status 0 when there was none."""
        event = queued.event
        if sink.kind == "service":
            return await self._calls.carry_out(_request(sink, queued))
        try:
            if sink.kind == "broker":
                await self._eventing.publish(sink.namespace, sink.name, event, queued.hops + 1)
                return Outcome(202)
            return await client.call(
                self._outward, sink.path, event.headers(), event.data, _ADDRESS_LIMIT
            )
        except GatewayError as error:
            return Outcome(status_of(type(error)), error=error.message)
        except (OSError, TimeoutError) as error:
            return Outcome(0, error=str(error) or type(error).__name__)


def _request(sink: Sink, queued: Queued) -> QueuedRequest:
    host = f"{sink.name}.{sink.namespace}".encode()
    return QueuedRequest(
        str(uuid.uuid4()),
        sink.name,
        sink.namespace,
        "POST",
        sink.path.encode(),
        ((b"host", host), *queued.event.headers()),
        queued.event.data,
        time.time_ns(),
    )
