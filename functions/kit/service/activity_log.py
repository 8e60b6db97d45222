"""Tells `accounts` of every request: notes into batches of lines."""

from collections.abc import Callable
from uuid import uuid4

from functions.kit.contract.telemetry.activity import MOST_LINES, Batch, Note, line_of
from functions.kit.service.batching_log import (
    CLOSE_WITHIN,
    FIRST_WAIT,
    PAUSE,
    BatchingLog,
    Bounds,
    Work,
)

__all__ = ["CLOSE_WITHIN", "MOST", "ActivityLog"]

MOST = 20_000
"""Lines that wait at most, about ten megabytes of them; half as many are put aside."""

Send = Callable[[Batch, float], None]
"""Gives a batch to whoever keeps it, within so many seconds; raises DomainError."""
PutAside = Callable[[list[Batch]], None]
"""Puts batches where whoever keeps them finds them later; raises DomainError."""


class ActivityLog(BatchingLog[Note, Batch]):
    """Takes notes of requests, and sends them.

    Args:
        send: gives a batch to `accounts`.
        put_aside: puts batches where `accounts` finds them.
        pause: seconds between a line and its batch, unless that is full before.
        most: lines that wait.
        first_wait: seconds until a batch that was not taken is sent again.
    """

    def __init__(
        self,
        send: Send,
        put_aside: PutAside,
        pause: float = PAUSE,
        most: int = MOST,
        first_wait: float = FIRST_WAIT,
    ) -> None:
        work = Work("activity", _batch_of, send, put_aside)
        super().__init__(work, Bounds(most, MOST_LINES, pause, first_wait))


def _batch_of(notes: list[Note], lost: int) -> Batch:
    return Batch(uuid4().hex, [line_of(note) for note in notes], lost)
