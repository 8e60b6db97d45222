"""How long calls may take: a page shows what it has within three seconds, a change may take longer.

All calls that one page makes share its time. What is told its own limit (files, live events,
uploads, predictions) keeps that.
"""

import contextvars
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

PAGE = 2.6  # with MOMENT, and what the page itself takes: under three seconds
CHANGE = 15.0
# Who the reader is: what a page may show hangs on it, and stands without it.
READER = 1.0
MOMENT = 0.25
# A first call may have to wait for a replica to start and for a model to load.
LONG = 60.0
# All tries of a call whose function is not there yet.
STARTING = 15.0
CONNECT = 5.0
_LEAST = 0.05

_page_end: contextvars.ContextVar[float | None] = contextvars.ContextVar("page_end", default=None)
_call_end: contextvars.ContextVar[float | None] = contextvars.ContextVar("call_end", default=None)


def begin_page(seconds: float | None) -> None:
    """Give the calls that follow in this context so many seconds together; None: CHANGE each."""
    _page_end.set(None if seconds is None else time.monotonic() + seconds)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give the calls within so many seconds together, or what is left of the page's time.

    Where that is over, they have a moment all the same: what is to hand comes in it.
    """
    now, end = time.monotonic(), _page_end.get()
    left = seconds if end is None else min(seconds, max(end - now, MOMENT))
    token = _page_end.set(now + left)
    try:
        yield
    finally:
        _page_end.reset(token)


def timeout(seconds: float | None) -> httpx.Timeout:
    """Return the limits of one call's steps.

    Args:
        seconds: its own limit between two bytes; None where it shares the page's time.
    """
    left = max(_deadline() - time.monotonic(), _LEAST) if seconds is None else seconds
    return httpx.Timeout(left, connect=min(left, CONNECT), pool=min(left, CONNECT))


def for_tries(seconds: float | None) -> float:
    """Return for how many seconds a call may be tried again while its function starts.

    A page keeps half of its time for its other calls.

    Args:
        seconds: as for `timeout`.
    """
    left = max(_deadline() - time.monotonic(), 0.0) if seconds is None else seconds
    return min(left / 2, STARTING)


@contextmanager
def whole_call(seconds: float | None) -> Iterator[None]:
    """Hold all that the call within waits for to one end, where it has no limit of its own.

    Args:
        seconds: as for `timeout`.
    """
    token = _call_end.set(_deadline() if seconds is None else None)
    try:
        yield
    finally:
        _call_end.reset(token)


def shortened(seconds: float | None) -> float | None:
    """Return how much of `seconds` a step of the call in progress may take.

    Raises:
        TimeoutError: the call's time is over, however steadily its answer trickles.
    """
    end = _call_end.get()
    if end is None:
        return seconds
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("the call takes too long")
    return left if seconds is None else min(seconds, left)


def _deadline() -> float:
    """Return the monotonic time by which a call that begins now must have its answer."""
    end = _page_end.get()
    return time.monotonic() + CHANGE if end is None else end
