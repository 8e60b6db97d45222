"""Hints sent behind the back of who has something looked at.

For a function whose replica has one thread: before a gateway takes a call for its queue it may ask
the function whether the caller may, and that would wait for the very call that sends the hint.
"""

import atexit
import threading
from collections.abc import Iterable
from queue import SimpleQueue

import structlog

from functions.kit.contract.ports import Queue
from functions.kit.contract.steps import Step
from functions.kit.service.hints import Hints, Unsent, ignore

log = structlog.get_logger()

CLOSE_WITHIN = 2.0
"""Seconds that a process which ends may take to send what is left."""


class HintsBehind(Hints):
    """Sends hints from a thread of its own, in their order.

    What a process that dies has not sent is left to whoever looks for overdue steps.

    Args:
        queue: what carries them.
    """

    def __init__(self, queue: Queue) -> None:
        super().__init__(queue)
        self._waiting: SimpleQueue[tuple[list[Step], Unsent] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def send(self, steps: Iterable[Step], unsent: Unsent = ignore) -> None:
        """Have each step looked at soon; returns at once."""
        given = [*steps]
        if not given:
            return
        self._waiting.put((given, unsent))
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="hints", daemon=True)
                self._thread.start()
                atexit.register(self.close)

    def close(self) -> None:
        """Send what is left, and end; after CLOSE_WITHIN in any case."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(CLOSE_WITHIN)

    def _run(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            try:
                super().send(*waiting)
            except Exception as error:  # without this thread none would ever be sent again
                log.exception("hints not sent", steps=len(waiting[0]), error=str(error))
