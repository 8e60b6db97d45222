"""Tells of what happens, in batches and behind the callers' backs.

A caller pays for a note at the end of a queue. A thread that begins with the first of them takes
what is there after a pause, or as soon as it makes a batch, and sends it until it is taken. What
waits for too long, or is left at the end, is put aside, where its keeper finds it later: so an end
waits for nobody's start, and starts nobody. What is more than there is room for is not kept but
counted, and the number goes with the next batch.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakSet

import structlog

from functions.kit.contract.errors import DomainError, Transient

log = structlog.get_logger()

N = TypeVar("N")
B = TypeVar("B")

# Seconds.
PAUSE = 1.0
FIRST_WAIT, LONGEST_WAIT = 0.5, 10.0
SEND_WITHIN = 30.0
CLOSE_WITHIN = 5.0
"""What a process that ends may take to put the rest aside."""
SENT_SOON = 0.1
"""How long an end waits for a batch that is on its way, before it puts that aside, too."""
_NEVER = 1 << 62  # lines for which the thread is to be woken


class Batch(NamedTuple, Generic[B]):
    """What is sent as one.

    Attributes:
        sent: it, as it travels.
        lines: how many it tells of.
        lost: how many lines before these could not be told; it tells that, too.
    """

    sent: B
    lines: int
    lost: int


class Work(NamedTuple, Generic[N, B]):
    """What a log is of, and how its batches are made and got rid of.

    Attributes:
        what: it tells of, in a word.
        cut: makes of notes, and of how many lines before them were lost, what travels.
        send: gives a batch to who keeps it, within so many seconds; raises DomainError.
        put_aside: puts batches where who keeps them finds them later; raises DomainError.
        lines_of: how many lines a note makes; None for one each.
    """

    what: str
    cut: Callable[[list[N], int], B]
    send: Callable[[B, float], None]
    put_aside: Callable[[list[B]], None]
    lines_of: Callable[[N], int] | None = None


class Bounds(NamedTuple):
    """How much waits, and for how long.

    Attributes:
        most: lines that wait; half as many are put aside.
        batch: lines of a batch, but that a note is not parted.
        pause: seconds between a line and its batch, unless that is full before.
        first_wait: seconds until a batch that was not taken is sent again; then twice as long,
            up to LONGEST_WAIT.
    """

    most: int
    batch: int
    pause: float = PAUSE
    first_wait: float = FIRST_WAIT


class BatchingLog(Generic[N, B]):
    """Takes notes, and sends them.

    Args:
        work: what is done with them.
        bounds: how much of them waits.
    """

    def __init__(self, work: Work[N, B], bounds: Bounds) -> None:
        self._work = work
        self._bounds = bounds
        self._most = bounds.most
        self._begin()
        _all.add(self)

    def _begin(self) -> None:
        """Be as new; a fork begins so, for what its parent noted is its parent's to tell."""
        self._notes: deque[N] = deque()
        self._beyond = 0  # lines of notes that make more than one, but for the first of each
        self._held: deque[Batch[B]] = deque()  # made of notes, and nobody's yet
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

    def note(self, note: N, lines: int = 1) -> None:
        """Take a note that makes so many lines; never fails, never waits for anything outside."""
        if not self.offer(note, lines):
            self._lose(lines)

    def offer(self, note: N, lines: int = 1) -> bool:
        """As `note`; tell whether there was room for it, and count nothing where there was none."""
        notes = self._notes
        if len(notes) + self._beyond + lines > self._most:
            return False
        if lines > 1:
            with self._counting:
                self._beyond += lines - 1
        notes.append(note)
        if len(notes) + self._beyond >= self._wanted:
            self._wake()
        return True

    def close(self, within: float = CLOSE_WITHIN) -> None:
        """Put what is left aside, and end: after so many seconds in any case."""
        if not (self._notes or self._held):
            return
        self._ends = True
        self._awake.set()
        last = threading.Thread(target=self._put_rest_aside, name="log-end", daemon=True)
        last.start()
        last.join(within)
        left = sum(batch.lines for batch in self._held) + self._waiting()
        if left + self._lost:
            log.warning("lines lost at the end", of=self._work.what, lines=left + self._lost)

    def _waiting(self) -> int:
        return len(self._notes) + self._beyond

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
            thread = threading.Thread(target=self._run, name=self._work.what, daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # no room for another thread: the next note tries again
                log.warning("lines not told", of=self._work.what, error=str(error))
                self._wanted = self._waiting() + self._bounds.batch
                return
            self._thread = thread

    def _run(self) -> None:
        while not self._ends:
            self._sleep_until(1, None)
            self._sleep_until(self._bounds.batch, self._bounds.pause)
            if not self._ends:
                self._hold(self._bounds.batch)
                self._deliver()

    def _sleep_until(self, lines: int, timeout: float | None) -> None:
        """Sleep until so many lines are there, or it is time to end."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self._ends:
            self._awake.clear()
            self._wanted = lines
            if self._waiting() >= lines or self._ends:
                break
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                break
            self._awake.wait(left)
        self._wanted = _NEVER

    def _hold(self, most: int) -> None:
        """Make batches of what waits, of at most so many lines."""
        with self._holding:
            left = min(self._waiting(), most)
            while left > 0 and self._notes:
                batch = self._cut(min(left, self._bounds.batch))
                left -= batch.lines
                self._held.append(batch)

    def _cut(self, most: int) -> Batch[B]:
        """Make a batch of so many lines, or of the notes that come to more."""
        notes, lines = self._taken(most)
        with self._counting:
            lost, self._lost = self._lost, 0
            self._beyond -= lines - len(notes)
        if lost:
            log.warning("lines lost", of=self._work.what, lines=lost)
        return Batch(self._work.cut(notes, lost), lines, lost)

    def _taken(self, most: int) -> tuple[list[N], int]:
        lines_of, notes, lines = self._work.lines_of, [], 0
        while lines < most and self._notes:
            note = self._notes.popleft()
            notes.append(note)
            lines += 1 if lines_of is None else lines_of(note)
        return notes, lines

    def _deliver(self) -> None:
        """Send what is held until it is taken, refused for good, or put aside; or until the end."""
        held, wait = self._held, self._bounds.first_wait
        while held and not self._ends:
            if self._is_sent(held[0]):
                held.popleft()
                wait = self._bounds.first_wait
            elif not self._are_too_many_aside(held):
                crowd = self._most // 2 if len(held) == 1 else _NEVER
                self._sleep_until(crowd, wait)
                wait = min(2 * wait, LONGEST_WAIT)

    def _are_too_many_aside(self, held: deque[Batch[B]]) -> bool:
        """Put aside what is held if too much waits behind it, or did; tell whether that is done."""
        if len(held) == 1 and self._waiting() >= self._most // 2:
            self._hold(self._most)
        batches = list(held)
        if len(batches) == 1 or self._ends or not self._is_put_aside(batches):
            return False
        for _ in batches:
            held.popleft()
        return True

    def _is_put_aside(self, batches: list[Batch[B]]) -> bool:
        """Put batches aside; tell whether that is done."""
        try:
            self._work.put_aside([batch.sent for batch in batches])
        except Exception as error:  # noqa: BLE001 - a log fails nobody; what is held stays so
            log.warning("lines not put aside", of=self._work.what, error=repr(error))
            return False
        return True

    def _is_sent(self, batch: Batch[B]) -> bool:
        """Tell whether there is nothing more to do about a batch."""
        try:
            self._work.send(batch.sent, SEND_WITHIN)
        except Transient as error:
            log.warning(
                "lines not taken yet", of=self._work.what, lines=batch.lines, error=error.detail
            )
            return False
        except DomainError as error:
            self._give_up(batch, error.detail)
        except Exception as error:  # noqa: BLE001 - a log fails nobody; it is told of, and counted
            self._give_up(batch, repr(error))
        return True

    def _give_up(self, batch: Batch[B], reason: str) -> None:
        log.error("lines refused", of=self._work.what, lines=batch.lines, reason=reason)
        self._lose(batch.lines + batch.lost)


_all: "WeakSet[BatchingLog[Any, Any]]" = WeakSet()


def _begin_after_fork() -> None:
    for one in _all:
        one._begin()  # noqa: SLF001 - the class is of this module


os.register_at_fork(after_in_child=_begin_after_fork)
