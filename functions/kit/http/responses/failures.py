"""Errors as answers: what a caller may know of each, in the shape that its path wants."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec
import structlog
from werkzeug.exceptions import HTTPException

from functions.kit.adapters.stores.client_errors import PART_AWAY, away
from functions.kit.adapters.stores.full_disk import full
from functions.kit.contract.access.identity import IdentitiesAway
from functions.kit.contract.errors import FULL_WAIT, Away, DomainError, NoRoom, no_room
from functions.kit.http.activity import note_reason
from functions.kit.http.requests.plain import Asked
from functions.kit.http.responses.answers import Answer
from functions.kit.http.responses.problems import (
    Problem,
    ProblemDocument,
    document,
    problem_of,
    text_of,
)

log = structlog.get_logger()

PROBLEM = "application/problem+json"

ErrorAnswer = Callable[[Problem, str], Answer]
"""A problem, and the path that was asked → its answer."""
NO_OTHERS: Mapping[int, int] = MappingProxyType({})
"""Every status is answered as it is."""


def problem_answer(problem: Problem, path: str) -> Answer:
    """Answer an error as RFC 9457 problem JSON."""
    body = msgspec.json.encode(document(problem, path))
    return Answer(body, problem.status, problem.headers, PROBLEM)


class Failures:
    """How a function's errors are answered, by path."""

    def __init__(self) -> None:
        self._shapes: list[tuple[str, ErrorAnswer, Any]] = []
        self._statuses: dict[str, Mapping[int, int]] = {}

    def answer_below(
        self, prefix: str, answer: ErrorAnswer, shape: Any, statuses: Mapping[int, int] = NO_OTHERS
    ) -> None:
        """Let `answer` shape the errors of all paths below `prefix`.

        Its JSON is a `shape`, and `statuses` are those that it answers instead of others.
        """
        self._shapes.append((prefix, answer, shape))
        self._statuses[prefix] = statuses

    def shape(self, path: str) -> Any:
        """Return the type of the JSON that a route's errors are."""
        shapes = (shape for prefix, _, shape in self._shapes if path.startswith(prefix))
        return next(shapes, ProblemDocument)

    def status(self, path: str, status: int) -> int:
        """Return the status that an error has on a route."""
        found = (told for prefix, told in self._statuses.items() if path.startswith(prefix))
        return next(found, NO_OTHERS).get(status, status)

    def answer(self, error: Exception, request: Asked, *, step: bool) -> Answer:
        """Answer any error; `step` says whether the caller is the queue."""
        problem, path = problem_for(error, request, step=step), request.path
        found = (answer for prefix, answer, _ in self._shapes if path.startswith(prefix))
        return next(found, problem_answer)(problem, path)


def problem_for(error: Exception, request: Asked, *, step: bool) -> Problem:
    """Return what a request's caller may know of any error; log what only we may know.

    The same is the reason in the request's line of activity.
    """
    problem = _problem_for(error, request, step=step)
    note_reason(request, text_of(problem))
    return problem


def _problem_for(error: Exception, request: Asked, *, step: bool) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, NoRoom) or full(error):
        return _no_room(error, request, step=step)
    if isinstance(error, DomainError):
        return problem_of(error)
    if isinstance(error, HTTPException):
        return Problem(error.code or 500, error.description or error.name)
    if isinstance(error, (IdentitiesAway, *away())):
        log.warning("part away", error=str(error), path=request.path)
        return problem_of(Away(PART_AWAY))
    call = request.environ.get("HTTP_X_CALL_ID")
    log.error("unexpected error", path=request.path, call=call, exc_info=error)
    return Problem(500, "The function failed; its log says why.")


def _no_room(error: Exception, request: Asked, *, step: bool) -> Problem:
    """Tell of a full store; a step's caller is the queue, which shall come again: 503 says so."""
    log.warning("no room", error=str(error), path=request.path)
    told = error if isinstance(error, NoRoom) else no_room(full(error))
    return problem_of(Away(told.detail, retry_after=FULL_WAIT) if step else told)
