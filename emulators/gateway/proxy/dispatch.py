"""Who answers a request: a function, the queue, or the gateway itself."""

from collections.abc import Callable
from typing import Protocol

from emulators.gateway.errors import GatewayError
from emulators.gateway.http.buffered import Answer, BufferedExchange, Handler, Incoming
from emulators.gateway.http.connection import ClientConnection
from emulators.gateway.http.exchange import Exchange
from emulators.gateway.http.heads import Request
from emulators.gateway.http.refused import RefusedExchange
from emulators.gateway.http.server import Server
from emulators.gateway.model.routing import Router, named_host, origin_form
from emulators.gateway.proxy.calls import Calls
from emulators.gateway.proxy.clients.client_exchange import ClientExchange
from emulators.gateway.proxy.plain_call import PlainCalls
from emulators.gateway.service.deployments.plane import Plane


class Queue(Protocol):
    """Takes asynchronous calls."""

    @property
    def largest_body(self) -> int:
        """Most bytes of body that it takes."""

    async def accept(self, incoming: Incoming) -> Answer:
        """Take a call."""


class Dispatcher:
    """Makes the exchange that answers a request.

    Args:
        server: What all connections share.
        calls: What all calls share.
        plane: The functions.
        router: Finds where a request goes.
        own: Answers what is the gateway's own.
        queue: Takes asynchronous calls.
        is_password: Whether the value of an ``Authorization`` is the gateway's own credentials.

    Attributes:
        plain: Answers requests of the usual form.
    """

    def __init__(
        self,
        server: Server,
        calls: Calls,
        plane: Plane,
        router: Router,
        own: Handler,
        queue: Queue,
        is_password: Callable[[bytes], bool],
    ) -> None:
        self._server = server
        self._calls = calls
        self._plane = plane
        self._router = router
        self._own = own
        self._queue = queue
        self._is_password = is_password
        self.plain = PlainCalls(calls, plane, router)

    def exchange(self, connection: ClientConnection, request: Request) -> Exchange:
        """Return who answers this request."""
        if not request.target.startswith(b"/"):
            request.host = named_host(request.target) or request.host
            request.target = origin_form(request.target)
        found = self._router.route(request.target, request.host)
        if request.origin or request.site or found.refusal is not None:
            refused = found.refusal or self._router.page_refusal(found, request)
            if refused is not None:
                return RefusedExchange(connection, request, refused, target=found.path)
        if found.kind == "other":
            request.target = found.path
            return BufferedExchange(self._server, connection, request, self._own)
        if found.kind == "async" and request.method != b"POST":
            return BufferedExchange(self._server, connection, request, self._own)
        if request.basic:
            self._withhold_password(request)
        try:
            function, tag = self._plane.resolve(found.name, outside=found.outside)
        except GatewayError as error:
            return RefusedExchange(connection, request, error)
        if found.kind == "function":
            return ClientExchange(self._calls, function, connection, request, found.path, tag)
        limit = self._queue.largest_body
        return BufferedExchange(self._server, connection, request, self._queue.accept, limit=limit)

    def _withhold_password(self, request: Request) -> None:
        """Drop the gateway's password: a browser sends it along, and no function needs it."""
        request.headers = [
            (name, value)
            for name, value in request.headers
            if name != b"authorization" or not self._is_password(value)
        ]
