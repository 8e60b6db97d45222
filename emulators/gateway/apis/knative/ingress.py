"""Where brokers and channels take events."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from emulators.gateway.apis.admin import Admin
from emulators.gateway.errors import Failed, GatewayError, Invalid, NotFound
from emulators.gateway.eventing.broker import Eventing
from emulators.gateway.eventing.event import Event, parse
from emulators.gateway.eventing.passing import Fields, passed_on
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.http.problems import status_of
from emulators.gateway.proxy.clients.client_head import trace_of
from emulators.gateway.specs.names import canonical

if TYPE_CHECKING:  # 90 ms of imports, only where spans are exported
    from emulators.gateway.proxy.told.spans import Spans

_ACCEPTED = 202
INGRESS = "/broker"
CHANNELS = "/channel"
Take = Callable[[str, str, Event, Fields], Awaitable[None]]
# What CloudEvents' webhooks ask before they send: anybody may, as often as they like.
_WEBHOOK = [
    (b"allow", b"POST, OPTIONS"),
    (b"webhook-allowed-origin", b"*"),
    (b"webhook-allowed-rate", b"*"),
]


class Ingress:
    """Where brokers and channels take events.

    Args:
        eventing: Keeps them and takes the events.
        spans: Begins a span for each event; None where none are exported.
    """

    def __init__(self, eventing: Eventing, spans: "Spans | None" = None) -> None:
        self._eventing = eventing
        self._spans = spans

    def register(self, admin: Admin) -> None:
        """Add its routes."""
        admin.add("POST", INGRESS + "(?P<place>(?:/.*)?)", self.publish)
        admin.add("POST", CHANNELS + "(?P<place>(?:/.*)?)", self.enter)
        for base in (INGRESS, CHANNELS):
            admin.add("OPTIONS", base + "(?:/.*)?", self.allow)

    async def publish(self, incoming: Incoming, place: str) -> Answer:
        """Answer 202 once the event is on disk for each trigger that wants it."""
        return await self._take(incoming, _read(place, "broker"), self._eventing.publish)

    async def enter(self, incoming: Incoming, place: str) -> Answer:
        """Answer 202 once the event is on disk for each subscription of the channel."""
        return await self._take(incoming, _read(place, "channel"), self._eventing.enter)

    async def _take(self, incoming: Incoming, place: list[str], take: Take) -> Answer:
        namespace, name = place
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in incoming.request.headers}
        event = parse(headers, incoming.body)
        _, span = trace_of(incoming.request, self._spans, "accept")
        status = status_of(Failed)
        try:
            fields = passed_on(incoming.request.headers)
            await take(canonical(namespace), name, event, fields)
            status = _ACCEPTED
        except GatewayError as error:
            status = status_of(type(error))
            raise
        finally:
            if span is not None:
                span.end_accepted(f"{name}.{namespace}", event.attributes["id"], status)
        return Answer(_ACCEPTED, headers=_WEBHOOK[:1])

    async def allow(self, _: Incoming) -> Answer:
        """Answer a webhook's question whether it may send."""
        return Answer(200, headers=list(_WEBHOOK))


def _read(place: str, what: str) -> list[str]:
    """Return namespace and name of the broker or channel at a path."""
    if place in ("", "/"):
        raise NotFound(f"no {what} is named", f"post to /{{namespace}}/{{{what}}}")
    parts = place.removesuffix("/").split("/")[1:]
    if len(parts) != 2:
        raise Invalid(f"{place!r} names no {what}", f"post to /{{namespace}}/{{{what}}}")
    return parts
