"""Responses that go out in chunks. One whose source fails in the middle must not end as if whole.

What fails before the first chunk is refused like anything else. What fails later is logged here and
raised to the server, which breaks the connection off: that is how the client tells that it has not
all of it.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

import structlog
from flask import Request, Response

log = structlog.get_logger()

_LOGGED = "It was logged when the answer broke off."


def with_first_chunk(response: Response, request: Request) -> Response:
    """Return the response with its first chunk made, where it goes out in chunks.

    Raises:
        Exception: what the source raised before it gave anything.
    """
    if response.is_streamed:
        try:
            response.response = Chunks(response.response, request)
        except Exception:
            response.close()
            raise
    return response


class Chunks:
    """The chunks of a response, whose first is there already."""

    def __init__(self, source: Iterable[Any], request: Request) -> None:
        self._source = source
        # Read now: when the chunks go out, Flask's request is over.
        self._call = {"path": request.path, "call": request.headers.get("X-Call-Id")}
        chunks = iter(source)
        self._chunks: Iterator[Any] = chain([*_first(chunks)], chunks)
        self._at_end: Callable[[], None] | None = None

    def at_end(self, act: Callable[[], None]) -> None:
        """Have `act` called when the server is through with the answer, whole or not."""
        self._at_end = act

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        """Return the next chunk; logs what the source raises, and raises it."""
        try:
            return next(self._chunks)
        except StopIteration:
            raise
        except Exception as error:
            log.exception("answer broken off", **self._call)
            error.add_note(_LOGGED)
            raise

    def close(self) -> None:
        """Let the source go, also when the client went first."""
        at_end, self._at_end = self._at_end, None
        try:
            close = getattr(self._source, "close", None)
            if close is not None:
                close()
        finally:
            if at_end is not None:
                at_end()


def is_logged(error: Exception) -> bool:
    """Tell whether an error that the server meets has been logged with its call."""
    return _LOGGED in getattr(error, "__notes__", ())


def _first(chunks: Iterator[Any]) -> Iterator[Any]:
    """Yield the first chunk, if there is one."""
    for chunk in chunks:
        yield chunk
        return
