"""Whom a call is for: the same key leads to the same version where calls are shared out."""

from functions.kit.http.requests.plain import Asked
from functions.kit.http.routing.routes import Header

HEADER = "X-Mayfly-Sticky"
FIELD = "HTTP_X_MAYFLY_STICKY"
"""The same, by its name in WSGI."""
STICKY = Header(HEADER)


def key_of(request: Asked) -> str:
    """Return the key that a request names; empty where it names none."""
    key: str = request.environ.get(FIELD, "")
    return key
