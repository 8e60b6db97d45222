"""Delivery of events over HTTP."""

import asyncio
import time
import uuid

from emulators.gateway.apis.async_calls.running import RunningCalls
from emulators.gateway.errors import GatewayError
from emulators.gateway.eventing.broker import Eventing
from emulators.gateway.eventing.delivery import Queued, Subscription
from emulators.gateway.http import client
from emulators.gateway.http.guarded_client import Outward
from emulators.gateway.http.heads import Headers
from emulators.gateway.http.problems import status_of
from emulators.gateway.model.queued_call import Outcome, QueuedRequest
from emulators.gateway.specs.names import knative_view
from emulators.gateway.specs.sinks import Sink

_ADDRESS_LIMIT = 60.0
_AT_ONCE_ELSEWHERE = 16


class EventDelivery:
    """Carries events to functions, brokers, channels and addresses.

    Args:
        eventing: Takes events that go to a broker or a channel.
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

    async def deliver(self, subscription: Subscription, queued: Queued) -> Outcome:
        """Make one attempt; return the answer, status 0 when there was none."""
        sink, limit = subscription.sink(queued), subscription.delivery.timeout
        assert sink is not None
        try:
            async with asyncio.timeout(limit):
                return await self._attempt(sink, subscription, queued)
        except GatewayError as error:
            return Outcome(status_of(type(error)), error=error.message)
        except TimeoutError:
            return Outcome(0, error=f"no answer within {limit or _ADDRESS_LIMIT:g} s")
        except OSError as error:
            return Outcome(0, error=str(error) or type(error).__name__)

    async def _attempt(self, sink: Sink, subscription: Subscription, queued: Queued) -> Outcome:
        if sink.kind in {"broker", "channel"}:
            # With what is left of its time to live: they may form a ring.
            await self._eventing.forward(sink, queued.event, queued.fields, queued.rounds + 1)
            return Outcome(202)
        fields, body = subscription.request(queued)
        if sink.kind == "service":
            return await self._calls.carry_out(_call(sink, fields, body))
        return await client.call(self._outward, sink.path, fields, body, _ADDRESS_LIMIT)


def _call(sink: Sink, fields: Headers, body: bytes) -> QueuedRequest:
    host = f"{sink.name}.{knative_view(sink.namespace)}.svc.cluster.local".encode()
    return QueuedRequest(
        str(uuid.uuid4()),
        sink.name,
        sink.namespace,
        "POST",
        sink.path.encode(),
        ((b"host", host), *fields),
        body,
        time.time_ns(),
    )
