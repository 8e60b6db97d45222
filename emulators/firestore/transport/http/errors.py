"""Errors as HTTP answers: `{"error": {code, message, status}}`."""

from __future__ import annotations

import json
import logging
from typing import Any

from emulators.firestore.model.errors import FirestoreError
from emulators.firestore.transport.http.messages import Response

_HTTP = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "UNKNOWN": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
}
_LOG = logging.getLogger(__name__)


def describe(error: Exception) -> dict[str, Any]:
    """Return what an answer says about an error; a fault of ours is logged."""
    if isinstance(error, FirestoreError):
        status, reason = error.status, str(error)
    else:
        _LOG.error("a request over HTTP failed", exc_info=error)
        status, reason = "UNKNOWN", f"{type(error).__name__}: {error}"
    return {"error": {"code": _HTTP[status], "message": reason, "status": status}}


def refusal(error: Exception, *, in_array: bool = False) -> Response:
    """Return the answer to a request that failed; calls that stream answer with an array."""
    told = describe(error)
    body = json.dumps([told] if in_array else told).encode()
    return Response(told["error"]["code"], body)
