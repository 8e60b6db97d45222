"""Outcomes as Kubernetes ``Status`` objects (pure)."""

from typing import Any

from emulators.gateway.errors import GatewayError

REASONS = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound",
    405: "MethodNotAllowed", 406: "NotAcceptable", 409: "Conflict", 410: "Expired",
    413: "RequestEntityTooLarge", 415: "UnsupportedMediaType", 422: "Invalid",
    429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout",
}  # fmt: skip


class StatusError(GatewayError):
    """A refusal that knows its reason and the object that it is about.

    Args:
        status: HTTP status of the answer.
        message: What is wrong, naming the thing.
        remedy: What to do about it.
        reason: Kubernetes' word; the status' usual one where none is given.
        details: The object: name, group, kind (the plural, as Kubernetes has it here).
    """

    def __init__(
        self,
        status: int,
        message: str,
        remedy: str = "",
        *,
        reason: str = "",
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(status, message, remedy)
        self.reason = reason
        self.details = details or {}


def failure(error: GatewayError) -> dict[str, Any]:
    """The Status of a refusal."""
    refusal = error if isinstance(error, StatusError) else None
    message = f"{error.message}: {error.remedy}" if error.remedy else error.message
    reason = (refusal.reason if refusal else "") or REASONS.get(error.status, "Unknown")
    body = _status("Failure") | {"message": message, "reason": reason, "code": error.status}
    return body | {"details": refusal.details} if refusal and refusal.details else body


def success(details: dict[str, Any]) -> dict[str, Any]:
    """The Status of something that was done."""
    return _status("Success") | {"details": details}


def _status(outcome: str) -> dict[str, Any]:
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": outcome}
