"""Answers that go out in pieces. One whose source fails in the middle must not end as if whole.

What fails before the first piece is refused like anything else. What fails later is logged here and
raised to the server, which breaks the connection off: that is how the client tells a part.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import structlog
from flask import Request, Response

log = structlog.get_logger()

_TOLD = "It was logged when the answer broke off."


def begun(response: Response, request: Request) -> Response:
    """Return the response with its first piece made, where it goes out in pieces.

    Raises:
        Exception: what the source raised before it gave anything.
    """
    if response.is_streamed:
        try:
            response.response = Pieces(response.response, request)
        except Exception:
            response.close()
            raise
    return response


class Pieces:
    """The pieces of an answer, whose first is there already."""

    def __init__(self, source: Iterable[Any], request: Request) -> None:
        self._source = source
        # Read now: when the pieces go out, Flask's request is over.
        self._told = {"path": request.path, "call": request.headers.get("X-Call-Id")}
        pieces = iter(source)
        self._pieces: Iterator[Any] = chain([*_first(pieces)], pieces)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        """Return the next piece; logs what the source raises, and raises it."""
        try:
            return next(self._pieces)
        except StopIteration:
            raise
        except Exception as error:
            log.exception("answer broken off", **self._told)
            error.add_note(_TOLD)
            raise

    def close(self) -> None:
        """Let the source go, also when the client went first."""
        close = getattr(self._source, "close", None)
        if close is not None:
            close()


def is_told(error: Exception) -> bool:
    """Tell whether an error that the server meets has been logged with its call."""
    return _TOLD in getattr(error, "__notes__", ())


def _first(pieces: Iterator[Any]) -> Iterator[Any]:
    """Yield the first piece, if there is one."""
    for piece in pieces:
        yield piece
        return
