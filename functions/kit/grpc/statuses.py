"""Errors as gRPC tells them: the one table from HTTP's statuses, and what goes with them."""

from http import HTTPStatus
from typing import NamedTuple

import grpc

from functions.kit.http.responses.problems import Problem, text_of

CODES = {
    HTTPStatus.BAD_REQUEST: grpc.StatusCode.INVALID_ARGUMENT,
    HTTPStatus.UNAUTHORIZED: grpc.StatusCode.UNAUTHENTICATED,
    HTTPStatus.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
    HTTPStatus.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: grpc.StatusCode.UNIMPLEMENTED,
    HTTPStatus.CONFLICT: grpc.StatusCode.FAILED_PRECONDITION,
    HTTPStatus.GONE: grpc.StatusCode.NOT_FOUND,
    HTTPStatus.PRECONDITION_FAILED: grpc.StatusCode.ABORTED,
    # As gRPC itself says of a message that is over its server's limit.
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: grpc.StatusCode.RESOURCE_EXHAUSTED,
    HTTPStatus.TOO_MANY_REQUESTS: grpc.StatusCode.RESOURCE_EXHAUSTED,
    HTTPStatus.NOT_IMPLEMENTED: grpc.StatusCode.UNIMPLEMENTED,
    HTTPStatus.BAD_GATEWAY: grpc.StatusCode.UNAVAILABLE,
    HTTPStatus.SERVICE_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT: grpc.StatusCode.DEADLINE_EXCEEDED,
    HTTPStatus.INSUFFICIENT_STORAGE: grpc.StatusCode.RESOURCE_EXHAUSTED,
}
_LEFT_OUT = frozenset(("www-authenticate", "allow"))


class Status(NamedTuple):
    """How a call failed: its code, in words, and metadata such as `retry-after`."""

    code: grpc.StatusCode
    details: str
    metadata: tuple[tuple[str, str], ...]


def status_of(problem: Problem) -> Status:
    """Return how gRPC tells of a problem."""
    return Status(_code(problem.status), text_of(problem), metadata_of(problem.headers))


def metadata_of(headers: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return headers as metadata, without those that are about HTTP alone."""
    named = ((name.lower(), value) for name, value in headers.items())
    return tuple((name, value) for name, value in named if name not in _LEFT_OUT)


def _code(status: int) -> grpc.StatusCode:
    """Return the code of a status: its own, or its class's."""
    found: grpc.StatusCode | None = CODES.get(status)  # type: ignore[call-overload]
    if found is not None:
        return found
    bad = status < HTTPStatus.INTERNAL_SERVER_ERROR
    return grpc.StatusCode.INVALID_ARGUMENT if bad else grpc.StatusCode.INTERNAL
