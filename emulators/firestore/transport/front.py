"""One port for gRPC and HTTP: the first bytes of a connection tell which it speaks (section 8).

An HTTP/2 connection begins with a preface that no HTTP/1.1 request can begin with. Its bytes are
passed on, unread, to gRPC's own listener; an HTTP/1.1 connection is answered here.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SILENCE_SECONDS = 30.0
_PATIENT = 4 * 1024 * 1024  # bytes that may wait for a slow reader before the sender is held


class Sniffer(asyncio.Protocol):
    """A new connection of which nothing is known yet.

    Args:
        connect_grpc: opens a connection to gRPC's own listener with the given protocol.
        http: makes the protocol of an HTTP/1.1 connection.
    """

    def __init__(
        self,
        connect_grpc: Callable[[Callable[[], asyncio.Protocol]], Awaitable[Any]],
        http: Callable[[], asyncio.Protocol],
    ) -> None:
        self._connect_grpc = connect_grpc
        self._http = http
        self._head = b""
        self._transport: Any = None
        self._timer: asyncio.TimerHandle | None = None
        self._dialing: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Gives the client a while to say something."""
        self._transport = transport
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(SILENCE_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        """Decides as soon as the bytes can be told apart."""
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
        """Forgets a client that left early."""
        if self._timer is not None:
            self._timer.cancel()
        if self._dialing is not None:
            self._dialing.cancel()

    async def _splice(self) -> None:
        near, far = Splice(), Splice()
        # Joined before the connection is there: gRPC's first frame may come right with it.
        near.peer, far.peer, near.transport = far, near, self._transport
        try:
            await self._connect_grpc(lambda: far)
        except OSError:
            self._transport.close()
            return
        self._become(near, self._head)
        self._transport.resume_reading()

    def _become(self, protocol: asyncio.Protocol, head: bytes) -> None:
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        protocol.data_received(head)


class Splice(asyncio.Protocol):
    """One end of a connection that is passed on; what it reads, its peer writes."""

    def __init__(self) -> None:
        self.peer: Splice | None = None
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Holds the sender only when much is waiting."""
        self.transport = transport
        self.transport.set_write_buffer_limits(high=_PATIENT)

    def data_received(self, data: bytes) -> None:
        """Passes bytes on."""
        if self.peer is not None:
            self.peer.transport.write(data)

    def pause_writing(self) -> None:
        """Reads no more from the peer: this end is full."""
        if self.peer is not None:
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        """Reads on from the peer."""
        if self.peer is not None:
            self.peer.transport.resume_reading()

    def connection_lost(self, _error: Exception | None) -> None:
        """Ends the other end when all that waits is written."""
        peer, self.peer = self.peer, None
        if peer is not None:
            peer.transport.close()
