"""Calls that go as most do: a plain head, a free replica, an open connection to it, a whole answer.

Nothing may happen to such a call but its end. So it is one object that keeps what is needed for
that. At anything else (an answer in pieces or in chunks, a connection that breaks, a client that
leaves, half a second without an answer) it becomes an ordinary `Call`, as if it had been one from
the start.
"""

from time import monotonic
from typing import Protocol

from emulators.gateway.errors import GatewayError
from emulators.gateway.http.exchange import Client
from emulators.gateway.http.heads import Request
from emulators.gateway.http.known_heads import KnownHeads
from emulators.gateway.http.plain_heads import whole_request
from emulators.gateway.model.routing import Router
from emulators.gateway.proxy.call import Call
from emulators.gateway.proxy.calls import Calls
from emulators.gateway.proxy.clients.client_exchange import STAMPS, ClientExchange
from emulators.gateway.proxy.clients.client_head import Stamps, in_chunks, request_head, stamps_of
from emulators.gateway.proxy.replicas import idle
from emulators.gateway.proxy.replicas.answer_fields import AnswerFields
from emulators.gateway.proxy.replicas.upstream import UpstreamConnection
from emulators.gateway.service.deployments.functions import Function

_ANSWER = b"%b" + STAMPS + b"%b%b"


class PlainCall:
    """A call that nothing unusual has happened to yet.

    It is what the client's connection asks for an answer (`http.exchange.Answering`), and what the
    replica's carries (`proxy.carried.CarriedCall`).

    Args:
        calls: What all calls share.
        function: Whom it is for.
        upstream: A free connection to a replica, which counts the call already.
        connection: The client's.
        request: A plain one.
        data: Its bytes, head and body.

    Attributes:
        begun: When it began, by `time.monotonic`; it had a replica at once.
        call_id: Its id.
        trace: Its trace's id.
        head: The request's head as the function gets it.
    """

    __slots__ = (
        "_body", "_calls", "_connection", "_field", "_fields", "_function", "_request", "_started",
        "_upstream", "begun", "call_id", "head", "trace",
    )  # fmt: skip

    keep_alive = request_complete = sent_all = expects_body = True
    cold = asynchronous = False
    upgrade = b""

    def __init__(
        self,
        calls: Calls,
        function: Function,
        upstream: UpstreamConnection,
        connection: Client,
        request: Request,
        data: bytes,
    ) -> None:
        self.begun = monotonic()
        self._calls = calls
        self._function = function
        self._upstream = upstream
        self._connection = connection
        self._request = request
        self._fields: AnswerFields | None = None
        self.call_id, self._started, self.trace, self._field, _ = stamps_of(request, None)
        assert request.route is not None, "a plain request is one that has been routed"
        self.head = request_head(
            request, request.route.path, self.call_id, self._started, connection.peer,
            chunked=False, traceparent=self._field,
        )  # fmt: skip
        self._body = data[-request.length :] if request.length else b""

    def start(self) -> None:
        """Send the request on."""
        self._calls.open.add(self)
        self._calls.metrics.started(self._function)
        body, self._body = self._body, b""
        self._upstream.begin(self, self.head + body)

    # How it ends as a rule.

    def whole(self, fields: AnswerFields, body: bytes) -> bool:
        """Take the answer, which came in one piece; return that its end is told."""
        self._fields, self._body = fields, body
        return True

    def answer_ended(self) -> None:
        """Give the answer to the client, and the replica back."""
        fields, connection, replica = self._fields, self._connection, self._upstream.replica
        assert fields is not None, "only a whole answer ends a plain call"
        calls, seconds = self._calls, monotonic() - self.begun
        calls.open.discard(self)
        replica.answers += 1
        replica.stalled = False
        replica.pool.release(replica)
        end = b"connection: close\r\n\r\n" if connection.server.closing else b"\r\n"
        connection.write(
            _ANSWER % (fields.passed_on, self.call_id, seconds, self._started, end, self._body)
        )
        connection.finished()
        calls.metrics.finished(self._function, fields.status, seconds)
        calls.access.note(self, fields.status, seconds)

    # What makes an ordinary call of it.

    def ordinary(self) -> Call:
        """Put an ordinary call in its place."""
        return self._unusual().call

    def _unusual(self) -> ClientExchange:
        stamps = Stamps(self.call_id, self._started, self.trace, self._field)
        connection, request, route = self._connection, self._request, self._request.route
        assert route is not None, "a plain request is one that has been routed"
        exchange = ClientExchange(
            self._calls, self._function, connection, request, route.path, stamps=stamps
        )
        self._calls.open.discard(self)
        connection.go_on_with(exchange, instead_of=self)
        exchange.resume(self._upstream, self.begun, instead_of=self)
        return exchange

    def client_full(self, *, full: bool) -> None:
        """Let the client's pace decide, unless the answer is here already."""
        if self._fields is None:
            self._unusual().client_full(full=full)

    def abandon(self) -> None:
        """Note that the client is gone."""
        self.ordinary().abandon()

    def upstream_lost(self, error: Exception | None) -> None:
        """Note that the connection broke before the answer was whole."""
        self.ordinary().upstream_lost(error)

    def check_time(self, now: float) -> None:
        """Take it for one that lasts."""
        self.ordinary().check_time(now)

    # What the access log wants to know.

    @property
    def assigned_at(self) -> float:
        """When it had a replica."""
        return self.begun

    @property
    def served_by(self) -> str:
        """The replica's id."""
        return self._upstream.replica.instance.id

    @property
    def function_label(self) -> str:
        """Name and namespace of the function."""
        return self._function.label

    @property
    def revision_name(self) -> str:
        """The revision whose turn it was."""
        return self._upstream.replica.pool.revision.name


class Names(Protocol):
    """Finds functions by the names in addresses."""

    def resolve(self, name: str, *, outside: bool) -> tuple[Function, str]:
        """Return a function, and its revision's tag if the name has one.

        Raises:
            GatewayError: There is none.
        """


class PlainCalls:
    """Begins plain calls (`http.exchange.Plain`).

    Args:
        calls: What all calls share.
        plane: The functions.
        router: Finds where requests go.
    """

    def __init__(self, calls: Calls, plane: Names, router: Router) -> None:
        self._router = router
        self._heads = KnownHeads[Request]()
        self._calls = calls
        self._plane = plane

    def begin(self, connection: Client, data: bytes) -> PlainCall | None:
        """Return a call to start, or None where it is not plain.

        Args:
            connection: The client's.
            data: What came in when a request was to begin.
        """
        try:
            request = self._heads.find(data) or self._read(data)
            route = request.route if request is not None else None
            if request is None or route is None:
                return None
            function, tag = self._plane.resolve(route.name, outside=route.outside)
        except GatewayError:  # which the parser's reader finds, too, and tells
            return None
        pool = function.sole
        if pool is None or tag or in_chunks(request, function):
            return None
        replica = pool.at_once()
        upstream = idle.take(replica) if replica is not None else None
        if replica is None or upstream is None:
            return None
        pool.hold(replica)
        return PlainCall(self._calls, function, upstream, connection, request, data)

    def _read(self, data: bytes) -> Request | None:
        """Read a request's head; return None where it is not plain, or calls no function."""
        if self._calls.spans is not None:
            return None
        request = whole_request(data)
        if request is None or request.by_page:
            return None
        request.route = self._router.route(request.target, request.host)
        if request.route.kind != "function":
            return None
        if not request.of_one_call:
            self._heads.keep(data, request.length or 0, request)
        return request
