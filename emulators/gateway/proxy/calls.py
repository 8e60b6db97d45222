"""The calls that are being made, and what they share."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from emulators.gateway.metrics import Metrics
from emulators.gateway.proxy.told.access_log import AccessLog
from emulators.gateway.service.replicas.pool import Replica
from emulators.gateway.tasks import Tasks

if TYPE_CHECKING:  # 90 ms of imports, only where spans are exported
    from emulators.gateway.proxy.told.spans import Spans

_LOOK_SECONDS = 0.02


class Timed(Protocol):
    """What has a time limit."""

    def check_time(self, now: float) -> None:
        """End it if it has taken too long."""


class Tunnel(Timed, Protocol):
    """A connection that is passed on as it is."""

    def end(self) -> None:
        """Close both sides."""


class Calls:
    """Knows the calls and the tunnels that are open, who counts them and who writes them down.

    Args:
        metrics: Where calls are counted.
        access: Where calls are logged.
        tasks: Runs what calls wait for.
        start_limit: Seconds that a call waits for a first replica.
        overran: Told of a call that ran over its time: its replica, and its connection.
        spans: Begins a span for each call; None where none are exported.
    """

    def __init__(
        self,
        metrics: Metrics,
        access: AccessLog,
        tasks: Tasks,
        start_limit: float,
        overran: Callable[[Replica, object], None],
        spans: "Spans | None" = None,
    ) -> None:
        self.metrics = metrics
        self.access = access
        self.start_limit = start_limit
        self.overran = overran
        self.spans = spans
        self.spawn = tasks.spawn
        self.open: set[Timed] = set()
        self.tunnels: set[Tunnel] = set()

    def check_time(self, now: float) -> None:
        """End what is overdue, and write the access log.

        Args:
            now: The time by `time.monotonic`.
        """
        self.access.flush()
        for timed in (*self.open, *self.tunnels):
            timed.check_time(now)

    def end_tunnels(self) -> None:
        """Close the connections that are passed on as they are."""
        for tunnel in list(self.tunnels):
            tunnel.end()

    async def settled(self, limit: float) -> bool:
        """Wait until no call is open; return False when some still are after ``limit`` seconds."""
        try:
            async with asyncio.timeout(limit):
                while self.open:  # noqa: ASYNC110 - calls end in many places
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            return False
        return True
