"""Takes in what functions could not tell, and put aside: at their ends, or while nobody took it.

A batch that was told all the same counts once, and so does one that two replicas take in.
"""

import threading

import structlog

from functions.accounts.service.activity.ingestion import Ingestion
from functions.accounts.service.activity.ports import UntoldBatches
from functions.kit.contract.errors import Invalid
from functions.kit.contract.ports import Clock

log = structlog.get_logger()

# Seconds.
EVERY = 3.0
"""Between two looks of this replica."""
SECONDS = 2.0
"""What a look may take: a sender or a reader waits for it. What is left is the next one's."""


class Latecomers:
    """Looks for what was put aside.

    Args:
        untold: where it is.
        ingestion: takes it in.
        clock: tells when it is time to.
    """

    def __init__(self, untold: UntoldBatches, ingestion: Ingestion, clock: Clock) -> None:
        self._untold = untold
        self._ingestion = ingestion
        self._clock = clock
        self._not_before = float("-inf")
        self._looking = threading.Lock()

    def look(self) -> None:
        """Take in what was put aside, if it is time to; never fails."""
        if not self._is_time():
            return
        try:
            self._take_all(self._clock.monotonic() + SECONDS)
        except Exception as error:  # noqa: BLE001 - whoever looks wants something else; files stay
            log.warning("activity put aside not taken in", error=str(error))

    def _is_time(self) -> bool:
        with self._looking:
            now = self._clock.monotonic()
            if now < self._not_before:
                return False
            self._not_before = now + EVERY
            return True

    def _take_all(self, end: float) -> None:
        for name in self._untold.waiting():
            if self._clock.monotonic() >= end:
                return
            try:
                self._take(name)
            except FileNotFoundError:
                continue  # another replica was faster
            except Invalid as error:  # of a later release, perhaps: the next one reads it
                log.warning("activity put aside not read", file=name, error=error.detail)

    def _take(self, name: str) -> None:
        function, batches = self._untold.read(name)
        for batch in batches:
            self._ingestion.take(batch, function)
        self._untold.delete(name)
