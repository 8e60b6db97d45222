"""Lists are given in pages: a limit and an opaque cursor."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

import msgspec

from functions.kit.contract.errors import Flaw, Unreadable
from functions.kit.contract.requests.names import is_name

T = TypeVar("T")
S = TypeVar("S")

Limit = Annotated[int, msgspec.Meta(ge=1, le=1000)]
LONGEST_NUMBER = 12  # digits of a key that is a number


class PageQuery(msgspec.Struct, forbid_unknown_fields=True):
    """What a list route takes: how many at most, and where to go on."""

    limit: Limit = 50
    cursor: str | None = None

    @property
    def after(self) -> str | None:
        """The key that the page begins after, or None at the beginning; raises Unreadable."""
        return key_of(self.cursor) if self.cursor is not None else None

    @property
    def after_number(self) -> int | None:
        """As `after`, of a list whose keys are numbers."""
        key = self.after
        if key is not None and (not key.isdecimal() or len(key) > LONGEST_NUMBER):
            raise unknown_cursor()
        return None if key is None else int(key)


class Page(msgspec.Struct, Generic[T]):
    """One page of a list; `next` is the cursor of the page after it, or null at the end.

    `count` is how many the whole list has, where that was asked for.
    """

    items: list[T]
    next: str | None = None
    count: int | msgspec.UnsetType = msgspec.UNSET

    def each(self, change: Callable[[T], S]) -> "Page[S]":
        """Return the page with each item changed."""
        return Page([change(item) for item in self.items], self.next, self.count)


def page_of(found: Sequence[T], limit: int, key: Callable[[T], str]) -> Page[T]:
    """Return the page of the first `limit` items.

    Args:
        found: the items from the page's beginning on; one more than `limit` where there are more.
        limit: the most that a page may hold.
        key: what an item is listed by.
    """
    items = list(found[:limit])
    return Page(items, cursor_after(key(items[-1])) if len(found) > limit else None)


def cursor_after(key: str) -> str:
    """Return the cursor of the page that begins after `key`, which is a name or a number."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def key_of(cursor: str) -> str:
    """Return the key inside `cursor`.

    Raises:
        Unreadable: it is not one of ours.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        key = ""
    if not is_name(key):
        raise unknown_cursor()
    return key


def unknown_cursor() -> Unreadable:
    """Say that a cursor leads nowhere."""
    detail = "The cursor is not one that this list gave; leave it out to begin again."
    return Unreadable(detail, Flaw("unknown cursor", column="cursor"))
