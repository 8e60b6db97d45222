"""A client's connection: its requests are answered in order."""

import asyncio
import math
import socket
import struct
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any

from emulators.gateway.errors import GatewayError, TooSlow
from emulators.gateway.http.exchange import Answering, Exchange, Plain, Upgraded
from emulators.gateway.http.heads import Request, refusal
from emulators.gateway.http.reading import RequestReader
from emulators.gateway.http.server import Server

HEAD_LIMIT = 20.0  # seconds for a whole head
IDLE_LIMIT = 75.0  # seconds between requests
LINGER = 2.0  # seconds for a client to read a refusal while it still sends
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # struct linger: on, for no time


class ClientConnection(asyncio.Protocol):
    """One client's connection.

    Args:
        server: What all connections share.
        exchange: Makes the exchange that answers a request; may raise GatewayError.
        plain: Answers requests of the usual form; None: the parser reads each.

    Attributes:
        deadline: When it is closed for being idle or slow, by `time.monotonic`.
        peer: The client's address.
    """

    __slots__ = (
        "_advancing", "_body_held", "_current", "_error", "_exchange", "_lingering", "_plain",
        "_queue", "_reader", "_reading", "_receiving", "_transport", "_tunnel", "deadline", "peer",
        "server",
    )  # fmt: skip

    def __init__(
        self, server: Server, exchange: Callable[["ClientConnection", Request], Exchange],
        plain: Plain | None = None,
    ) -> None:  # fmt: skip
        self.server = server
        self._exchange = exchange
        self._plain = plain
        self._reader = RequestReader(self)
        self._transport: Any = None
        self._current: Answering | None = None
        self._receiving: Exchange | None = None
        self._queue: deque[Exchange] = deque()
        self._error: GatewayError | None = None
        self._tunnel: Upgraded | None = None
        self._advancing = self._body_held = self._lingering = False
        self._reading = True
        self.deadline = math.inf
        self.peer = b""

    # What an exchange does with it.

    def write(self, data: bytes) -> None:
        """Send bytes of an answer."""
        self._transport.write(data)

    def finished(self) -> None:
        """Go on to the next exchange: the current one's answer is written."""
        current = self._current
        assert current is not None
        self._current = None
        self._body_held = False
        if not (current.keep_alive and current.request_complete) or self.server.closing:
            self._close_gently()
            return
        self.deadline = monotonic() + IDLE_LIMIT
        if not self._advancing and (self._queue or self._error or not self._reading):
            self._advance()

    def abort(self) -> None:
        """Break it off: the answer cannot be completed, and its reader must not think it whole.

        An answer to HTTP/1.0 ends with the connection, so that only a reset tells the two apart.
        """
        self._current = None
        if not self._transport.is_closing():
            raw = self._transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._transport.abort()

    def close(self) -> None:
        """Close it once everything written has gone out."""
        self._current = None
        self._transport.close()

    def hold_body(self, *, full: bool) -> None:
        """Set whether the request's body should wait."""
        self._body_held = full
        self._pace()

    def go_on_with(self, exchange: Exchange, *, instead_of: Answering) -> None:
        """Let another answer the current request, unless it is over for this connection."""
        if self._current is instead_of:
            self._current = exchange

    def close_when_idle(self) -> None:
        """Close it unless an answer is being made."""
        if self._current is None:
            self._transport.close()

    def check_time(self, now: float) -> None:
        """Close a connection that has been idle, or slow in sending a head, for too long."""
        if now <= self.deadline:
            return
        if self._reader.in_head and not self._lingering and self._current is None:
            self._refuse(TooSlow("the request's head took too long", "send it at once"))
        else:
            self._transport.abort()

    # asyncio's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Join the others."""
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self.peer = str(peer[0]).encode() if isinstance(peer, tuple) else b"127.0.0.1"
        self.deadline = monotonic() + HEAD_LIMIT
        self.server.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Parse what is not plain, then let the next exchange begin."""
        begins = self._current is None and self._is_between_requests()
        if begins and self._answer_plain(data):
            return
        if self._lingering or self._error is not None:
            return
        if self._tunnel is not None:
            self._tunnel.tunnel(data)
            return
        try:
            rest = self._reader.feed(data)
        except GatewayError as error:
            self._refuse(error)
            return
        if rest is not None:
            self._upgraded(rest)
            return
        if self._current is None and self._queue:
            self._advance()

    def eof_received(self) -> bool:
        """Take the client for gone, as other proxies do, once it closed its side."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the interface's
        """Drop what was being done for this client."""
        self.server.connections.discard(self)
        current, self._current = self._current, None
        self._queue.clear()
        if current is not None:
            current.abandon()

    def pause_writing(self) -> None:
        """Tell the exchange that the client takes no more for now."""
        if self._current is not None:
            self._current.client_full(full=True)

    def resume_writing(self) -> None:
        """Tell the exchange that the client takes more."""
        if self._current is not None:
            self._current.client_full(full=False)

    # The reader's side.

    def request_begins(self) -> None:
        """Begin a request: its head has its time."""
        if self._current is None:
            self.deadline = monotonic() + HEAD_LIMIT

    def request_head(self, request: Request) -> None:
        """Choose who answers, now that the head is whole."""
        exchange = self._exchange(self, request)
        self.deadline = math.inf
        self._receiving = exchange
        self._queue.append(exchange)
        if self._current is not None or len(self._queue) > 1:
            self._pace()

    def request_body(self, data: bytes) -> None:
        """Take a piece of the request's body."""
        if self._receiving is not None:
            self._receiving.request_body(data)

    def request_end(self) -> None:
        """Note that the request is whole."""
        if self._receiving is not None:
            self._receiving.request_end()
            self._receiving = None

    # Its own.

    def _is_between_requests(self) -> bool:
        """Tell whether what comes next begins a request."""
        done = self._receiving is None and not self._reader.in_head
        return done and self._tunnel is None and not self._lingering

    def _answer_plain(self, data: bytes) -> bool:
        """Answer a whole request of the usual form; return False where it is to be parsed."""
        current = self._plain.begin(self, data) if self._plain is not None else None
        if current is None:
            return False
        self.deadline = math.inf
        self._current = current
        current.start()
        return True

    def _advance(self) -> None:
        self._advancing = True
        while self._queue and self._current is None and not self._lingering:
            self._current = self._queue.popleft()
            self._current.start()
        self._advancing = False
        if self._error is not None and self._current is None and not self._lingering:
            self._refuse(self._error)
        else:
            self._pace()

    def _pace(self) -> None:
        """Read on only while there is room for what may come."""
        wanted = not (self._body_held or (self._queue and self._current is not None))
        if wanted != self._reading and not self._transport.is_closing():
            self._reading = wanted
            if wanted:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

    def _upgraded(self, rest: bytes) -> None:
        """Pass a WebSocket on; any other upgrade is ignored: plain HTTP goes on."""
        if self._queue:
            self._tunnel = self._queue[-1].upgraded()
        if self._current is None and self._queue:
            self._advance()
        if rest:
            self.data_received(rest)

    def _refuse(self, error: GatewayError) -> None:
        """Answer a request that cannot be understood; the connection cannot go on after it."""
        broken, self._receiving = self._receiving, None
        if broken is not None and broken in self._queue:
            self._queue.remove(broken)
        if self._current is not None and self._current is not broken:
            self._error = error  # earlier requests are answered first
            return
        if self._queue and self._error is None:
            self._error = error
            self._advance()
            return
        if self._current is not None:
            self._current.abandon()
            self._current = None
            if broken is not None and broken.answering:
                self._transport.abort()
                return
        self.write(refusal(error, close=True))
        self._linger()

    def _close_gently(self) -> None:
        if self._receiving is None and not self._reader.in_head and self._tunnel is None:
            self._transport.close()
        else:
            self._linger()

    def _linger(self) -> None:
        """Close after the answer was read: a sender still at it must not lose the answer.

        Whatever else it sends is thrown away.
        """
        self._lingering = True
        self._body_held = False
        self.deadline = monotonic() + LINGER
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._pace()
