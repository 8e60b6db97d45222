"""A client's call of a function, and the answer on its connection."""

from time import perf_counter, time_ns

from emulators.gateway.errors import GatewayError
from emulators.gateway.http.call_ids import new_call_id
from emulators.gateway.http.connection import ClientConnection
from emulators.gateway.http.heads import (
    CONTINUE,
    HOP_BY_HOP,
    IDEMPOTENT,
    LAST_CHUNK,
    STATUS_LINES,
    Headers,
    Request,
    answer_fields,
    chunk,
    refusal,
)
from emulators.gateway.model.service_workers import REACH, kept_to
from emulators.gateway.proxy.call import Call
from emulators.gateway.proxy.calls import Calls
from emulators.gateway.proxy.client_head import UPGRADE, in_chunks, request_head, trace_of
from emulators.gateway.proxy.refusals import marks
from emulators.gateway.service.deployments.functions import Function

_DROPPED = HOP_BY_HOP | {b"x-call-id", b"x-start-time", b"x-duration-seconds", REACH}
_DROPPED_FROM_EMPTY = _DROPPED | {b"content-length"}
_NO_LENGTH = frozenset((101, 204))  # their answers must name none (RFC 9110, 8.6)
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
    """

    __slots__ = (
        "_call", "_chunk_in", "_chunk_out", "_connection", "_early", "_early_size", "_out",
        "_request", "_started", "keep_alive", "request_complete",
    )  # fmt: skip

    def __init__(
        self,
        calls: Calls,
        function: Function,
        connection: ClientConnection,
        request: Request,
        path: bytes,
        tag: str = "",
    ) -> None:
        call_id = request.get(b"x-call-id") or new_call_id()
        self._started = time_ns()
        trace, span = trace_of(request, calls.spans)
        self._chunk_in = in_chunks(request, function)
        head = request_head(
            request, path, call_id, self._started, connection.peer, chunked=self._chunk_in
        )
        repeatable = request.method in IDEMPOTENT and not (request.has_body or request.upgrade)
        self._call = Call(
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

    # The connection's side.

    @property
    def answering(self) -> bool:
        """Whether a part of the answer has been written."""
        return self._call.answering

    def start(self) -> None:
        """Set out for a replica."""
        if self._request.expects and not self.request_complete:
            self._connection.write(CONTINUE)
        self._call.start()

    def request_body(self, data: bytes) -> None:
        """Send a piece of the body on."""
        self._call.forward(chunk(data) if self._chunk_in else data)

    def request_end(self) -> None:
        """Note that it is whole; one for an upgrade never is: its connection is not kept."""
        self.request_complete = True
        if not self._request.upgrade:
            self._call.sent_all = True
            if self._chunk_in:
                self._call.forward(LAST_CHUNK)

    def upgraded(self) -> "ClientExchange | None":
        """Take what follows, if an upgrade was asked for that is passed on."""
        if not self._request.upgrade:
            return None
        self.keep_alive = False
        return self

    def tunnel(self, data: bytes) -> None:
        """Take bytes of a client that has another protocol, or wants it: those wait for the 101."""
        if self._call.switched:
            self._call.forward(data)
            return
        if self._early is None:
            self._early = []
        self._early.append(data)
        self._early_size += len(data)
        if self._early_size > _EARLY_HELD:
            self.pace(full=True)

    def client_full(self, *, full: bool) -> None:
        """Let the client's pace decide the replica's."""
        upstream = self._call.upstream
        if upstream is not None:
            if full:
                upstream.hold_back()
            else:
                upstream.go_on()

    def abandon(self) -> None:
        """Note that the client is gone."""
        self._call.abandon()

    # The call's side.

    def head(self, status: int, headers: Headers, *, bodiless: bool) -> bool:
        """Write the head; pick the framing that the client understands."""
        parts = [STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status]
        sized, framed = False, bodiless
        dropped = _DROPPED_FROM_EMPTY if status in _NO_LENGTH else _DROPPED
        for name, value in headers:
            lower = name.lower()
            if lower not in dropped:
                parts += (name, b": ", value, b"\r\n")
                sized = sized or lower == b"content-length"
            elif lower == b"transfer-encoding":
                framed = True
            elif lower == REACH and self._kept_to() is None:
                parts += (name, b": ", value, b"\r\n")
        if self._request.worker and (reach := self._kept_to()) is not None:
            parts += (REACH, b": ", reach, b"\r\n")
        if status == 101:
            parts.append(UPGRADE)
            framed = bodiless = True
        self._chunk_out = not (bodiless or sized or self._request.http10)
        if self._chunk_out:
            parts.append(b"transfer-encoding: chunked\r\n")
        elif not (sized or bodiless):
            self.keep_alive = False
        parts.append(
            b"x-call-id: %b\r\nx-duration-seconds: %f\r\nx-start-time: %d\r\n"
            % (self._call.call_id, perf_counter() - self._call.begun, self._started)
        )
        parts.append(b"\r\n" if status == 101 else self._connection_field())
        self._out = parts
        return framed or sized

    def _kept_to(self) -> bytes | None:
        return kept_to(self._request.target, self._request.host)

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
            self._call.forward(b"".join(self._early))
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
        if self._call.switched:
            self._connection.close()
        elif self._call.answering:
            self._connection.abort()
        else:
            self._refuse(error)

    def _refuse(self, error: GatewayError) -> None:
        self.keep_alive = self.keep_alive and self.request_complete
        call = self._call
        fields = answer_fields(call.call_id, self._started, perf_counter() - call.begun)
        fields += marks(call.function, error)
        self._connection.write(refusal(error, fields, close=not self.keep_alive))
        self._connection.finished()

    def pace(self, *, full: bool) -> None:
        """Hold the client's body back, or let it flow."""
        self._connection.hold_body(full=full)
