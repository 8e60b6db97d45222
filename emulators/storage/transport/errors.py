"""Which status an error is, and the one shape of what is refused."""

import json
import logging
from http import HTTPStatus

from emulators.storage.model import errors
from emulators.storage.transport.http.messages import BrokenBodyError, Response

_LOG = logging.getLogger(__name__)
_TABLE: dict[type[Exception], tuple[int, str]] = {
    errors.NotFoundError: (404, "notFound"),
    errors.NoRouteError: (404, "notFound"),
    errors.ConflictError: (409, "conflict"),
    errors.InvalidError: (400, "invalid"),
    errors.ForbiddenError: (403, "forbidden"),
    errors.ExpiredError: (400, "expired"),
    errors.PreconditionFailedError: (412, "conditionNotMet"),
    errors.NotModifiedError: (304, "notModified"),
    errors.UnsatisfiableError: (416, "requestedRangeNotSatisfiable"),
    errors.TooLargeError: (413, "uploadTooLarge"),
    # Clients do not try a 507 again: a full disk is said at once, not after minutes.
    errors.NoRoomError: (507, "insufficientStorage"),
    errors.UnsupportedError: (501, "notImplemented"),
    errors.CancelledError: (499, "clientClosedRequest"),
    errors.InterruptedUploadError: (503, "backendError"),
    BrokenBodyError: (400, "invalid"),
}
_FAULT = 500  # of ours
JSON_TYPE = "application/json; charset=UTF-8"


def told(error: Exception) -> tuple[int, str, str]:
    """Return the status, the reason and the words for an error; ours are logged."""
    known = _known(error)
    if known is not None:
        return *known, str(error)
    _LOG.error("a request failed", exc_info=error)
    return _FAULT, "internalError", f"{type(error).__name__}: {error}"


def status_of(error: Exception) -> int:
    """Return the status for an error."""
    known = _known(error)
    return _FAULT if known is None else known[0]


def _known(error: Exception) -> tuple[int, str] | None:
    return next((told for kind, told in _TABLE.items() if isinstance(error, kind)), None)


def as_json(status: int, message: str, reason: str = "") -> Response:
    """Return a refusal as the JSON API has it."""
    if status == HTTPStatus.NOT_MODIFIED:
        return Response(status)
    one = {"message": message, "domain": "global", "reason": reason or "invalid"}
    body = {"error": {"code": status, "message": message, "errors": [one]}}
    return Response(status, {"Content-Type": JSON_TYPE}, json.dumps(body).encode())
