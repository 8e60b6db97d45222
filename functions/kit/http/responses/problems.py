"""Errors as HTTP answers (RFC 9457): the one table from the domain's errors to statuses."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

import msgspec
from msgspec import UNSET, UnsetType

from functions.kit.contract import errors
from functions.kit.contract.access.over_quota import OverQuota
from functions.kit.contract.errors import DomainError, Flaw
from functions.kit.http.responses import rate_limits

STATUSES: Mapping[type[DomainError], int] = {
    errors.Unreadable: 400,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.Stale: 412,
    errors.TooLarge: 413,
    errors.Invalid: 422,
    errors.Failed: 500,
    errors.Away: 503,
    errors.NoRoom: 507,
}


QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"
"""The problem type of draft-ietf-httpapi-ratelimit-headers-11."""


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """An answer that is no success, in HTTP's terms: what routes and their callers get wrong.

    `kind` is the problem's type, where its status does not say it; `policies` are the quotas that
    it would break.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        flaws: Sequence[Flaw] = (),
        headers: dict[str, str] | None = None,
        kind: str = "about:blank",
        policies: Sequence[str] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.flaws = list(flaws)
        self.headers = headers or {}
        self.kind = kind
        self.policies = list(policies)


class ProblemDocument(msgspec.Struct, kw_only=True):
    """The body of an error answer (RFC 9457, `application/problem+json`), also the gateway's.

    Attributes:
        type: which kind of problem it is; "about:blank" where the status says it.
        title: the status in words.
        detail: what is wrong, naming the thing.
        instance: the path that was asked; left out by the gateway.
        remedy: what to do about it, where `detail` does not say it.
        errors: each thing wrong with the input; left out where there is none.
        violated_policies: the quotas that the request would break; left out for other problems.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str | UnsetType = UNSET
    remedy: str | UnsetType = UNSET
    errors: list[Flaw] | UnsetType = UNSET
    violated_policies: list[str] | UnsetType = msgspec.field(
        name="violated-policies", default=UNSET
    )


def problem_of(error: DomainError) -> Problem:
    """Return how an error of the domain is answered."""
    if isinstance(error, OverQuota):
        return _over_quota(error)
    wait = error.retry_after if isinstance(error, errors.Transient) else None
    headers = {"Retry-After": str(wait)} if wait is not None else None
    return Problem(_status_of(type(error)), error.detail, error.flaws, headers)


def _status_of(kind: type[DomainError]) -> int:
    """Return the status of a kind of error: its own, or its nearest kin's."""
    found = (STATUSES[one] for one in kind.__mro__ if one in STATUSES)
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def _over_quota(error: OverQuota) -> Problem:
    headers = {"Retry-After": str(error.retry_after), **rate_limits.fields(error.standing)}
    kind, policies = QUOTA_EXCEEDED, error.policies
    return Problem(429, error.detail, headers=headers, kind=kind, policies=policies)


def error_of(found: ProblemDocument) -> DomainError:
    """Return the domain's error that another function's answer tells of, or the nearest to it."""
    kinds = {status: kind for kind, status in STATUSES.items()}
    kin = errors.Away if found.status >= 500 or found.status == 429 else errors.Invalid
    return kinds.get(found.status, kin)(found.detail, *(found.errors or ()))


def document(problem: Problem, instance: str) -> ProblemDocument:
    """Describe `problem` for the request path `instance`."""
    return ProblemDocument(
        type=problem.kind,
        title=HTTPStatus(problem.status).phrase,
        status=problem.status,
        detail=problem.detail,
        instance=instance,
        errors=problem.flaws or UNSET,
        violated_policies=problem.policies or UNSET,
    )


def text_of(problem: Problem) -> str:
    """Return a problem as one text: its detail, and those flaws that it does not tell by itself."""
    # It tells the first in most cases; others may have the same reason elsewhere.
    flaws = list(problem.flaws)
    if flaws and flaws[0].reason in problem.detail:
        del flaws[0]
    return f"{problem.detail} {'; '.join(errors.told(flaw) for flaw in flaws)}".strip()


def unauthorized(detail: str) -> Problem:
    """Answer 401: no key, or one that is not known."""
    return Problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="mayfly"'})


def unsupported(got: str, wanted: str) -> Problem:
    """Answer 415: the body is of another type than the route takes."""
    return Problem(415, f"The body is of type '{got or 'none'}'; send it as {wanted}.")
