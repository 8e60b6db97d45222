"""What handlers give, as responses."""

from typing import Any

import msgspec
from flask import Response

from functions.kit.http.responses.answers import JSON
from functions.kit.http.routing.routes import Reply


def response_of(value: Any, status: int) -> Response:
    """Return what a handler gave as a response with its route's status."""
    if isinstance(value, Response):
        return value
    if isinstance(value, Reply):
        return Response(
            msgspec.json.encode(value.value), value.status, value.headers, content_type=JSON
        )
    if value is None:
        return Response(status=204)
    return Response(msgspec.json.encode(value), status, content_type=JSON)
