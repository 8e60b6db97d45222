"""Which statuses a route can answer with, for the API description."""

from http import HTTPStatus

from functions.kit.contract.requests.idempotency import HEADER
from functions.kit.http.routing.routes import Route

_ERRORS = 400
# Whatever fails inside, and a part that does not answer.
ALWAYS = {HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE}
# What `bodies` refuses: bytes that cannot be read, too many, of another type, or against the type.
BODY = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


def successes(route: Route) -> list[int]:
    """Return every status of a success: the usual one, and those that the route names besides."""
    return sorted(status for status in (route.status, *route.also) if status < _ERRORS)


def problems(route: Route) -> list[int]:
    """Return every status of an error: what the kit answers for the route, and what it names."""
    named = (route.status, *route.problems)
    found: set[int] = {*ALWAYS, *(status for status in named if status >= _ERRORS)}
    if route.access != "open":
        found.add(HTTPStatus.UNAUTHORIZED)
        found.add(HTTPStatus.FORBIDDEN)  # who lacks the right, or shows another credential
        found.add(HTTPStatus.NOT_FOUND)  # a workspace that is not the caller's
    if route.query is not None or HEADER in route.headers:  # either may be unusable
        found.add(HTTPStatus.BAD_REQUEST)
    if route.parameters:
        found.add(HTTPStatus.NOT_FOUND)
    if route.takes is not None:
        found |= BODY
    return sorted(found)


def phrase(status: int) -> str:
    """Return a status in words."""
    return HTTPStatus(status).phrase
