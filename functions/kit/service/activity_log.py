"""Tells of every request, in batches and behind the callers' backs.

A request pays for a tuple at the end of a queue. A thread that begins with the first of them takes
what is there after a pause, or as soon as it makes a batch, and sends it until it is taken. What
waits for too long, or is left at the end, is put aside, where `accounts` finds it later: so an end
waits for nobody's start, and starts nobody. What is more than MOST is not kept but counted, and the
number goes with the next batch.
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
"""Lines that wait at most, about ten megabytes of them; half as many are put aside."""
# Seconds.
PAUSE = 1.0
FIRST_WAIT, LONGEST_WAIT = 0.5, 10.0
SEND_WITHIN = 30.0
CLOSE_WITHIN = 5.0
"""What a process that ends may take to put the rest aside."""
SENT_SOON = 0.1
"""How long an end waits for a batch that is on its way, before it puts that aside, too."""
_NEVER = 1 << 62  # lines for which the thread is to be woken

Send = Callable[[Batch, float], None]
"""Gives a batch to whoever keeps it, within so many seconds; raises DomainError."""
PutAside = Callable[[list[Batch]], None]
"""Puts batches where whoever keeps them finds them later; raises DomainError."""


class ActivityLog:
    """Takes notes, and sends them.

    Args:
        send: gives a batch to `accounts`.
        put_aside: puts batches where `accounts` finds them.
        pause: seconds between a line and its batch, unless that is full before.
        most: lines that wait.
        first_wait: seconds until a batch that was not taken is sent again; then twice as long,
            up to LONGEST_WAIT.
    """

    def __init__(
        self,
        send: Send,
        put_aside: PutAside,
        pause: float = PAUSE,
        most: int = MOST,
        first_wait: float = FIRST_WAIT,
    ) -> None:
        self._send = send
        self._put_aside = put_aside
        self._pause = pause
        self._most = most
        self._first_wait = first_wait
        self._begin()
        _all.add(self)

    def _begin(self) -> None:
        """Be as new; a fork begins so, for what its parent noted is its parent's to tell."""
        self._notes: deque[Note] = deque()
        self._held: deque[Batch] = deque()  # made of notes, and nobody's yet
        self._holding = threading.Lock()
        self._lost = 0
        self._counting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._awake = threading.Event()
        self._ends = False
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
        """Put what is left aside, and end: after so many seconds in any case."""
        if not (self._notes or self._held):
            return
        self._ends = True
        self._awake.set()
        last = threading.Thread(target=self._put_rest_aside, name="activity-end", daemon=True)
        last.start()
        last.join(within)
        left = sum(len(batch.lines) for batch in self._held) + len(self._notes)
        if left + self._lost:
            log.warning("activity lost at the end", lines=left + self._lost)

    def _put_rest_aside(self) -> None:
        sending = self._thread
        if sending is not None:
            sending.join(SENT_SOON)
        self._hold(self._most)
        batches = list(self._held)
        if batches and self._is_put_aside(batches):
            self._held = deque()  # the sender's, if it is still at it, are not ours any more

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
        while not self._ends:
            self._sleep_until(1, None)
            self._sleep_until(MOST_LINES, self._pause)
            if not self._ends:
                self._hold(MOST_LINES)
                self._deliver()

    def _sleep_until(self, lines: int, timeout: float | None) -> None:
        """Sleep until so many lines are there, or it is time to end."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self._ends:
            self._awake.clear()
            self._wanted = lines
            if len(self._notes) >= lines or self._ends:
                break
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                break
            self._awake.wait(left)
        self._wanted = _NEVER

    def _hold(self, most: int) -> None:
        """Make batches of at most so many notes."""
        with self._holding:
            count = min(len(self._notes), most)
            for size in (min(MOST_LINES, count - begun) for begun in range(0, count, MOST_LINES)):
                self._held.append(self._cut(size))

    def _cut(self, size: int) -> Batch:
        lines = [line_of(self._notes.popleft()) for _ in range(size)]
        with self._counting:
            lost, self._lost = self._lost, 0
        if lost:
            log.warning("activity lost", lines=lost)
        return Batch(uuid4().hex, lines, lost)

    def _deliver(self) -> None:
        """Send what is held until it is taken, refused for good, or put aside; or until the end."""
        held, wait = self._held, self._first_wait
        while held and not self._ends:
            if self._is_sent(held[0]):
                held.popleft()
                wait = self._first_wait
            elif not self._are_too_many_aside(held):
                crowd = self._most // 2 if len(held) == 1 else _NEVER
                self._sleep_until(crowd, wait)
                wait = min(2 * wait, LONGEST_WAIT)

    def _are_too_many_aside(self, held: deque[Batch]) -> bool:
        """Put aside what is held if too much waits behind it, or did; tell whether that is done."""
        if len(held) == 1 and len(self._notes) >= self._most // 2:
            self._hold(self._most)
        batches = list(held)
        if len(batches) == 1 or self._ends or not self._is_put_aside(batches):
            return False
        for _ in batches:
            held.popleft()
        return True

    def _is_put_aside(self, batches: list[Batch]) -> bool:
        """Put batches aside; tell whether that is done."""
        try:
            self._put_aside(batches)
        except Exception as error:  # noqa: BLE001 - a log fails nobody; what is held stays so
            log.warning("activity not put aside", error=repr(error))
            return False
        return True

    def _is_sent(self, batch: Batch) -> bool:
        """Tell whether there is nothing more to do about a batch."""
        try:
            self._send(batch, SEND_WITHIN)
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


_all: "WeakSet[ActivityLog]" = WeakSet()


def _begin_after_fork() -> None:
    for one in _all:
        one._begin()  # noqa: SLF001 - the class is of this module


os.register_at_fork(after_in_child=_begin_after_fork)
