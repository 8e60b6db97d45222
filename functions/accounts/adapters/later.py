"""Work done after the answer, by one thread of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from functions.kit.adapters.once import Once

log = structlog.get_logger()

MOST = 100
"""What may wait; more is told in the log, and dropped: whoever asked for it asks again."""


class BackgroundThread:
    """The Later of a replica. A death loses what waits."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(MOST)
        self._pool = Once(lambda: ThreadPoolExecutor(1, thread_name_prefix="later"))

    def __call__(self, work: Callable[[], None]) -> None:
        """Have `work` done."""
        if not self._places.acquire(blocking=False):
            log.error("too much waits; this was dropped", most=MOST)
            return
        self._pool().submit(self._do, work)

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            log.exception("work after an answer failed", error=str(error))
        finally:
            self._places.release()
