"""How long calls may take: a page shows what it has after three seconds, a change may take longer.

All calls that one page makes share its time. What is told its own limit (files, live events,
uploads, predictions) keeps that.
"""

import contextvars
import time
from collections.abc import Iterable, Iterator

import httpx

PAGE = 3.0
CHANGE = 15.0
# A first call may have to wait for a replica to start and for a model to load.
LONG = 60.0
CONNECT = 5.0
_LEAST = 0.05

_deadline: contextvars.ContextVar[float | None] = contextvars.ContextVar("deadline", default=None)


def begin(seconds: float | None) -> None:
    """Give the calls that follow in this context so many seconds together; None: CHANGE each."""
    _deadline.set(None if seconds is None else time.monotonic() + seconds)


def ends() -> float:
    """Return the monotonic time by which a call that begins now must have its answer."""
    deadline = _deadline.get()
    return time.monotonic() + CHANGE if deadline is None else deadline


def timeout(seconds: float | None) -> httpx.Timeout:
    """Return the limits of one call.

    Args:
        seconds: its own limit between two bytes; None where it shares the page's time.
    """
    if seconds is not None:
        return httpx.Timeout(seconds, connect=CONNECT, pool=CONNECT)
    left = max(ends() - time.monotonic(), _LEAST)
    return httpx.Timeout(left, connect=min(left, CONNECT), pool=min(left, CONNECT))


def in_time(pieces: Iterable[bytes], end: float) -> Iterator[bytes]:
    """Yield what comes until `end`, in monotonic seconds.

    Raises:
        httpx.ReadTimeout: it has not ended by then, however steadily it trickles.
    """
    for piece in pieces:
        if time.monotonic() > end:
            raise httpx.ReadTimeout("the answer takes too long")
        yield piece
