"""Whom a call is for: the same key leads to the same version where calls are shared out."""

from functions.kit.http.plain import Asked
from functions.kit.http.routes import Header

HEADER = "X-Mayfly-Sticky"
_FIELD = "HTTP_X_MAYFLY_STICKY"
STICKY = Header(HEADER)


def key_of(request: Asked) -> str:
    """Return the key that a request names; empty where it names none."""
    key: str = request.environ.get(_FIELD, "")
    return key
