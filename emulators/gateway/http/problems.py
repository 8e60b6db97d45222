"""What each error of the gateway becomes on the wire: its status, and its problem document."""

import http

import msgspec

from emulators.gateway import errors
from emulators.gateway.errors import GatewayError

# A kind that is not named has its parent's status.
_STATUSES: dict[type[GatewayError], int] = {
    errors.Invalid: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.NotAllowed: 405,
    errors.TooSlow: 408,
    errors.Conflict: 409,
    errors.Expired: 410,
    errors.TooLarge: 413,
    errors.UnknownFormat: 415,
    errors.UnknownExpectation: 417,
    errors.Misdirected: 421,
    errors.Inapplicable: 422,
    errors.HeadTooLarge: 431,
    errors.Cancelled: 499,
    errors.Failed: 500,
    errors.OutOfReach: 500,
    errors.Elsewhere: 501,
    errors.BadAnswer: 502,
    errors.Unavailable: 503,
    errors.TimedOut: 504,
}

_REGISTERED = frozenset(http.HTTPStatus)


def status_of(kind: type[GatewayError]) -> int:
    """Return the HTTP status of a kind of error."""
    return next(_STATUSES[each] for each in kind.__mro__ if each in _STATUSES)


def problem_of(error: GatewayError) -> bytes:
    """Return the problem document of an error."""
    return problem(status_of(type(error)), error.message, error.remedy)


def problem(status: int, detail: str, remedy: str = "") -> bytes:
    """Return a problem document (RFC 9457).

    Args:
        status: HTTP status of the answer.
        detail: What is wrong, naming the thing.
        remedy: What to do about it.
    """
    told = {
        "type": "about:blank",
        "title": _phrase(status),
        "status": status,
        "detail": detail,
    }
    return msgspec.json.encode(told | ({"remedy": remedy} if remedy else {}))


def _phrase(status: int) -> str:
    """One that nobody registered means what the first of its class means (RFC 9110, 15)."""
    return http.HTTPStatus(status if status in _REGISTERED else status // 100 * 100).phrase
