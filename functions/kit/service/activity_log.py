"""Tells of every request, in batches and behind the callers' backs.

A request pays for a tuple at the end of a queue. A thread that begins with the first of them takes
what is there after a pause, or as soon as it makes a batch, and sends it until it is taken. What is
more than MOST is not kept but counted, and the number goes with the next batch.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from uuid import uuid4
from weakref import WeakSet

import structlog

from functions.kit.contract.activity import MOST_LINES, Batch, Note, line_of
from functions.kit.contract.errors import DomainError, Transient

log = structlog.get_logger()

MOST = 20_000
"""Lines that wait at most, about ten megabytes of them."""
# Seconds.
PAUSE = 1.0
FIRST_WAIT, LONGEST_WAIT = 0.5, 10.0
SEND_WITHIN = 30.0
CLOSE_WITHIN = 5.0
"""What a process that ends may take to tell the rest."""
CLOSE_TRIES = 3
"""How often it tries a batch: where the whole system ends, nobody is there any more."""
_NEVER = 1 << 62  # lines for which the thread is to be woken

Send = Callable[[Batch, float], None]
"""Gives a batch to whoever keeps it, within so many seconds; raises DomainError."""


class ActivityLog:
    """Takes notes, and sends them.

    Args:
        send: gives a batch to `accounts`.
        pause: seconds between a line and its batch, unless that is full before.
        most: lines that wait.
        first_wait: seconds until a batch that was not taken is sent again; then twice as long,
            up to LONGEST_WAIT.
    """

    def __init__(
        self,
        send: Send,
        pause: float = PAUSE,
        most: int = MOST,
        first_wait: float = FIRST_WAIT,
    ) -> None:
        self._send = send
        self._pause = pause
        self._most = most
        self._first_wait = first_wait
        self._begin()
        _all.add(self)

    def _begin(self) -> None:
        """Be as new; a fork begins so, for what its parent noted is its parent's to tell."""
        self._notes: deque[Note] = deque()
        self._lost = 0
        self._counting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._awake = threading.Event()
        self._ends_at: float | None = None
        # The thread says how many lines it wants to be woken for, before it looks how many there
        # are; who notes adds a line before it looks at this. So one of them sees the other.
        self._wanted = 1

    def note(self, note: Note) -> None:
        """Take a note; never fails, and never waits for anything outside."""
        notes = self._notes
        if len(notes) >= self._most:
            self._lose(1)
            return
        notes.append(note)
        if len(notes) >= self._wanted:
            self._wake()

    def close(self, within: float = CLOSE_WITHIN) -> None:
        """Tell what is left, and end: after so many seconds whatever is left by then is lost."""
        thread = self._thread
        if thread is None:
            return
        self._ends_at = time.monotonic() + within
        self._awake.set()
        thread.join(within)
        left = len(self._notes) + self._lost
        if left or thread.is_alive():
            log.warning("activity lost at the end", lines=left, sending=thread.is_alive())

    def _lose(self, lines: int) -> None:
        with self._counting:
            self._lost += lines

    def _wake(self) -> None:
        self._wanted = _NEVER
        if self._thread is None:
            self._start()
        self._awake.set()

    def _start(self) -> None:
        with self._starting:
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._run, name="activity", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # no room for another thread: the next note tries again
                log.warning("activity not told", error=str(error))
                self._wanted = len(self._notes) + MOST_LINES
                return
            self._thread = thread

    def _run(self) -> None:
        while self._gather():
            self._deliver(self._cut())

    def _gather(self) -> bool:
        """Wait until there is something to tell, and then for more; False at the end."""
        self._sleep_until(1, None)
        self._sleep_until(MOST_LINES, self._pause)
        return bool(self._notes) and not self._is_late()

    def _sleep_until(self, lines: int, timeout: float | None) -> None:
        """Sleep until so many lines are there, or it is time to end."""
        end = None if timeout is None else time.monotonic() + timeout
        while self._ends_at is None:
            self._awake.clear()
            self._wanted = lines
            if len(self._notes) >= lines or self._ends_at is not None:
                break
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                break
            self._awake.wait(left)
        self._wanted = _NEVER

    def _cut(self) -> Batch:
        count = min(len(self._notes), MOST_LINES)
        lines = [line_of(self._notes.popleft()) for _ in range(count)]
        with self._counting:
            lost, self._lost = self._lost, 0
        if lost:
            log.warning("activity lost", lines=lost)
        return Batch(uuid4().hex, lines, lost)

    def _deliver(self, batch: Batch) -> None:
        """Send a batch until it is taken, or refused for good, or it is time to end."""
        wait, last_tries = self._first_wait, 0
        while not self._is_sent(batch):
            last_tries += self._ends_at is not None
            if last_tries >= CLOSE_TRIES or self._is_late():
                self._lose(len(batch.lines) + batch.lost)
                self._ends_at = time.monotonic()  # the next batch would fare no better
                return
            self._awake.clear()
            self._awake.wait(min(wait, self._left()))
            wait = min(2 * wait, LONGEST_WAIT) if self._ends_at is None else self._first_wait

    def _is_sent(self, batch: Batch) -> bool:
        """Tell whether there is nothing more to do about a batch."""
        try:
            self._send(batch, min(SEND_WITHIN, self._left()))
        except Transient as error:
            log.warning("activity not taken yet", lines=len(batch.lines), error=error.detail)
            return False
        except DomainError as error:
            self._give_up(batch, error.detail)
        except Exception as error:  # noqa: BLE001 - a log fails nobody; it is told of, and counted
            self._give_up(batch, repr(error))
        return True

    def _give_up(self, batch: Batch, reason: str) -> None:
        log.error("activity refused", lines=len(batch.lines), reason=reason)
        self._lose(len(batch.lines) + batch.lost)

    def _left(self) -> float:
        return _NEVER if self._ends_at is None else max(0.05, self._ends_at - time.monotonic())

    def _is_late(self) -> bool:
        return self._ends_at is not None and time.monotonic() >= self._ends_at


_all: "WeakSet[ActivityLog]" = WeakSet()


def _begin_after_fork() -> None:
    for one in _all:
        one._begin()  # noqa: SLF001 - the class is of this module


os.register_at_fork(after_in_child=_begin_after_fork)
