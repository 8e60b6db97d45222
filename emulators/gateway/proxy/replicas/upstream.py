"""Connections to replicas, kept open between requests."""

import asyncio
import os
import select
import socket
import time
from typing import Any

import httptools

from emulators.gateway.http.heads import Headers, switches_to
from emulators.gateway.http.known_heads import KnownHeads
from emulators.gateway.proxy.carried import CarriedCall
from emulators.gateway.proxy.replicas import reuse
from emulators.gateway.proxy.replicas.answer_fields import AnswerFields, whole_answer
from emulators.gateway.service.replicas.pool import Replica
from emulators.gateway.service.replicas.process_state import is_gone

_ACCEPTED_WITHIN = 1.0  # seconds after which a new connection without an answer is looked into


class UpstreamConnection(asyncio.Protocol):
    """One connection to a replica; carries one call at a time.

    Args:
        replica: Whom it leads to.

    Attributes:
        proven: Whether the replica has ever said something on it.
        idle_since: When its last answer ended.
    """

    __slots__ = (
        "_complete", "_dirty", "_framed", "_fresh", "_head_done", "_headers", "_keep",
        "_known", "_opened_at", "_parser", "_paused", "_poll", "_tunnel", "call", "idle_since",
        "proven", "replica", "transport",
    )  # fmt: skip

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.call: CarriedCall | None = None
        self.transport: Any = None
        self._parser = httptools.HttpResponseParser(self)
        self._headers: Headers = []
        self._known = replica.known_answers = replica.known_answers or KnownHeads[AnswerFields]()
        self._fresh = False  # nothing of the call's answer has come
        self._complete = False
        self._head_done = False
        self._framed = False
        self._keep = False
        self._tunnel = False
        self._paused = False
        self._dirty = False  # the replica said more than one answer
        self._opened_at = self.idle_since = time.monotonic()
        self._poll: Any = None
        self.proven = False

    # What a call does with it.

    def begin(self, call: CarriedCall, data: bytes) -> None:
        """Send the first bytes of a call."""
        self.call = call
        self._fresh = self.replica.own_server
        self._complete = self._head_done = False
        self.transport.write(data)

    def hold_back(self) -> None:
        """Stop reading: the one who asked cannot take more for now."""
        if not self.transport.is_closing():
            self._paused = True
            self.transport.pause_reading()

    def go_on(self) -> None:
        """Read again: the one who asked can take more."""
        if self._paused and not self.transport.is_closing():
            self._paused = False
            self.transport.resume_reading()

    def drop(self) -> None:
        """Give the call up: what is still on its way is of no use."""
        self.call = None
        self.transport.abort()

    def close(self) -> None:
        """Close it when nothing is on it."""
        if self.call is None:
            self.transport.close()

    @property
    def was_dropped(self) -> bool:
        """Whether its loss is a sign that its replica is not well: gone, or closing without a word.

        One that was kept open may close at any time, and the gateway's own server drops none while
        it lives (but where an answer failed).
        """
        silent = not self.proven and not self.replica.own_server
        return silent or is_gone(self.replica.instance)

    def is_quiet(self) -> bool:
        """Tell whether it is still open, with nothing to read: else it is closed.

        Ask the kernel, for the loop may have bytes, or the end, still to deliver.
        """
        if not self._poll(0):
            return True
        if self._has_unread():
            reuse.distrust(self.replica)
        self.transport.abort()
        return False

    def _has_unread(self) -> bool:
        with socket.socket(fileno=os.dup(self.transport.get_extra_info("socket").fileno())) as raw:
            try:
                return bool(raw.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
            except OSError:  # reset
                return False

    def check_time(self, now: float) -> None:
        """Have idle connections closed when this one seems to wait for being accepted.

        A server that takes only so many connections takes the next when one of those ends.
        """
        waits = not self.proven and now - self._opened_at > _ACCEPTED_WITHIN
        if waits and self.replica.idle and not self.replica.own_server:
            reuse.distrust(self.replica)

    # asyncio's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Join the replica's connections."""
        self.transport = transport
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        self._poll = poll.poll
        self.replica.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Feed the answer to the call, in one piece for each piece received."""
        if self.call is None:  # of its own accord, or after its answer
            reuse.distrust(self.replica)
            self.transport.abort()
            return
        fresh, self._fresh = self._fresh, False
        whole = self._whole(data) if fresh else None
        if whole is not None:
            self._take(self.call, whole, data)
            return
        call = self.call.ordinary()
        call.deadlines.heard = time.monotonic()
        if self._tunnel:
            call.sink.body(data)
            call.sink.flush()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._tunnel = True
            call.switch(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError as error:
            if not self._complete:
                self.call = None
                self.proven = True  # it is there, if in other words
                self.transport.abort()
                call.upstream_lost(error.__context__ or error)
                return
            self._dirty = True
        if self._complete:
            self._finish(call)
        else:
            call.sink.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the replica; a call on it learns of it."""
        self.replica.connections.discard(self)
        call, self.call = self.call, None
        if call is None:
            if self in self.replica.idle:
                self.replica.idle.remove(self)
        elif (
            self._head_done
            and not self._framed
            and exc is None
            and not is_gone(self.replica.instance)
        ):
            call.answer_ended()
        else:
            call.upstream_lost(exc)

    def pause_writing(self) -> None:
        """Let the sender wait: the replica takes no more for now."""
        if self.call is not None:
            self.call.ordinary().sink.pace(full=True)

    def resume_writing(self) -> None:
        """Let the sender go on: the replica takes more."""
        if self.call is not None:
            self.call.ordinary().sink.pace(full=False)

    # The parser's side.

    def on_message_begin(self) -> None:
        """Note that an answer begins: one that nobody asked for, if the one before is whole."""
        if self._complete:
            self._dirty = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a field (those after the body are dropped)."""
        if not self._head_done:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Hand the head to the call; interim answers are dropped."""
        status = self._parser.get_status_code()
        headers, self._headers = self._headers, []
        if self.call is None or self._complete:
            return
        call = self.call.ordinary()
        if status < 200 and status != 101:
            if status < 100:
                raise ConnectionError(f"its answer has the status {status}")
            return
        if status == 101 and not (call.upgrade and switches_to(headers) == call.upgrade):
            raise ConnectionError("it changed to another protocol unasked")
        self._head_done = self.proven = True
        self._keep = self._parser.should_keep_alive()  # it has forgotten at the message's end
        self._framed = call.answer(status, AnswerFields(status, headers))
        if not call.expects_body:
            self._complete = True

    def on_body(self, data: bytes) -> None:
        """Hand a piece of the body to the call."""
        if self._complete:
            self._dirty = True
        elif self.call is not None and self._head_done:
            self.call.ordinary().sink.body(data)

    def on_message_complete(self) -> None:
        """Note that the answer is whole (or was an interim one)."""
        if self._head_done:
            self._complete = True

    def _whole(self, data: bytes) -> AnswerFields | None:
        """Return the fields of an answer that came whole; None where it is to be parsed."""
        fields = self._known.find(data)
        if fields is None:
            fields = whole_answer(data)
            if fields is not None and fields.length is not None:
                self._known.keep(data, fields.length, fields)
        return fields

    def _take(self, call: CarriedCall, fields: AnswerFields, data: bytes) -> None:
        """Take a whole answer."""
        self._head_done = self._keep = self._complete = self.proven = True
        self._framed = call.whole(fields, data[-fields.length :] if fields.length else b"")
        self._finish(call)

    def _finish(self, call: CarriedCall) -> None:
        self.call = None
        if self._dirty:
            reuse.distrust(self.replica)
        if self._ended_cleanly(call) and reuse.put_back(self):
            self.go_on()
        else:
            self.transport.close()
        call.answer_ended()

    def _ended_cleanly(self, call: CarriedCall) -> bool:
        """Tell whether both sides are through with the exchange, as far as is seen from here."""
        if self._dirty or not (self._framed and self._keep and call.sent_all):
            return False
        if not call.expects_body:
            # Programs send bodies where there is none; the parser may wait for one, too.
            self._parser = httptools.HttpResponseParser(self)
            return self.replica.own_server
        return not self.transport.get_write_buffer_size()
