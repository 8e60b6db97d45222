"""The same over one request: questions as lines of its body, answers as server-sent events."""

from collections.abc import Iterator
from contextlib import suppress
from typing import IO

import gevent
import msgspec
from gevent.queue import Empty, Full, Queue

from web.http.events import ALIVE, event
from web.realtime import messages
from web.realtime.closing import Closed, Code, Finished, Gone
from web.realtime.conversation import Conversation
from web.realtime.limits import Limits

RETRY = "retry: 2000\n\n"
END = "end"


class EventStream:
    """A body that is read line by line, and events that are taken one by one.

    Args:
        body: what the caller sends, for as long as it likes.
        limits: of messages and of time.
    """

    def __init__(self, body: IO[bytes], limits: Limits) -> None:
        self._body = body
        self._limits = limits
        self._lines: Queue[bytes | Exception] = Queue(1)
        self._events: Queue[str | None] = Queue(limits.in_flight)
        self._taken = True

    def receive(self) -> bytes | None:
        """Return the next line; None where none came for a tick.

        Raises:
            Finished: there are no more.
            Closed: it is longer than a message may be.
            Gone: the body breaks off.
        """
        try:
            line: bytes | Exception = self._lines.get(timeout=self._limits.tick)
        except Empty:
            return None
        if isinstance(line, Exception):
            raise line
        return line

    def send(self, text: bytes) -> None:
        """Give an answer out, once those before it are taken; raises Gone where nobody does."""
        told = msgspec.json.decode(text, type=messages.Told)
        self._give(event(text.decode(), told.name, str(told.id)))

    def events(self, conversation: Conversation, first: bytes) -> Iterator[str]:
        """Yield the events of a conversation over this stream, beginning with `first`."""
        reading = gevent.spawn(self._read)
        answering = gevent.spawn(self._answer, conversation)
        try:
            yield RETRY + event(first.decode(), "ready")
            yield from self._given()
        finally:
            self._taken = False
            gevent.killall([reading, answering])

    def _given(self) -> Iterator[str]:
        while True:
            try:
                found = self._events.get(timeout=self._limits.ping)
            except Empty:
                yield ALIVE
                continue
            if found is None:
                return
            yield found

    def _read(self) -> None:
        """Read lines, one ahead of who takes them: the rest waits at the sender."""
        most = self._limits.message_bytes
        try:
            while len(line := self._body.readline(most + 1)) <= most:
                if not line:
                    self._lines.put(Finished())
                    return
                if line.strip():
                    self._lines.put(line)
            self._lines.put(Closed(Code.TOO_LARGE, f"A line may have {most} bytes."))
        except (OSError, ValueError):  # the caller has gone, or sends what is no HTTP
            self._lines.put(Gone())

    def _answer(self, conversation: Conversation) -> None:
        with suppress(Gone):
            try:
                conversation.hold()
                self._give(event("{}", END))
            except Closed as why:
                told = {"code": int(why.code), "reason": why.reason}
                self._give(event(msgspec.json.encode(told).decode(), "closed"))
        with suppress(Gone):
            self._give(None)

    def _give(self, text: str | None) -> None:
        """Put an event where it is taken from; the sender of questions waits as long as this."""
        waited = 0.0
        while self._taken and waited < self._limits.stalled:
            try:
                self._events.put(text, timeout=self._limits.tick)
            except Full:
                waited += self._limits.tick
            else:
                return
        raise Gone
