"""What a window is made of, as its measures are told of it."""

from typing import TYPE_CHECKING, NamedTuple, Protocol

from functions.kit.contract.models.reference import Reference
from functions.monitoring.model.logged import Life
from functions.monitoring.model.windows.window import LENGTHS, Monitored, Span

if TYPE_CHECKING:
    import pyarrow as pa


class Log(Protocol):
    """The log of predictions with their labels."""

    def table(self, of: Monitored, minutes: tuple[int, int], life: Life, most: int) -> "pa.Table":
        """See WindowRows.table."""


class LoggedRows(NamedTuple):
    """WindowRows that are read when they are asked for."""

    of: Monitored
    span: Span
    minutes: tuple[int, int]
    life: Life
    reference: Reference | None
    log: Log

    def table(self, most: int) -> "pa.Table":
        """See WindowRows."""
        return self.log.table(self.of, self.minutes, self.life, most)

    def before(self, hours: int, most: int) -> "pa.Table":
        """See WindowRows."""
        first = self.minutes[0]
        minutes = (first - hours * LENGTHS["hour"], first)
        return self.log.table(self.of, minutes, self.life, most)
