"""What buckets and objects may be called."""

import ipaddress
import re

from emulators.storage.model.errors import InvalidError

MAX_OBJECT_BYTES = 1024
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_MAX_PART = 63
_OBJECTS_NOT = frozenset((".", ".."))
_RESERVED = ".well-known/acme-challenge/"
_UNNAMEABLE = frozenset("\0\r\n")


def check_bucket(name: object) -> str:
    """Return a bucket's name.

    Raises:
        InvalidError: No bucket may be called so.
    """
    if not isinstance(name, str) or not name:
        raise InvalidError("A bucket name is required.")
    if not _BUCKET.fullmatch(name) or not _may_be_bucket(name):
        raise InvalidError(
            f"Invalid bucket name: '{name}': 3 to 63 lower-case letters, digits, '-', '_' and "
            "'.' are wanted, a letter or digit first and last."
        )
    return name


def check_object(name: object) -> str:
    """Return an object's name.

    Raises:
        InvalidError: No object may be called so.
    """
    if not isinstance(name, str) or not name:
        raise InvalidError("Required parameter: name.")
    try:
        size = len(name.encode())
    except UnicodeEncodeError as error:
        raise InvalidError("An object's name must be valid Unicode.") from error
    if size > MAX_OBJECT_BYTES:
        raise InvalidError(
            f"The maximum object length is {MAX_OBJECT_BYTES} characters, but got a name with "
            f"{size} characters: '{name[:40]}...'"
        )
    if name in _OBJECTS_NOT or name.startswith(_RESERVED) or not _UNNAMEABLE.isdisjoint(name):
        raise InvalidError(f"Disallowed object name: {name!r}")
    return name


def _may_be_bucket(name: str) -> bool:
    parts = name.split(".")
    if any(not part or len(part) > _MAX_PART for part in parts):
        return False
    if any(part[0] == "-" or part[-1] == "-" for part in parts) or _is_address(name):
        return False
    return not name.startswith("goog") and re.search("g[0o][0o]g[1l]e", name) is None


def _is_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True
