"""A client's call of a function, and the answer on its connection."""

from time import monotonic

from emulators.gateway.errors import GatewayError
from emulators.gateway.http.call_fields import answer_fields
from emulators.gateway.http.exchange import Client
from emulators.gateway.http.heads import (
    CONTINUE,
    IDEMPOTENT,
    LAST_CHUNK,
    Headers,
    Request,
    chunk,
    refusal,
)
from emulators.gateway.model.service_workers import REACH, kept_to
from emulators.gateway.proxy.call import Call
from emulators.gateway.proxy.calls import Calls
from emulators.gateway.proxy.clients.client_head import (
    UPGRADE,
    Stamps,
    in_chunks,
    request_head,
    stamps_of,
)
from emulators.gateway.proxy.refusals import marks
from emulators.gateway.proxy.replicas.answer_fields import AnswerFields
from emulators.gateway.proxy.replicas.upstream import UpstreamConnection
from emulators.gateway.service.deployments.functions import Function

STAMPS = b"x-call-id: %b\r\nx-duration-seconds: %f\r\nx-start-time: %d\r\n"
_EARLY_HELD = 16 * 1024  # bytes taken in from a client that wants an upgrade, before the 101


class ClientExchange:
    """Hands a client's request to a call, and writes its answer onto the connection.

    It is what the connection asks for an answer (`http.exchange.Exchange`), and where the call puts
    it (`proxy.sink.Sink`).

    Args:
        calls: What all calls share.
        function: Whom it is for.
        connection: The client's.
        request: Its head.
        path: What the function sees.
        tag: The revision's tag, if the host named one.
        stamps: What was said of the call before; None where it begins.
    """

    __slots__ = (
        "_chunk_in", "_chunk_out", "_connection", "_early", "_early_size", "_out",
        "_request", "_started", "call", "keep_alive", "request_complete",
    )  # fmt: skip

    def __init__(
        self,
        calls: Calls,
        function: Function,
        connection: Client,
        request: Request,
        path: bytes,
        tag: str = "",
        stamps: Stamps | None = None,
    ) -> None:
        call_id, started, trace, field, span = stamps or stamps_of(request, calls.spans)
        self._started = started
        self._chunk_in = in_chunks(request, function)
        head = request_head(
            request, path, call_id, started, connection.peer,
            chunked=self._chunk_in, traceparent=field,
        )  # fmt: skip
        repeatable = request.method in IDEMPOTENT and not (request.has_body or request.upgrade)
        self.call = Call(
            calls, function, head, self, repeatable=repeatable, upgrade=request.upgrade, tag=tag,
            call_id=call_id, trace=trace, span=span,
        )  # fmt: skip
        self._connection = connection
        self._request = request
        self.request_complete = False
        self.keep_alive = request.keep_alive
        self._out: list[bytes] = []
        self._chunk_out = False
        self._early: list[bytes] | None = None
        self._early_size = 0

    def resume(self, upstream: UpstreamConnection, begun: float, *, instead_of: object) -> None:
        """Go on with a call that is under way; see `Call.resume`."""
        self.request_end()
        self.call.resume(upstream, begun, instead_of=instead_of)

    # The connection's side.

    @property
    def answering(self) -> bool:
        """Whether a part of the answer has been written."""
        return self.call.answering

    def start(self) -> None:
        """Set out for a replica."""
        if self._request.expects and not self.request_complete:
            self._connection.write(CONTINUE)
        self.call.start()

    def request_body(self, data: bytes) -> None:
        """Send a piece of the body on."""
        self.call.forward(chunk(data) if self._chunk_in else data)

    def request_end(self) -> None:
        """Note that it is whole; one for an upgrade never is: its connection is not kept."""
        self.request_complete = True
        if not self._request.upgrade:
            self.call.sent_all = True
            if self._chunk_in:
                self.call.forward(LAST_CHUNK)

    def upgraded(self) -> "ClientExchange | None":
        """Take what follows, if an upgrade was asked for that is passed on."""
        if not self._request.upgrade:
            return None
        self.keep_alive = False
        return self

    def tunnel(self, data: bytes) -> None:
        """Take bytes of a client that has another protocol, or wants it: those wait for the 101."""
        if self.call.switched:
            self.call.forward(data)
            return
        if self._early is None:
            self._early = []
        self._early.append(data)
        self._early_size += len(data)
        if self._early_size > _EARLY_HELD:
            self.pace(full=True)

    def client_full(self, *, full: bool) -> None:
        """Let the client's pace decide the replica's."""
        upstream = self.call.upstream
        if upstream is not None:
            if full:
                upstream.hold_back()
            else:
                upstream.go_on()

    def abandon(self) -> None:
        """Note that the client is gone."""
        self.call.abandon()

    # The call's side.

    def head(self, status: int, headers: Headers, *, bodiless: bool) -> bool:
        """Write the head; pick the framing that the client understands."""
        given = headers if isinstance(headers, AnswerFields) else AnswerFields(status, headers)
        sized, framed = given.sized, bodiless or given.framed
        parts = [given.passed_on]
        if given.reach or self._request.worker:
            parts.append(self._reach(given))
        if status == 101:
            parts.append(UPGRADE)
            framed = bodiless = True
        self._chunk_out = not (bodiless or sized or self._request.http10)
        if self._chunk_out:
            parts.append(b"transfer-encoding: chunked\r\n")
        elif not (sized or bodiless):
            self.keep_alive = False
        seconds = monotonic() - self.call.begun
        parts.append(STAMPS % (self.call.call_id, seconds, self._started))
        parts.append(b"\r\n" if status == 101 else self._connection_field())
        self._out = parts
        return framed or sized

    def _reach(self, given: AnswerFields) -> bytes:
        """Return how far a service worker may reach: at its own host, what the function says."""
        kept = kept_to(self._request.target, self._request.host)
        if kept is None:
            return given.reach
        return b"%b: %b\r\n" % (REACH, kept) if self._request.worker else b""

    def _connection_field(self) -> bytes:
        if not self.keep_alive or not self.request_complete or self._connection.server.closing:
            self.keep_alive = False
            return b"connection: close\r\n\r\n"
        return b"connection: keep-alive\r\n\r\n" if self._request.http10 else b"\r\n"

    def body(self, data: bytes) -> None:
        """Take a piece; `flush` writes it."""
        self._out.append(chunk(data) if self._chunk_out else data)

    def flush(self) -> None:
        """Write what came in with one read, in one piece."""
        if self._out:
            self._connection.write(b"".join(self._out))
            self._out.clear()

    def switch(self) -> None:
        """Send on what the client said while it waited for the 101."""
        if self._early:
            self.call.forward(b"".join(self._early))
            self._early = None
            self.pace(full=False)

    def ended(self) -> None:
        """Note that the answer is whole."""
        if self._chunk_out:
            self._out.append(LAST_CHUNK)
        self.flush()
        self._connection.finished()

    def failed(self, error: GatewayError) -> None:
        """Answer for the function, or break the connection off when it had begun to answer."""
        if self.call.switched:
            self._connection.close()
        elif self.call.answering:
            self._connection.abort()
        else:
            self._refuse(error)

    def _refuse(self, error: GatewayError) -> None:
        self.keep_alive = self.keep_alive and self.request_complete
        call = self.call
        fields = answer_fields(call.call_id, self._started, monotonic() - call.begun)
        fields += marks(call.function, error)
        self._connection.write(refusal(error, fields, close=not self.keep_alive))
        self._connection.finished()

    def pace(self, *, full: bool) -> None:
        """Hold the client's body back, or let it flow."""
        self._connection.hold_body(full=full)
