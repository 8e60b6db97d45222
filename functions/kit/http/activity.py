"""Notes of requests, on the path where microseconds count.

Thousands of them may wait, so what callers write is cut before it does.
"""

import time
from collections.abc import Callable, MutableMapping
from typing import Any

from flask import Request, Response

from functions.kit.contract.telemetry.activity import (
    LONGEST_PATH,
    LONGEST_REASON,
    LONGEST_WORD,
    Note,
)
from functions.kit.http.requests.plain import Asked
from functions.kit.http.responses.streaming import Chunks

CALLER = "mayfly.caller"
"""Where a request's environment has its caller, once that is known."""
_ROWS = "mayfly.rows"
_REASON = "mayfly.reason"

Take = Callable[[Note], None]


def both(one: Take | None, other: Take) -> Take:
    """Return what gives each note to two, in turn; to the other alone where there is no first."""
    if one is None:
        return other

    def take(note: Note) -> None:
        one(note)
        other(note)

    return take


def note_rows(request: Asked, rows: int) -> None:
    """Say how many rows a request had predicted, for its line of activity."""
    request.environ[_ROWS] = rows


def note_reason(request: Asked, reason: str) -> None:
    """Say why a request is refused or failed, for its line of activity."""
    request.environ[_REASON] = reason[:LONGEST_REASON]


def note(take: Take, request: Request, route: str, response: Response, began: float) -> None:
    """Note a request: now, or if its answer goes out in chunks, when the last of them has.

    Args:
        take: where notes go.
        request: it.
        route: the template that its path matched.
        response: the answer.
        began: `time.perf_counter()` at its first byte.
    """
    body, environ, path = response.response, request.environ, request.path
    if type(body) is Chunks:
        body.at_end(lambda: _note(take, environ, path, route, response.status_code, began))
    else:
        _note(take, environ, path, route, response.status_code, began)


def note_now(take: Take, request: Asked, route: str, status: int, began: float) -> None:
    """Note a request whose answer is there as a whole; else as `note`."""
    _note(take, request.environ, request.path, route, status, began)


def _note(
    take: Take, environ: MutableMapping[str, Any], path: str, route: str, status: int, began: float
) -> None:
    seconds = time.perf_counter() - began
    known = environ.get
    take(
        (
            time.time() - seconds,
            environ["REQUEST_METHOD"][:LONGEST_WORD],
            route,
            path if len(path) <= LONGEST_PATH else path[:LONGEST_PATH],
            status,
            seconds,
            known(CALLER),
            known("HTTP_X_CALL_ID", "")[:LONGEST_WORD],
            known(_ROWS),
            known(_REASON, ""),
        )
    )
