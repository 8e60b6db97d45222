"""Puts predictions on disk while their callers wait, as many as wait with one write."""

import threading
from collections.abc import Callable, Sequence

from functions.prediction.service.ports import Made

Write = Callable[[Sequence[Made]], None]
"""Stores what was predicted; raises DomainError."""


class Waiting:
    """A call whose predictions are to be on disk before it is answered."""

    __slots__ = ("error", "is_done", "made")

    def __init__(self, made: Made) -> None:
        self.made = made
        self.is_done = False
        self.error: Exception | None = None


class BeforeAnswer:
    """Has one write at a time; calls that come meanwhile share the next one.

    Args:
        write: stores predictions.
    """

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: list[Waiting] = []
        self._joining = threading.Lock()
        self._writing = threading.Lock()

    def keep(self, made: Made) -> None:
        """Return when the predictions of a call are on disk; raises what `write` does."""
        mine = Waiting(made)
        with self._joining:
            self._waiting.append(mine)
        with self._writing:
            if not mine.is_done:
                self._keep_all()
        if mine.error is not None:
            raise mine.error

    def _keep_all(self) -> None:
        with self._joining:
            together, self._waiting = self._waiting, []
        error = self._error_of([one.made for one in together])
        for one in together:
            one.error, one.is_done = error, True

    def _error_of(self, calls: Sequence[Made]) -> Exception | None:
        try:
            self._write(calls)
        except Exception as error:  # noqa: BLE001 - each of those who share the write raises it
            return error
        return None
