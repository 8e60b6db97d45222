"""One call of a function: from a free replica to the end of its answer."""

import math
from time import monotonic
from typing import TYPE_CHECKING

from emulators.gateway.errors import GatewayError
from emulators.gateway.http.heads import BODILESS, Headers
from emulators.gateway.http.problems import status_of
from emulators.gateway.model.deadlines import Deadlines
from emulators.gateway.proxy import refusals
from emulators.gateway.proxy.calls import Calls
from emulators.gateway.proxy.replicas import idle
from emulators.gateway.proxy.replicas.answer_fields import AnswerFields
from emulators.gateway.proxy.replicas.dialling import connection_to
from emulators.gateway.proxy.replicas.lease import Lease
from emulators.gateway.proxy.replicas.upstream import UpstreamConnection
from emulators.gateway.proxy.sink import NOWHERE, Sink
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.replicas.pool import Replica

if TYPE_CHECKING:  # 90 ms of imports, only where spans are exported
    from emulators.gateway.proxy.told.spans import CallSpan

_BODIES_HELD = 16 * 1024  # bytes of body taken in while no replica is there to take them
_MOST_DIALS = 3  # replicas tried before a call that none takes is given up


class Call:
    """Carries a request to a replica and its answer to a sink.

    Args:
        calls: The others, and what all share.
        function: Whom it is for.
        head: The request's head as the replica gets it.
        sink: Where the answer goes.
        repeatable: Whether it may be sent again when a replica is lost.
        upgrade: The protocol that it asks for; empty for none.
        tag: The revision's tag, if the host named one.
        asynchronous: Whether it comes from the queue.
        call_id: Its id, for the access log.
        trace: Its trace's id, for the access log.
        span: Its span, where spans are exported.

    Attributes:
        answering: Whether its answer has begun.
        status: The answer's.
        switched: Whether the replica has changed to the protocol that was asked for.
        sent_all: Whether the request is whole, as whoever sends it says.
        over: Whether nothing comes any more.
    """

    # What most calls never change stands here: each one that begins sets as little as can be.
    assigned_at = 0.0
    served_by = ""
    status = 0
    upstream: UpstreamConnection | None = None
    cold = answering = switched = sent_all = over = False
    expects_body = True
    _pending: list[bytes] | None = None
    _pending_size = _attempts = _dials = 0

    def __init__(
        self, calls: Calls, function: Function, head: bytes, sink: Sink, *,
        repeatable: bool = False, upgrade: bytes = b"", tag: str = "", asynchronous: bool = False,
        call_id: bytes = b"", trace: bytes = b"", span: "CallSpan | None" = None,
    ) -> None:  # fmt: skip
        self._calls = calls
        self._lease = Lease(function, tag)
        self.head = head
        self.sink = sink
        self._repeatable = repeatable
        self.upgrade = upgrade
        self.asynchronous = asynchronous
        self.call_id = call_id
        self.trace = trace
        self._span = span
        self.begun = monotonic()
        self.deadlines = Deadlines(self._lease.pool.revision, self.begun, calls.start_limit)

    # The way to a replica.

    def start(self) -> None:
        """Ask for a replica."""
        self._calls.open.add(self)
        self._calls.metrics.started(self._lease.function)
        self._lease.acquire(self)

    def resume(self, upstream: UpstreamConnection, begun: float, *, instead_of: object) -> None:
        """Take over what another had begun: it was sent whole, and the replica counts it."""
        replica = upstream.replica
        self.begun = self.assigned_at = begun
        self._lease.pool, self._lease.replica = replica.pool, replica
        self.deadlines = Deadlines(replica.pool.revision, begun, self._calls.start_limit)
        self.served_by, self.upstream = replica.instance.id, upstream
        if upstream.call is instead_of:
            upstream.call = self
        self._calls.open.add(self)

    def ordinary(self) -> "Call":
        """Return itself: it is no plain one."""
        return self

    def assign(self, replica: Replica) -> None:
        """Take an open connection to the replica that is there, or open one."""
        self._lease.replica = replica
        self.assigned_at = self.deadlines.heard = monotonic()
        self.served_by = replica.instance.id
        if replica.fresh:
            self.cold, replica.fresh = True, False
        upstream = idle.take(replica)
        if upstream is not None:
            self._attach(upstream)
        else:
            self._calls.spawn(self._connect(replica))

    def reject(self, error: GatewayError) -> None:
        """Close the call: there is no replica to be had."""
        self._close(error)

    def reroute(self) -> None:
        """Ask for a replica of the revision that gets requests now."""
        self._lease.acquire(self)

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
        """Try another replica, whatever the call is: this one took no connection."""
        if not isinstance(error, TimeoutError):  # else it may be no more than busy
            replica.pool.withdraw(replica)
        self._dials += 1
        if self._dials == _MOST_DIALS:
            self._close_lost(error)
        else:
            self._try_another()

    def _try_another(self) -> None:
        self._lease.release()
        self._lease.acquire(self)

    def _attach(self, upstream: UpstreamConnection) -> None:
        self.upstream = upstream
        if not self._pending:
            upstream.begin(self, self.head)
            return
        upstream.begin(self, b"".join((self.head, *self._pending)))
        if not self._repeatable:
            self._pending = None
        if self._pending_size > _BODIES_HELD:
            self.sink.pace(full=False)

    def forward(self, data: bytes) -> None:
        """Send bytes on as they are, or keep them until there is a replica."""
        if self.over:
            return
        if self.upstream is not None:
            self.upstream.transport.write(data)
            return
        if self._pending is None:
            self._pending = []
        self._pending.append(data)
        self._pending_size += len(data)
        if self._pending_size > _BODIES_HELD:
            self.sink.pace(full=True)

    # The answer.

    def answer(self, status: int, headers: Headers) -> bool:
        """Take the answer's head; return whether its end can be told without a close."""
        replica = self._lease.replica
        if replica is not None:
            replica.answers += 1
            replica.stalled = False
        if self.cold:
            seconds = monotonic() - self.assigned_at
            self._calls.metrics.cold_part(self.function_label, "first_answer", seconds)
        self.answering = True
        self.status = status
        bodiless = status in BODILESS or self.head.startswith(b"HEAD ")
        self.expects_body = not bodiless
        return self.sink.head(status, headers, bodiless=bodiless)

    def whole(self, fields: AnswerFields, body: bytes) -> bool:
        """Take an answer that came in one piece; return whether its end can be told."""
        framed = self.answer(fields.status, fields)
        self.sink.body(body)
        return framed

    def switch(self, data: bytes) -> None:
        """Take the first bytes of the new protocol; from here on bytes go both ways as they are."""
        self.switched = True
        self.deadlines.whole = math.inf
        sink = self.sink
        sink.body(data)
        sink.flush()
        sink.switch()

    # How it ends.

    def answer_ended(self) -> None:
        """Note that the answer is whole."""
        if not self.over:
            self._leave().ended()
            self._account(self.status)

    def upstream_lost(self, error: Exception | None) -> None:
        """Note that the connection broke before the answer was whole."""
        if self.over:
            return
        upstream, self.upstream = self.upstream, None
        if upstream is not None and upstream.was_dropped:
            upstream.replica.pool.withdraw(upstream.replica)  # others take over
        fate = self._lease.fate
        hung = fate is not None and fate.cause == "hung"  # by this call, for all that is known
        if self._repeatable and not self.answering and self._attempts == 0 and not hung:
            self._attempts = 1
            self._try_another()
            return
        self._close_lost(error)

    def check_time(self, now: float) -> None:
        """Give up when the function's time is over."""
        if self.upstream is not None:
            self.upstream.check_time(now)
        lease = self._lease
        waiting, starting = lease.replica is None, not lease.pool.replicas
        overdue = self.deadlines.passed(
            now, waiting=waiting, starting=starting, begun=self.answering
        )
        if overdue is not None:
            self.give_up(*overdue)

    def give_up(self, kind: type[GatewayError], what: str) -> None:
        """End the call from our side; its replica is watched until it has ended it, too."""
        upstream, replica = self.upstream, self._lease.replica
        notices = self.answering or not self.sent_all  # that nobody listens
        if upstream is not None and replica is not None and not notices:
            upstream.call = None
            upstream.go_on()
            self._calls.overran(replica, upstream)
        self._close(refusals.late(self._lease.function.name, kind, what))

    def abandon(self) -> None:
        """Note that the one who asked is gone."""
        if not self.over:
            self._leave()
            self._account(499)

    def _close_lost(self, error: Exception | None) -> None:
        self._close(refusals.lost(self._lease.function, self._lease.fate, error))

    def _close(self, error: GatewayError) -> None:
        if not self.over:
            self._leave().failed(error)
            self._account(self.status if self.switched else status_of(type(error)))

    def _leave(self) -> Sink:
        """Let go of everything, so that no circle keeps it; return the sink, for its last word."""
        self.over = True
        self._calls.open.discard(self)
        if self.upstream is not None and self.upstream.call is self:
            self.upstream.drop()
        self.upstream = None
        self._lease.end(self)
        sink, self.sink = self.sink, NOWHERE
        return sink

    # What is told of it.

    @property
    def function_label(self) -> str:
        """Name and namespace of the function."""
        return self._lease.function.label

    @property
    def function(self) -> Function:
        """Whom it is for."""
        return self._lease.function

    @property
    def revision_name(self) -> str:
        """The revision whose turn it was."""
        return self._lease.pool.revision.name

    def _account(self, status: int) -> None:
        calls, seconds = self._calls, monotonic() - self.begun
        calls.metrics.finished(self._lease.function, status, seconds)
        calls.access.note(self, status, seconds)
        if self._span is not None:
            self._span.end(self, status)
