"""What all connections share: the plane, the clock, and who answers what."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

import structlog

from emulators.gateway.errors import GatewayError, NotFound
from emulators.gateway.http.access_log import AccessLog
from emulators.gateway.http.buffered import (
    Answer,
    BufferedExchange,
    Incoming,
    RefusedExchange,
)
from emulators.gateway.http.connection import ClientConnection
from emulators.gateway.http.exchange import Exchange
from emulators.gateway.http.heads import Request
from emulators.gateway.metrics import Metrics
from emulators.gateway.model.routing import Router, named_host, origin_form
from emulators.gateway.proxy.client_call import ProxyCall
from emulators.gateway.service.plane import Plane
from emulators.gateway.service.pool import Replica

if TYPE_CHECKING:
    from emulators.gateway.proxy.call import Call
    from emulators.gateway.proxy.h2c import Tunnel
    from emulators.gateway.spans import Spans

log = structlog.get_logger()

SWEEP_SECONDS = 0.5
Handler = Callable[[Incoming], Awaitable[Answer]]


class Front:
    """Makes the exchange for each request and keeps time for all.

    Args:
        plane: The functions.
        metrics: Where calls are counted.
        start_limit: Seconds a call waits for a first replica.
        access: Where calls are logged.
        router: Finds where a request goes.
    """

    def __init__(
        self, plane: Plane, metrics: Metrics, start_limit: float, access: AccessLog, router: Router
    ) -> None:
        self.access = access
        self.router = router
        self.spans: Spans | None = None  # where they are exported
        self.plane = plane
        self.metrics = metrics
        self.start_limit = start_limit
        self.closing = False
        self.calls: set[Call] = set()
        self.tunnels: set[Tunnel] = set()
        self.connections: set[ClientConnection] = set()
        self.admin: Handler = _nothing
        self.enqueue: Handler = _nothing
        self.overran: Callable[[Replica, object], None] = _let_go
        self.async_limit = 1 << 20
        self.streams: set[asyncio.Task[Any]] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def clock(self) -> float:
        """Seconds now: limits that began at an older time would be over too soon."""
        return time.monotonic()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Runs a task that nobody waits for, and keeps it from being collected."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def exchange(self, connection: ClientConnection, request: Request) -> Exchange:
        """Who answers this request?"""
        if not request.target.startswith(b"/"):
            request.host = named_host(request.target) or request.host
            request.target = origin_form(request.target)
        found = self.router.route(request.target, request.host)
        if request.origin or request.site or found.refusal is not None:
            refused = found.refusal or self.router.page_refusal(found, request)
            if refused is not None:
                return RefusedExchange(connection, request, refused, target=found.path)
        if found.kind == "other":
            request.target = found.path
            return BufferedExchange(self, connection, request, self.admin)
        if found.kind == "async" and request.method != b"POST":
            return BufferedExchange(self, connection, request, self.admin)
        try:
            function, tag = self.plane.resolve(found.name)
        except GatewayError as error:
            return RefusedExchange(connection, request, error)
        if found.kind == "function":
            return ProxyCall(self, function, connection, request, found.path, tag)
        return BufferedExchange(self, connection, request, self.enqueue, limit=self.async_limit)

    async def sweep(self) -> None:
        """Ends what is overdue, for ever."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            now = time.monotonic()
            self.access.flush()
            for connection in list(self.connections):
                connection.check_time(now)
            for call in list(self.calls):
                call.check_time(now)
            for tunnel in list(self.tunnels):
                tunnel.check_time(now)

    async def shut(self, limit: float) -> None:
        """Takes no more requests; returns when what is in flight is answered."""
        self.closing = True
        for stream in self.streams:
            stream.cancel()
        for connection in list(self.connections):
            connection.close_when_idle()
        for tunnel in list(self.tunnels):
            tunnel.end()
        if not await self._settled(limit):
            log.warning("calls given up at shutdown", calls=len(self.calls))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        for connection in list(self.connections):
            connection.close_when_idle()
        self.access.flush()
        self.access.close()

    async def _settled(self, limit: float) -> bool:
        """Waits until no call is left; False when some still are after ``limit`` seconds."""
        try:
            async with asyncio.timeout(limit):
                while self.calls:  # noqa: ASYNC110 (calls end in many places)
                    await asyncio.sleep(0.02)
        except TimeoutError:
            return False
        return True


def _let_go(replica: Replica, connection: object) -> None:
    """Without a fleet nobody waits for the end of a late call."""


async def _nothing(incoming: Incoming) -> Answer:
    raise NotFound(f"nothing answers {incoming.path}", "see the README of the gateway")
