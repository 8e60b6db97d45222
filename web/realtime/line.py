"""One WebSocket over a socket of the server's: whole messages in and out, and the pings between.

The protocol is the library's; sockets, time and turns are gevent's. Nothing is read that nobody
waits for, and nothing is held that the other side does not take: both sides press back by TCP.
"""

import socket
import time
from collections import deque
from collections.abc import Iterable

from gevent.lock import BoundedSemaphore
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from web.realtime.closing import Closed, Code, Gone
from web.realtime.limits import Limits

BLOCK = 65536
LINGER = 1.0
"""Seconds."""


class Line:
    """An open WebSocket.

    Args:
        sock: the connection, whose handshake is done.
        protocol: its state.
        limits: of messages and of time.
    """

    def __init__(self, sock: socket.socket, protocol: ServerProtocol, limits: Limits) -> None:
        self._sock = sock
        self._protocol = protocol
        self._limits = limits
        self._turn = BoundedSemaphore()
        self._messages: deque[bytes] = deque()
        self._pieces = bytearray()
        self._quiet = 0.0
        sock.settimeout(limits.tick)

    def receive(self) -> bytes | None:
        """Return the next message; None where none came for a tick.

        Raises:
            Closed: it was a message that is not taken.
            Gone: the other side has closed, or broken the protocol, or is not heard any more.
        """
        if not self._messages:
            self._read()
        return self._messages.popleft() if self._messages else None

    def send(self, text: bytes) -> None:
        """Send a message, whole, after those that are being sent.

        Raises:
            Gone: the other side does not take it.
        """
        with self._turn:
            if self._protocol.state is not State.OPEN:
                raise Gone
            self._protocol.send_text(text)
            self._write(self._protocol.data_to_send())

    def close(self, code: Code, reason: str) -> None:
        """Say why it ends, where that can still be said.

        Raises:
            Gone: it could not be told.
        """
        with self._turn:
            if self._protocol.state is State.OPEN:
                self._protocol.send_close(code, reason)
                self._write(self._protocol.data_to_send())

    def linger(self) -> None:
        """Let the other side close, too: what is unread when a socket closes resets it.

        Raises:
            Gone: it has gone without.
        """
        end = time.monotonic() + LINGER
        while time.monotonic() < end and self._protocol.state is not State.CLOSED:
            self._pass_over()

    def _read(self) -> None:
        """Take what has come, or count the silence."""
        try:
            data = self._sock.recv(BLOCK)
        except TimeoutError:
            self._count_silence()
            return
        except OSError as error:
            raise Gone from error
        self._quiet = 0.0
        self._feed(data)
        for frame in self._protocol.events_received():
            if isinstance(frame, Frame):
                self._take(frame)
        if self._protocol.state is not State.OPEN:
            raise Gone

    def _feed(self, data: bytes) -> None:
        """Let the protocol see what came, and send what it says to that: a pong, a close."""
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        said = self._protocol.data_to_send()
        if said:
            with self._turn:
                self._write(said)

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.BINARY:
            raise Closed(Code.BINARY, "Messages are JSON, sent as text.")
        if frame.opcode is not Opcode.TEXT and frame.opcode is not Opcode.CONT:
            return
        if frame.fin and not self._pieces:
            self._messages.append(bytes(frame.data))
            return
        self._pieces += frame.data
        if frame.fin:
            self._messages.append(bytes(self._pieces))
            self._pieces.clear()

    def _count_silence(self) -> None:
        """Ask whether the other side is there once it has been quiet for long."""
        before, self._quiet = self._quiet, self._quiet + self._limits.tick
        if before < self._limits.ping <= self._quiet:
            with self._turn:
                self._protocol.send_ping(b"")
                self._write(self._protocol.data_to_send())
        if self._quiet >= self._limits.ping + self._limits.pong:
            raise Gone

    def _write(self, pieces: Iterable[bytes]) -> None:
        """Send bytes within the time for it; the empty piece ends our side."""
        end = time.monotonic() + self._limits.stalled
        for piece in pieces:
            rest = memoryview(piece)
            try:
                while rest:
                    rest = self._send_some(rest, end)
                if not piece:
                    self._sock.shutdown(socket.SHUT_WR)
            except OSError as error:
                self._break_off()
                raise Gone from error

    def _send_some(self, rest: memoryview, end: float) -> memoryview:
        """Return what is left to send; raises TimeoutError once it takes too long."""
        try:
            return rest[self._sock.send(rest) :]
        except TimeoutError:
            if time.monotonic() > end:
                raise
            return rest

    def _break_off(self) -> None:
        """Let whoever waits for this connection know that half a message has gone out."""
        self._protocol.fail(Code.BROKEN)
        self._protocol.data_to_send()

    def _pass_over(self) -> None:
        """Read on until the other side's close; what it still asks is not answered."""
        try:
            data = self._sock.recv(BLOCK)
        except TimeoutError:
            return
        except OSError as error:
            raise Gone from error
        self._feed(data)
        self._protocol.events_received()
