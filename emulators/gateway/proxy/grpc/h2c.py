"""Connections to gRPC services (port name ``h2c``), passed on as they are."""

import asyncio
import math
from time import monotonic
from typing import Any

import structlog

from emulators.gateway.errors import GatewayError, Invalid, TooSlow
from emulators.gateway.http.connection import HEAD_LIMIT, LINGER
from emulators.gateway.http.heads import refusal
from emulators.gateway.proxy.calls import Calls
from emulators.gateway.proxy.replicas.dialling import CONNECT_LIMIT
from emulators.gateway.proxy.replicas.lease import Lease
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.replicas.pool import Replica

log = structlog.get_logger()

_HELD_BYTES = 64 * 1024  # of a client that sends while no replica is there
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"  # RFC 9113, section 3.4


class Tunnel(asyncio.Protocol):
    """One client's connection, and the one to a replica behind it.

    It counts as one request of the replica for as long as it is open; one on which nothing moves
    for the revision's window is closed (gRPC clients open another), so that replicas can go.

    What does not begin with HTTP/2's preface reaches no replica: a page in a browser cannot send
    it, and could call a program that speaks HTTP/1.1 as well, past all that is asked of pages.

    Args:
        calls: What all calls share.
        function: Whom it is for.
    """

    def __init__(self, calls: Calls, function: Function) -> None:
        self._calls = calls
        self._function = function
        self._lease = Lease(function)
        self._client: Any = None
        self._far: _Far | None = None
        self._early = bytearray()
        self._known = self._lingering = False  # it speaks HTTP/2; it was told that it does not
        self._deadline = math.inf
        self.over = False
        self.moved_at = monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the preface."""
        self._client = transport
        self._deadline = monotonic() + HEAD_LIMIT
        self._calls.tunnels.add(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes of the client."""
        self.touch()
        if self._far is not None:
            self._far.transport.write(data)
            return
        if self._lingering:
            return
        self._early += data
        if len(self._early) > _HELD_BYTES:
            self._client.pause_reading()
        if not self._known:
            self._look()

    def _look(self) -> None:
        """Ask for a replica once the preface is whole; refuse what is none."""
        begun = bytes(self._early[: len(_PREFACE)])
        if not _PREFACE.startswith(begun):
            self._refuse(
                Invalid(
                    f"{self._function.label} speaks gRPC (HTTP/2 in clear) here",
                    "call it with a gRPC client, or begin with HTTP/2's preface",
                )
            )
        elif len(begun) == len(_PREFACE):
            self._known, self._deadline = True, math.inf
            self._lease.acquire(self)

    def _refuse(self, error: GatewayError) -> None:
        """Answer in HTTP/1.1; close once that was read, and throw away what else comes."""
        self._lingering = True
        self._early.clear()
        self._deadline = monotonic() + LINGER
        self._client.write(refusal(error, close=True))
        self._client.write_eof()
        self._client.resume_reading()

    def touch(self) -> None:
        """Note that something moved."""
        self.moved_at = monotonic()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the interface's
        """Note that the client is gone."""
        self.end()

    def pause_writing(self) -> None:
        """Hold the replica back: the client takes no more for now."""
        if self._far is not None:
            self._far.transport.pause_reading()

    def resume_writing(self) -> None:
        """Let the replica go on: the client takes more."""
        if self._far is not None and not self._far.transport.is_closing():
            self._far.transport.resume_reading()

    # The pool's side.

    def assign(self, replica: Replica) -> None:
        """Connect to the replica that is there."""
        self._lease.replica = replica
        self._calls.spawn(self._connect(replica))

    def reroute(self) -> None:
        """Ask for a replica of the revision that gets requests now."""
        self._lease.acquire(self)

    def reject(self, error: GatewayError) -> None:
        """Close: there will be no replica, and HTTP/2 has no word for it before its preface."""
        log.warning("connection refused", function=self._function.label, reason=error.message)
        self.end()

    async def _connect(self, replica: Replica) -> None:
        address, loop = replica.instance.address, asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_LIMIT):
                _, far = await loop.create_connection(
                    lambda: _Far(self, self._client), address.host, address.port
                )
        except (OSError, TimeoutError) as error:
            log.warning(
                "replica takes no connection", replica=replica.instance.id, error=str(error)
            )
            self.end()
            return
        if self.over:
            far.transport.close()
            return
        self._far = far
        far.transport.write(bytes(self._early))
        self._early.clear()
        self._client.resume_reading()

    def client_full(self, *, full: bool) -> None:
        """Let the replica's pace decide the client's."""
        if not self._client.is_closing():
            if full:
                self._client.pause_reading()
            else:
                self._client.resume_reading()

    def check_time(self, now: float) -> None:
        """Close what has been idle for the revision's window, or is late with its preface."""
        if self._known:
            if now - self.moved_at > self._lease.pool.revision.scaling.window:
                self.end()
        elif now > self._deadline:
            if self._lingering:
                self.end()
            else:
                late = "HTTP/2's preface took too long"
                self._refuse(TooSlow(late, "send it at once"))

    def end(self) -> None:
        """Close both sides and give the replica back."""
        if self.over:
            return
        self.over = True
        self._calls.tunnels.discard(self)
        self._client.close()
        if self._far is not None:
            self._far.transport.close()
        self._lease.end(self)


class _Far(asyncio.Protocol):
    """The replica's side of a tunnel."""

    def __init__(self, tunnel: Tunnel, client: Any) -> None:
        self._tunnel = tunnel
        self._client = client
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._tunnel.touch()
        self._client.write(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the interface's
        self._tunnel.end()

    def pause_writing(self) -> None:
        self._tunnel.client_full(full=True)

    def resume_writing(self) -> None:
        self._tunnel.client_full(full=False)
