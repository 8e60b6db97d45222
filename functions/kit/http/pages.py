"""Lists are given in pages: a limit and an opaque cursor."""

import base64
import binascii
from typing import Annotated, Generic, TypeVar

import msgspec

from functions.kit.contract.errors import Flaw, Unreadable
from functions.kit.contract.names import is_name

T = TypeVar("T")

Limit = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class PageQuery(msgspec.Struct, forbid_unknown_fields=True):
    """What a list route takes: how many at most, and where to go on."""

    limit: Limit = 50
    cursor: str | None = None


class Page(msgspec.Struct, Generic[T]):
    """One page of a list; `next` is the cursor of the page after it, or null at the end."""

    items: list[T]
    next: str | None = None


def cursor_after(key: str) -> str:
    """Return the cursor of the page that begins after `key`, which is a name or a number."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def key_of(cursor: str) -> str:
    """Return the key inside `cursor`.

    Raises:
        Unreadable: when it is not one of ours.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        key = ""
    if not is_name(key):
        detail = "The cursor is not one that this list gave; leave it out to begin again."
        raise Unreadable(detail, Flaw("unknown cursor", column="cursor"))
    return key
