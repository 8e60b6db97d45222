"""Which status a page has that tells of a failure."""

from collections.abc import Mapping
from http import HTTPStatus

from web.client.errors import (
    Broken,
    Conflict,
    Failure,
    Forbidden,
    Gone,
    Invalid,
    Malformed,
    NotFound,
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

STATUSES: Mapping[type[Failure], HTTPStatus] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Gone: HTTPStatus.GONE,
    Stale: HTTPStatus.PRECONDITION_FAILED,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    Unsupported: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
    Broken: HTTPStatus.INTERNAL_SERVER_ERROR,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    TimedOut: HTTPStatus.GATEWAY_TIMEOUT,
    Unreadable: HTTPStatus.BAD_GATEWAY,
}


def status_of(failure: Failure) -> int:
    """Return the status of a page that tells of `failure`."""
    if isinstance(failure, Unexpected):
        return failure.status
    return STATUSES[type(failure)]


def phrase(status: int) -> str:
    """Return a status in words; one that no standard knows has none of its own."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
