"""The one error base of the functions, and its RFC 9457 answer."""

from collections.abc import Sequence
from http import HTTPStatus

import msgspec
from msgspec import UNSET, UnsetType


class Flaw(msgspec.Struct, omit_defaults=True, frozen=True):
    """One thing wrong with the input: where it is, what was there and why it is refused.

    `row` counts data rows from 1, without the header line.
    """

    reason: str
    row: int | None = None
    column: str | None = None
    value: str | None = None


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """An error that the caller can read: a status, one sentence and, for bad input, its flaws."""

    def __init__(
        self,
        status: int,
        detail: str,
        flaws: Sequence[Flaw] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.flaws = list(flaws)
        self.headers = headers or {}


class ProblemDocument(msgspec.Struct, kw_only=True):
    """The body of an error answer (RFC 9457, `application/problem+json`), also the gateway's.

    Attributes:
        type: "about:blank": the status says what kind of problem it is.
        title: the status in words.
        detail: what is wrong, naming the thing.
        instance: the path that was asked; left out by the gateway.
        remedy: what to do about it, where `detail` does not say it.
        errors: each thing wrong with the input; left out where there is none.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str | UnsetType = UNSET
    remedy: str | UnsetType = UNSET
    errors: list[Flaw] | UnsetType = UNSET


def document(problem: Problem, instance: str) -> ProblemDocument:
    """Describe `problem` for the request path `instance`."""
    return ProblemDocument(
        title=HTTPStatus(problem.status).phrase,
        status=problem.status,
        detail=problem.detail,
        instance=instance,
        errors=problem.flaws or UNSET,
    )


def bad_request(detail: str, *flaws: Flaw) -> Problem:
    """400: the request itself cannot be read."""
    return Problem(400, detail, flaws)


def unauthorized(detail: str) -> Problem:
    """401: no key, or one that is not known."""
    return Problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="mayfly"'})


def not_found(kind: str, name: str, of: str | None = None) -> Problem:
    """404: there is no `kind` called `name`, or `of` the thing of that name has none."""
    owner = "" if of is None else f" of '{of}'"
    return Problem(404, f"There is no {kind} '{name}'{owner}.")


def conflict(detail: str) -> Problem:
    """409: the request contradicts what is stored."""
    return Problem(409, detail)


def stale(detail: str) -> Problem:
    """412: the caller's `If-Match` names an older version."""
    return Problem(412, detail)


def too_large(limit: int) -> Problem:
    """413: the body is over `limit` bytes."""
    return Problem(413, f"The body is larger than the limit of {limit:,} bytes.")


def unsupported(got: str, wanted: str) -> Problem:
    """415: the body is of another type than the route takes."""
    return Problem(415, f"The body is of type '{got or 'none'}'; send it as {wanted}.")


def unprocessable(detail: str, *flaws: Flaw) -> Problem:
    """422: well-formed, but the content is refused."""
    return Problem(422, detail, flaws)


def refused(what: str, *flaws: Flaw, noun: str = "column") -> Problem:
    """422 whose detail repeats the first flaw: many clients show the detail alone.

    Args:
        what: what was refused, as the sentence begins.
        flaws: one at least.
        noun: what a flaw's `column` is.
    """
    more = f" ({len(flaws) - 1} more in errors)" if len(flaws) > 1 else ""
    return unprocessable(f"{what}: {told(flaws[0], noun)}{more}.", *flaws)


def told(flaw: Flaw, noun: str = "column") -> str:
    """Return a flaw as text: its place, as far as it is known, and the reason."""
    row = f"row {flaw.row:,}" if flaw.row else ""
    column = f"{noun} '{flaw.column}'" if flaw.column else ""
    place = ", ".join(part for part in (row, column) if part)
    return f"{place}: {flaw.reason}" if place else flaw.reason


def insufficient_storage(detail: str, retry_after: int) -> Problem:
    """507: a store has no room left; nothing of the request is kept. `retry_after` in seconds."""
    remedy = "Nothing was kept; free some space and send it again."
    return Problem(507, f"{detail} {remedy}", headers={"Retry-After": str(retry_after)})


def unavailable(detail: str, retry_after: int = 1) -> Problem:
    """503: a part that the function needs does not answer now; `retry_after` in seconds."""
    return Problem(503, detail, headers={"Retry-After": str(retry_after)})
