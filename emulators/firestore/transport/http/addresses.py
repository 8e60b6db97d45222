"""Paths of HTTP requests, as names."""

from __future__ import annotations

from urllib.parse import unquote

from emulators.firestore.model.errors import InvalidArgumentError


def parts(path: str) -> list[str]:
    """Return what stands between the slashes of a path, decoded; it may hold slashes itself.

    Raises:
        InvalidArgumentError: The path is not UTF-8.
    """
    try:
        return [unquote(part, errors="strict") for part in path.split("/")]
    except UnicodeDecodeError as error:
        raise InvalidArgumentError("The path is not UTF-8.") from error
