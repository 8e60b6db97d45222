"""Does behind the callers' backs what they are not to wait for: little, slowly, or not at all."""

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable

import structlog

log = structlog.get_logger()

MOST = 64
MOST_ROWS = 10_000
"""What waits at most, and the rows of it."""
BEHIND = 0.005
"""Seconds between an answer and what follows it: the answer is to be out by then."""
NICE = 10
Work = Callable[[], None]


class Later:
    """One thread of low priority, busy half of the time at most.

    Args:
        most: what waits at most.
        most_rows: the rows of it at most.
    """

    def __init__(self, most: int = MOST, most_rows: int = MOST_ROWS) -> None:
        self._most = most
        self._most_rows = most_rows
        self._waiting: deque[tuple[float, int, Work]] = deque()
        self._rows = 0
        self._there = threading.Condition()
        self._thread: threading.Thread | None = None

    def do(self, rows: int, work: Work) -> bool:
        """Take what is to be done with so many rows; False where too much waits already."""
        with self._there:
            full = len(self._waiting) >= self._most or self._rows + rows > self._most_rows
            if full and self._waiting:
                return False
            self._waiting.append((time.monotonic() + BEHIND, rows, work))
            self._rows += rows
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="later", daemon=True)
                self._thread.start()
            self._there.notify()
        return True

    def _run(self) -> None:
        if sys.platform == "linux":  # elsewhere it would be of the whole process, or of none
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        while True:
            begin, work = self._next()
            time.sleep(max(0.0, begin - time.monotonic()))
            began = time.monotonic()
            try:
                work()
            except Exception as error:  # noqa: BLE001 - nobody waits who could be told
                log.warning("not done later", error=repr(error))
            time.sleep(time.monotonic() - began)

    def _next(self) -> tuple[float, Work]:
        with self._there:
            self._there.wait_for(lambda: self._waiting)
            begin, rows, work = self._waiting.popleft()
            self._rows -= rows
            return begin, work
