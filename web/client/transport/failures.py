"""The client's edge: what went wrong with a call on the wire becomes a typed failure."""

from collections.abc import Mapping
from http import HTTPStatus

import httpx
import msgspec
from msgspec.structs import replace

from web.client.errors import (
    Away,
    Broken,
    Conflict,
    Failure,
    Flaw,
    Forbidden,
    Gone,
    Invalid,
    Malformed,
    NotFound,
    SignedOut,
    Stale,
    StorageFull,
    TimedOut,
    TooLarge,
    TooMany,
    Unavailable,
    Unexpected,
    Unreadable,
    Unsupported,
)
from web.client.plain_words import plain

FAILURES: Mapping[int, type[Failure]] = {
    HTTPStatus.BAD_REQUEST: Malformed,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.GONE: Gone,
    HTTPStatus.PRECONDITION_FAILED: Stale,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLarge,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: Unsupported,
    HTTPStatus.UNPROCESSABLE_ENTITY: Invalid,
    HTTPStatus.TOO_MANY_REQUESTS: TooMany,
    HTTPStatus.INTERNAL_SERVER_ERROR: Broken,
    HTTPStatus.BAD_GATEWAY: Unreadable,
    HTTPStatus.SERVICE_UNAVAILABLE: Unavailable,
    HTTPStatus.GATEWAY_TIMEOUT: TimedOut,
    HTTPStatus.INSUFFICIENT_STORAGE: StorageFull,
}
# What msgspec raises for bytes that it cannot read, or that are not of the type.
DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
TOO_SLOW = (
    "The function '{function}' took too long to answer. Try again in a moment; "
    "'./mayfly status' says how it does."
)
UNREACHED = "The function '{function}' does not answer at {place}. Start Mayfly with './mayfly up'."


class _Problem(msgspec.Struct):
    detail: str = ""
    remedy: str = ""
    error: str = ""
    errors: list[Flaw] = []

    @property
    def text(self) -> str:
        """What is wrong and what to do about it, as one text; empty when nothing was said."""
        said = "; ".join(part for part in (self.detail or self.error, self.remedy) if part)
        return plain(said)

    @property
    def flaws(self) -> list[Flaw]:
        """Each thing wrong with the input, in words."""
        return [replace(flaw, reason=plain(flaw.reason)) for flaw in self.errors]


def error_answer(response: httpx.Response, function: str) -> Failure | SignedOut:
    """Return what an answer of 400 and over means; its body has been read."""
    status = response.status_code
    try:
        problem = msgspec.json.decode(response.content, type=_Problem)
    except DECODE_ERRORS:  # not from a function, nor from the gateway
        problem = _Problem()
    if status == HTTPStatus.UNAUTHORIZED:
        return SignedOut(problem.text)
    kind = FAILURES.get(status)
    detail = problem.text or meaning(status, function)
    if kind is None:
        return Unexpected(status, detail, problem.flaws)
    return kind(detail, problem.flaws)


def no_answer(error: httpx.TransportError, function: str, place: str) -> Failure:
    """Return what a dead or silent network means."""
    if isinstance(error, httpx.TimeoutException):
        return TimedOut(TOO_SLOW.format(function=function))
    return Unavailable(UNREACHED.format(function=function, place=place))


def unreadable_answer(error: Exception, function: str) -> Failure:
    """Return what an answer means that is not what the API says: versions that do not fit."""
    detail = f"The function '{function}' gave an answer that this page cannot read: {error}."
    return Unreadable(f"{detail} Restart both with './mayfly up'.")


def meaning(status: int, function: str) -> str:
    """Say what an answer without words of its own means, and what to do."""
    kind = FAILURES.get(status, Failure)
    if kind is NotFound:
        return f"The function '{function}' is not deployed. Deploy it with './mayfly up'."
    if issubclass(kind, Away):
        return (
            f"The function '{function}' is away at the moment. Try again; "
            "if it stays away, './mayfly status' says why."
        )
    return (
        f"The function '{function}' failed with status {status}. "
        f"See './mayfly logs {function}' for the reason."
    )
