"""The brokers' ingress."""

from emulators.gateway.apis.admin import Admin
from emulators.gateway.errors import Invalid, NotFound
from emulators.gateway.eventing.broker import Eventing
from emulators.gateway.eventing.event import parse
from emulators.gateway.eventing.passing import passed_on
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.specs.names import canonical

INGRESS = "/broker"
# What CloudEvents' webhooks ask before they send: anybody may, as often as they like.
_WEBHOOK = [
    (b"allow", b"POST, OPTIONS"),
    (b"webhook-allowed-origin", b"*"),
    (b"webhook-allowed-rate", b"*"),
]


class Ingress:
    """Where brokers take events.

    Args:
        eventing: Keeps the brokers and takes the events.
    """

    def __init__(self, eventing: Eventing) -> None:
        self._eventing = eventing

    def register(self, admin: Admin) -> None:
        """Add its routes."""
        admin.add("POST", INGRESS + "(?P<place>(?:/.*)?)", self.take)
        admin.add("OPTIONS", INGRESS + "(?:/.*)?", self.allow)

    async def take(self, incoming: Incoming, place: str) -> Answer:
        """Answer 202 once the event is on disk for each trigger that wants it."""
        namespace, broker = _read(place)
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in incoming.request.headers}
        event = parse(headers, incoming.body)
        await self._eventing.publish(canonical(namespace), broker, event, passed_on(headers))
        return Answer(202, headers=_WEBHOOK[:1])

    async def allow(self, _: Incoming) -> Answer:
        """Answer a webhook's question whether it may send."""
        return Answer(200, headers=list(_WEBHOOK))


def _read(place: str) -> list[str]:
    """Return namespace and name of the broker at a path."""
    if place in ("", "/"):
        raise NotFound("no broker is named", "post to /{namespace}/{broker}")
    parts = place.removesuffix("/").split("/")[1:]
    if len(parts) != 2:
        raise Invalid(f"{place!r} names no broker", "post to /{namespace}/{broker}")
    return parts
