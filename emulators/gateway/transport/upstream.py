"""Connections to replicas, kept open between requests."""

import asyncio
from typing import TYPE_CHECKING, Any

import httptools

from emulators.gateway.service.pool import Replica

if TYPE_CHECKING:
    from emulators.gateway.runtimes.base import Address
    from emulators.gateway.transport.call import Call
    from emulators.gateway.transport.http import Headers

CONNECT_LIMIT = 5.0


class UpstreamConnection(asyncio.Protocol):
    """One connection to a replica; carries one call at a time.

    Args:
        replica: Whom it leads to.
    """

    __slots__ = (
        "_complete", "_framed", "_head_done", "_headers", "_keep", "_parser", "_paused",
        "_tunnel", "call", "replica", "transport",
    )  # fmt: skip

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.call: Call | None = None
        self.transport: Any = None
        self._parser = httptools.HttpResponseParser(self)
        self._headers: Headers = []
        self._complete = False
        self._head_done = False
        self._framed = False
        self._keep = False
        self._tunnel = False
        self._paused = False

    # What a call does with it.

    def begin(self, call: "Call", data: bytes) -> None:
        """Sends the first bytes of a call."""
        self.call = call
        self._complete = self._head_done = False
        self.transport.write(data)

    def hold_back(self) -> None:
        """The one who asked cannot take more for now."""
        if not self.transport.is_closing():
            self._paused = True
            self.transport.pause_reading()

    def go_on(self) -> None:
        """The one who asked can take more."""
        if self._paused and not self.transport.is_closing():
            self._paused = False
            self.transport.resume_reading()

    def drop(self) -> None:
        """Its call is given up: what is still on its way is of no use."""
        self.call = None
        self.transport.abort()

    def close(self) -> None:
        """Closes it when nothing is on it."""
        if self.call is None:
            self.transport.close()

    # asyncio's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Joins the replica's connections."""
        self.transport = transport
        self.replica.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Feeds the answer to the call, in one piece for each piece received."""
        call = self.call
        if call is None:
            self.transport.abort()
            return
        call.deadlines.heard = call.front.clock
        if self._tunnel:
            call.tunnelled(data)
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._tunnel = True
            call.switched(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError as error:
            if not self._complete:
                self.call = None
                self.transport.abort()
                call.upstream_lost(error)
                return
            self._framed = False
        if self._complete:
            self._finish(call)
        else:
            call.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leaves the replica; a call on it learns of it."""
        self.replica.connections.discard(self)
        call, self.call = self.call, None
        if call is None:
            if self in self.replica.idle:
                self.replica.idle.remove(self)
        elif self._head_done and not self._framed and exc is None:
            call.response_end()
        else:
            call.upstream_lost(exc)

    def pause_writing(self) -> None:
        """The replica takes no more for now."""
        if self.call is not None:
            self.call.upstream_full(full=True)

    def resume_writing(self) -> None:
        """The replica takes more."""
        if self.call is not None:
            self.call.upstream_full(full=False)

    # The parser's side.

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collects a field (those after the body are dropped)."""
        if not self._head_done:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Hands the head to the call; interim answers are dropped."""
        status = self._parser.get_status_code()
        headers, self._headers = self._headers, []
        call = self.call
        if call is None or (status < 200 and status != 101):
            return
        self._head_done = True
        self._keep = self._parser.should_keep_alive()  # it has forgotten at the message's end
        call.answer_begins()
        self._framed = call.response_head(status, headers)
        if not call.expects_body:
            self._complete = True

    def on_body(self, data: bytes) -> None:
        """Hands a piece of the body to the call."""
        if self.call is not None and self._head_done:
            self.call.response_body(data)

    def on_message_complete(self) -> None:
        """The answer is whole (or was an interim one)."""
        if self._head_done:
            self._complete = True

    def _finish(self, call: "Call") -> None:
        self.call = None
        reusable = self._framed and call.sent_all and self._keep
        if not call.expects_body:  # the parser may wait for a body that never comes
            self._parser = httptools.HttpResponseParser(self)
        if reusable and not self.replica.draining:
            self.go_on()
            self.replica.idle.append(self)
        else:
            self.transport.close()
        call.response_end()


async def connect(replica: Replica) -> UpstreamConnection:
    """Opens a connection to a replica.

    Raises:
        OSError: When it does not accept one.
        TimeoutError: When it does not in time.
    """
    address: Address = replica.instance.address
    loop = asyncio.get_running_loop()

    def factory() -> UpstreamConnection:
        return UpstreamConnection(replica)

    if address.path:
        _, connection = await loop.create_unix_connection(factory, address.path)
        return connection
    async with asyncio.timeout(CONNECT_LIMIT):
        _, connection = await loop.create_connection(factory, address.host, address.port)
    return connection
