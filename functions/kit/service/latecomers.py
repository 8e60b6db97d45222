"""Takes in what functions could not tell, and put aside: at their ends, or while nobody took it.

A batch that was told all the same counts once, and so does one that two replicas take in.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

import structlog

from functions.kit.contract.errors import Invalid
from functions.kit.contract.ports import Clock

log = structlog.get_logger()

B = TypeVar("B")

# Seconds.
EVERY = 3.0
"""Between two looks of this replica."""
SECONDS = 2.0
"""What a look may take: a sender or a reader waits for it. What is left is the next one's."""


class UntoldBatches(Protocol[B]):
    """Batches that functions put aside, in files of several."""

    def waiting(self) -> Iterable[str]:
        """Return the names of the files."""

    def read(self, name: str) -> tuple[str, list[B]]:
        """Return whose batches a file has, and them.

        Raises:
            FileNotFoundError: somebody else has taken them in.
            Invalid: it cannot be read.
        """

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is as good as removed."""


class Latecomers(Generic[B]):
    """Looks for what was put aside.

    Args:
        what: it is, in a word.
        untold: where it is.
        take: takes a batch of a function in.
        clock: tells when it is time to.
    """

    def __init__(
        self, what: str, untold: UntoldBatches[B], take: Callable[[B, str], None], clock: Clock
    ) -> None:
        self._what = what
        self._untold = untold
        self._take_in = take
        self._clock = clock
        self._not_before = float("-inf")
        self._looking = threading.Lock()

    def look(self) -> None:
        """Take in what was put aside, if it is time to; never fails."""
        if self._is_time():
            self.look_now()

    def look_now(self) -> bool:
        """Take in what was put aside, whenever that was done last; never fails.

        Return whether that was all: what is left, or could not be taken, may be what is wanted.
        """
        try:
            return self._take_all(self._clock.monotonic() + SECONDS)
        except Exception as error:  # noqa: BLE001 - whoever looks wants something else; files stay
            log.warning("lines put aside not taken in", of=self._what, error=str(error))
            return False

    def _is_time(self) -> bool:
        with self._looking:
            now = self._clock.monotonic()
            if now < self._not_before:
                return False
            self._not_before = now + EVERY
            return True

    def _take_all(self, end: float) -> bool:
        for name in self._untold.waiting():
            if self._clock.monotonic() >= end:
                return False
            try:
                self._take(name)
            except FileNotFoundError:
                continue  # another replica was faster
            except Invalid as error:  # of a later release, perhaps: the next one reads it
                log.warning(
                    "lines put aside not read", of=self._what, file=name, error=error.detail
                )
        return True

    def _take(self, name: str) -> None:
        function, batches = self._untold.read(name)
        for batch in batches:
            self._take_in(batch, function)
        self._untold.delete(name)
