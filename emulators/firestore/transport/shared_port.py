"""One port for gRPC and HTTP: the first bytes of a connection tell which it speaks (section 8).

An HTTP/2 connection begins with a preface that no HTTP/1.1 request can begin with. Its bytes are
passed on, unread, to gRPC's own listener; an HTTP/1.1 connection is answered here.

Host and Origin are checked for HTTP/1.1 alone. No page can make a browser speak gRPC: HTTP/2 comes
after a TLS handshake that agrees on it, which there is none of here, and a page cannot write raw
bytes. So an `:authority` need not be looked at, and gRPC clients may use any name for this port.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SILENCE_SECONDS = 30.0
_QUIET_SECONDS = 0.02
_PATIENT = 4 * 1024 * 1024  # bytes that may wait for a slow reader before the sender is held
_LOG = logging.getLogger(__name__)


class Sniffer(asyncio.Protocol):
    """A new connection of which nothing is known yet.

    Args:
        connect_grpc: Opens a connection to gRPC's own listener with the given protocol.
        http: Makes the protocol of an HTTP/1.1 connection.
        bridges: Is told of each connection that is passed on.
    """

    def __init__(
        self,
        connect_grpc: Callable[[Callable[[], asyncio.Protocol]], Awaitable[Any]],
        http: Callable[[], asyncio.Protocol],
        bridges: Bridges,
    ) -> None:
        self._connect_grpc = connect_grpc
        self._http = http
        self._bridges = bridges
        self._head = b""
        self._transport: Any = None
        self._timer: asyncio.TimerHandle | None = None
        self._dialing: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Give the client a while to say something."""
        self._transport = transport
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(SILENCE_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        """Decide as soon as the bytes can be told apart."""
        self._head += data
        if self._dialing is not None or PREFACE.startswith(self._head):
            return  # too few bytes to tell, or more of them before reading stopped
        if self._timer is not None:
            self._timer.cancel()
        if self._head.startswith(PREFACE):
            self._transport.pause_reading()
            self._dialing = asyncio.get_running_loop().create_task(self._splice())
        else:
            self._become(self._http(), self._head)

    def connection_lost(self, _error: Exception | None) -> None:
        """Forget a client that left early."""
        if self._timer is not None:
            self._timer.cancel()
        if self._dialing is not None:
            self._dialing.cancel()

    async def _splice(self) -> None:
        moved = self._bridges.moved
        near, far = Splice(moved), Splice(moved)
        # Joined before the connection is there: gRPC's first frame may come right with it.
        near.peer, far.peer, near.transport = far, near, self._transport
        try:
            await self._connect_grpc(lambda: far)
        except OSError:
            self._transport.close()
            return
        self._bridges.add(near, far)
        self._become(near, self._head)
        self._transport.resume_reading()

    def _become(self, protocol: asyncio.Protocol, head: bytes) -> None:
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        protocol.data_received(head)


class Splice(asyncio.Protocol):
    """One end of a connection that is passed on; what it reads, its peer writes.

    Args:
        moved: Is set when it passes something on.

    Attributes:
        deaf: Whether it drops what it reads.
        lost: Is done when the connection is lost.
    """

    def __init__(self, moved: asyncio.Event) -> None:
        self._moved = moved
        self.deaf = False
        self.peer: Splice | None = None
        self.transport: Any = None
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hold the sender only when much is waiting."""
        self.transport = transport
        self.transport.set_write_buffer_limits(high=_PATIENT)

    def data_received(self, data: bytes) -> None:
        """Pass bytes on."""
        if self.peer is not None and not self.deaf:
            self._moved.set()
            self.peer.transport.write(data)

    def pause_writing(self) -> None:
        """Read no more from the peer: this end is full."""
        if self.peer is not None:
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        """Read on from the peer."""
        if self.peer is not None:
            self.peer.transport.resume_reading()

    def connection_lost(self, _error: Exception | None) -> None:
        """End the other end when all that waits is written."""
        self.lost.set_result(None)
        peer, self.peer = self.peer, None
        if peer is not None:
            peer.transport.close()


class Bridges:
    """The connections that are passed on to gRPC."""

    def __init__(self) -> None:
        self.moved = asyncio.Event()
        self._ends: dict[Splice, Splice] = {}

    def add(self, near: Splice, far: Splice) -> None:
        """Know a connection, by the client's end and gRPC's, until the client's is lost."""
        self._ends[near] = far
        near.lost.add_done_callback(lambda _: self._ends.pop(near, None))

    async def cut(self, seconds: float) -> None:
        """End all connections: nothing goes in any more, what is on its way out still arrives.

        Args:
            seconds: How long that may take.
        """
        for near in self._ends:
            near.deaf = True
        try:
            async with asyncio.timeout(seconds):
                await self._quiet()
                await self._close()
        except TimeoutError:
            _LOG.warning("%d connections ended with answers that were not read", len(self._ends))

    async def _quiet(self) -> None:
        """Wait until gRPC, whose own threads write, has nothing more to say."""
        while True:
            self.moved.clear()
            try:
                await asyncio.wait_for(self.moved.wait(), _QUIET_SECONDS)
            except TimeoutError:
                return

    async def _close(self) -> None:
        for near, far in self._ends.items():
            far.deaf = True
            near.transport.close()
        await asyncio.gather(*(near.lost for near in self._ends))
