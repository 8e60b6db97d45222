"""Outcomes as Kubernetes ``Status`` objects (pure)."""

from typing import Any

from emulators.gateway.errors import Exists, GatewayError
from emulators.gateway.http.problems import status_of

# Kubernetes' word for each status; two kinds of conflict differ in it.
REASONS = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound",
    405: "MethodNotAllowed", 406: "NotAcceptable", 409: "Conflict", 410: "Expired",
    413: "RequestEntityTooLarge", 415: "UnsupportedMediaType", 422: "Invalid",
    429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout",
}  # fmt: skip


def failure(error: GatewayError) -> dict[str, Any]:
    """Return the Status of a refusal."""
    status = status_of(type(error))
    reason = "AlreadyExists" if isinstance(error, Exists) else REASONS.get(status, "Unknown")
    message = f"{error.message}: {error.remedy}" if error.remedy else error.message
    body = _status("Failure") | {"message": message, "reason": reason, "code": status}
    return body | {"details": error.about} if error.about else body


def success(details: dict[str, Any]) -> dict[str, Any]:
    """Return the Status of something that was done."""
    return _status("Success") | {"details": details}


def _status(outcome: str) -> dict[str, Any]:
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": outcome}
