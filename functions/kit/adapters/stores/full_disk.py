"""Which store has no room: told by what its client raises."""

import errno
from typing import Any

from functions.kit.adapters.stores.google_clients import exceptions

NO_ROOM = 507
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def full(error: BaseException) -> str:
    """Return what is full, and where that was said, as a sentence; empty for any other error."""
    if isinstance(error, exceptions.ResourceExhausted):
        return f"The document store takes no more: {error.message}"
    if _status(error) == NO_ROOM:
        return f"The file store has no room left: {_words(error)}"
    if isinstance(error, OSError) and error.errno in FULL:
        return f"The disk of this function is full: {error.strerror}."
    return ""


def _status(error: Any) -> int | None:
    """Return the HTTP status that an error of the storage client carries, whole or in an answer."""
    response = getattr(error, "response", None)
    found: int | None = getattr(response, "status_code", None) or getattr(error, "code", None)
    return found


def _words(error: Any) -> str:
    """Return what the service said (Google's JSON error), or at least that it was refused."""
    try:
        said: str = error.response.json()["error"]["message"]
    except (AttributeError, ValueError, KeyError, TypeError):
        return "it refused the write."
    return f"{said}."
