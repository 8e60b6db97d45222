"""What a window is made of, as its measures are told of it."""

from typing import TYPE_CHECKING, Protocol

from functions.monitoring.model.logged import Life
from functions.monitoring.model.windows.window import LENGTHS, Monitored, Span

if TYPE_CHECKING:
    import pyarrow as pa

MOST = 20_000
"""Predictions of a window that are looked at one by one: an even sample of more."""


class Log(Protocol):
    """The log of predictions with their labels."""

    def table(self, of: Monitored, minutes: tuple[int, int], life: Life, most: int) -> "pa.Table":
        """See WindowRows.table."""


class LoggedRows:
    """WindowRows that are read when they are asked for, and once.

    Args:
        of: whose they are.
        span: of the window.
        minutes: from which minute since 1970, and before which.
        life: of the model.
        log: has them.
    """

    def __init__(
        self, of: Monitored, span: Span, minutes: tuple[int, int], life: Life, log: Log
    ) -> None:
        self.of = of
        self.span: Span = span
        self.minutes = minutes
        self._life = life
        self._log = log
        self._read: dict[int, pa.Table] = {}

    def table(self, most: int) -> "pa.Table":
        """See WindowRows."""
        found = self._read.get(most)
        if found is None:
            found = self._read[most] = self._log.table(self.of, self.minutes, self._life, most)
        return found

    def before(self, hours: int, most: int) -> "pa.Table":
        """See WindowRows."""
        first = self.minutes[0]
        minutes = (first - hours * LENGTHS["hour"], first)
        return self._log.table(self.of, minutes, self._life, most)
