"""Sends the events of ping sources when their time has come."""

import asyncio
import time
import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from emulators.gateway.errors import Away, GatewayError, Invalid
from emulators.gateway.eventing import cron
from emulators.gateway.eventing.broker import Eventing
from emulators.gateway.eventing.delivery import Queued
from emulators.gateway.eventing.event import Event
from emulators.gateway.model.moments import timestamp
from emulators.gateway.specs.eventing import PingSource
from emulators.gateway.specs.names import knative_view

log = structlog.get_logger()

TICK = 1.0
_TYPE = "dev.knative.sources.ping"


class Pings:
    """Looks once a second which sources are due.

    Args:
        eventing: Knows the sources and takes their events.
    """

    def __init__(self, eventing: Eventing) -> None:
        self._eventing = eventing
        self._due: dict[PingSourceKey, float] = {}

    async def run(self) -> None:
        """Send for ever. What fell due while the gateway was away is not made up for."""
        while True:
            await self.tick(time.time())
            await asyncio.sleep(TICK)

    async def tick(self, now: float) -> None:
        """Send what is due."""
        sources = [s for s in self._eventing.listed(PingSource) if isinstance(s, PingSource)]
        known = {}
        for source in sources:
            key = (source.namespace, source.name, source.schedule, source.timezone)
            due = self._due.get(key) or _next(source, now)
            if now >= due and await self._send(source, due):
                due = _next(source, now)
            known[key] = due
        self._due = known

    async def _send(self, source: PingSource, due: float) -> bool:
        sink, event = source.sink, event_of(source, due)
        try:
            if sink.kind == "broker":
                await self._eventing.publish(sink.namespace, sink.name, event)
            else:
                subscription = self._eventing.subscription(
                    (source.namespace, "pingsource", source.name)
                )
                assert subscription is not None
                await self._eventing.send(subscription, Queued(event))
        except Away as error:
            log.warning("ping is tried again", source=source.name, error=error.message)
            return False
        except GatewayError as error:
            log.warning("ping is not taken", source=source.name, error=error.message)
        return True


PingSourceKey = tuple[str, str, str, str]


def event_of(source: PingSource, due: float) -> Event:
    """Return the event of one moment; its id is the same however often it is made."""
    address = f"/apis/v1/namespaces/{knative_view(source.namespace)}/pingsources/{source.name}"
    at = timestamp(due)
    attributes = {
        "specversion": "1.0",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{address}#{at}")),
        "source": address,
        "type": _TYPE,
        "time": at,
    }
    return Event(attributes | source.extensions, source.content_type, source.data)


def _next(source: PingSource, now: float) -> float:
    moment = datetime.fromtimestamp(now, ZoneInfo(source.timezone))
    try:
        at = cron.parse(source.schedule).after(moment)
    except Invalid as error:  # an earlier version took it
        log.error("ping is never sent", source=source.name, error=error.message)  # noqa: TRY400 - its reason says all
        return float("inf")
    return at.timestamp() if at is not None else float("inf")
