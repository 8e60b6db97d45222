"""One call of a function: from a free replica to the end of its answer."""

from time import perf_counter
from typing import TYPE_CHECKING

from emulators.gateway.errors import BadAnswer, GatewayError
from emulators.gateway.http.heads import LAST_CHUNK, Headers, chunk
from emulators.gateway.model.deadlines import Deadlines
from emulators.gateway.proxy import idle
from emulators.gateway.proxy.dialling import connection_to
from emulators.gateway.proxy.upstream import UpstreamConnection
from emulators.gateway.proxy.waiting import ReplicaWaiter
from emulators.gateway.service.functions import Function
from emulators.gateway.service.pool import Replica

if TYPE_CHECKING:
    from emulators.gateway.http.front import Front
    from emulators.gateway.service.deaths import Fate
    from emulators.gateway.spans import CallSpan

_BODIES_HELD = 16 * 1024  # bytes of body taken in while no replica is there to take them
_MOST_DIALS = 3  # replicas tried before a call that none takes is given up


class Call(ReplicaWaiter):
    """Carries a request to a replica and its answer back.

    Subclasses say where the answer goes: `response_head`, `response_body`, `flush`, `ended`,
    `failed`, and `full` for the pace of the request's body.

    Args:
        front: What all calls share.
        function: Whom it is for.
        tag: The revision's tag, if the host named one.
        call_id: Its id, for the access log.
        trace: Its trace's id, for the access log.
        span: Its span, where spans are exported.
        head: The request's head as the replica gets it.
        repeatable: Whether it may be sent again when a replica is lost.
        chunked: Whether the body goes out in chunks.
    """

    __slots__ = (
        "_attempts", "_chunked", "_dials", "_pending", "_pending_size", "asynchronous", "begun",
        "call_id", "cold", "deadlines", "expects_body", "front", "granted_at", "head",
        "head_received", "over", "repeatable", "sent_all", "served_by", "span", "trace", "upstream",
    )  # fmt: skip

    def __init__(
        self,
        front: "Front",
        function: Function,
        head: bytes,
        *,
        repeatable: bool,
        chunked: bool,
        tag: str = "",
        call_id: bytes = b"",
        trace: bytes = b"",
        span: "CallSpan | None" = None,
    ) -> None:
        super().__init__(function, tag)
        self.call_id = call_id
        self.span = span
        self.trace = trace
        self.asynchronous = False
        self.granted_at = 0.0
        self.served_by = ""
        self.cold = False
        self.front = front
        self.head = head
        self.repeatable = repeatable
        self.upstream: UpstreamConnection | None = None
        self.head_received = False
        self.expects_body = True
        self.sent_all = False
        self.over = False
        self.begun = perf_counter()
        self.deadlines = Deadlines(self.pool.revision, front.clock, front.start_limit)
        self._attempts = self._dials = 0
        self._chunked = chunked
        self._pending: list[bytes] = []
        self._pending_size = 0

    # Where the answer goes: a subclass's part.

    def response_head(self, status: int, headers: Headers) -> bool:
        """Takes the answer's head; says whether the answer's end can be told without a close."""
        raise NotImplementedError

    def response_body(self, data: bytes) -> None:
        """Takes a piece of the answer's body."""
        raise NotImplementedError

    def flush(self) -> None:
        """Everything received so far has been handed over."""

    def wants_switch(self, headers: Headers) -> bool:  # noqa: ARG002 (the interface's)
        """Whether a change of protocol (101) with this head is what was asked for."""
        return False

    def switched(self, data: bytes) -> None:
        """The replica changed the protocol; the bytes are the first of the new one."""
        raise NotImplementedError

    def tunnelled(self, data: bytes) -> None:
        """Takes bytes that came after a change of protocol."""

    def ended(self) -> None:
        """The answer is whole."""
        raise NotImplementedError

    def failed(self, error: GatewayError) -> None:
        """There will be no (whole) answer."""
        raise NotImplementedError

    def full(self, *, full: bool) -> None:
        """Whether the sender of the request's body should wait."""

    # The way to a replica.

    def start(self) -> None:
        """Asks for a replica."""
        self.front.calls.add(self)
        self.front.metrics.started(self.function)
        self.ask()

    def granted(self, replica: Replica) -> None:
        """A replica is there: takes an open connection to it, or opens one."""
        self.replica = replica
        self.granted_at = perf_counter()
        self.served_by = replica.instance.id
        self.cold, replica.fresh = replica.fresh, False
        self.deadlines.heard = self.front.clock
        upstream = idle.take(replica)
        if upstream is not None:
            self._attach(upstream)
        else:
            self.front.spawn(self._connect(replica))

    def refused(self, error: GatewayError) -> None:
        """There is no replica to be had."""
        self._close(error)

    async def _connect(self, replica: Replica) -> None:
        try:
            upstream = await connection_to(replica)
        except (OSError, TimeoutError) as error:
            if not self.over:
                self._unreached(replica, error)
            return
        if self.over:
            upstream.close()
        else:
            self._attach(upstream)

    def _unreached(self, replica: Replica, error: Exception) -> None:
        """The replica takes no connection: nothing was sent, so another may have any call."""
        if not isinstance(error, TimeoutError):  # else it may be no more than busy
            replica.pool.withdraw(replica)
        self._dials += 1
        if self._dials == _MOST_DIALS:
            self._close_lost(error)
            return
        self.release()
        self.ask()

    def _attach(self, upstream: UpstreamConnection) -> None:
        self.upstream = upstream
        if self._pending:
            upstream.begin(self, b"".join((self.head, *self._pending)))
            if not self.repeatable:
                self._pending.clear()
            self.full(full=False)
        else:
            upstream.begin(self, self.head)

    # The request's body.

    def request_body(self, data: bytes) -> None:
        """Sends a piece of the body on, or keeps it until there is a replica."""
        if self._chunked:
            data = chunk(data)
        self._forward(data)

    def request_end(self) -> None:
        """The body is whole."""
        self.sent_all = True
        if self._chunked:
            self._forward(LAST_CHUNK)

    def _forward(self, data: bytes) -> None:
        if self.over:
            return
        if self.upstream is not None:
            self.upstream.transport.write(data)
            return
        self._pending.append(data)
        self._pending_size += len(data)
        if self._pending_size > _BODIES_HELD:
            self.full(full=True)

    def upstream_full(self, *, full: bool) -> None:
        """The replica's pace decides the sender's."""
        self.full(full=full)

    # How it ends.

    def response_end(self) -> None:
        """The answer is whole."""
        if self.over:
            return
        self._leave()
        self.ended()

    def upstream_lost(self, error: Exception | None) -> None:
        """The connection broke before the answer was whole."""
        if self.over:
            return
        upstream, self.upstream = self.upstream, None
        if upstream is not None and upstream.was_dropped:
            upstream.replica.pool.withdraw(upstream.replica)  # others take over
        fate = self._fate()
        hung = fate is not None and fate.cause == "hung"  # by this call, for all that is known
        if self.repeatable and not self.head_received and self._attempts == 0 and not hung:
            self._attempts = 1
            self.release()
            self.ask()
            return
        self._close_lost(error)

    def _fate(self) -> "Fate | None":
        return self.replica.fate if self.replica is not None else None

    def _close_lost(self, error: Exception | None) -> None:
        fate = self._fate()
        reason = f": {error}" if error else ""
        what = fate.words if fate else f"closed the connection{reason}"
        self._close(
            BadAnswer(
                f"function {self.function.name!r}: its replica {what}",
                f"see its log ({self.function.name}.log); the call may have been carried out",
            )
        )

    def check_time(self, now: float) -> None:
        """Gives up when the function's time is over."""
        if self.upstream is not None:
            self.upstream.check_time(now)
        overdue = self.deadlines.passed(
            now, waiting=self.replica is None, starting=not self.pool.replicas,
            begun=self.head_received,
        )  # fmt: skip
        if overdue is not None:
            self.give_up(*overdue)

    def give_up(self, kind: type[GatewayError], what: str) -> None:
        """Ends the call from our side; its replica is watched until it has ended it, too."""
        upstream = self.upstream
        answers = self.head_received or not self.sent_all  # then it notices that nobody listens
        if upstream is not None and self.replica is not None and not answers:
            upstream.call = None
            upstream.go_on()
            self.front.overran(self.replica, upstream)
        self._close(
            kind(
                f"function {self.function.name!r} {what}",
                f"see its log ({self.function.name}.log), or raise timeoutSeconds",
            )
        )

    def account(self, status: int) -> None:
        """Counts and logs the call: it is over."""
        self.front.metrics.finished(self.function, status, perf_counter() - self.begun)
        self.front.access.note(self, status)
        if self.span is not None:
            self.span.end(self, status)

    def request_line(self) -> tuple[bytes, bytes]:
        """Method, and path without its query, as the function sees them."""
        line = self.head[: self.head.index(b" HTTP/1.1\r\n")]
        method, path = line.split(b" ", 1)
        return method, path.partition(b"?")[0]

    def answer_begins(self) -> None:
        """The replica's first byte of an answer."""
        if self.replica is not None:
            self.replica.answers += 1
            self.replica.stalled = False
        if self.cold:
            seconds = perf_counter() - self.granted_at
            self.front.metrics.cold_part(self.function.label, "first_answer", seconds)

    def abandon(self) -> None:
        """The one who asked is gone."""
        if not self.over:
            self.account(499)
            self._leave()

    def _close(self, error: GatewayError) -> None:
        if self.over:
            return
        self._leave()
        self.failed(error)

    def _leave(self) -> None:
        self.over = True
        self.front.calls.discard(self)
        if self.upstream is not None and self.upstream.call is self:
            self.upstream.drop()
        self.upstream = None
        self.stop_waiting()
        self.release()
