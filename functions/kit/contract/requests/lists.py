"""Lists that are looked through: by words, in another order, counted."""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from functions.kit.contract.errors import Flaw, Unreadable
from functions.kit.contract.requests.pages import Page, PageQuery, unknown_cursor

T = TypeVar("T")
READ = 1_000
"""How many are read of a store at a time."""

Words = Annotated[
    str, msgspec.Meta(max_length=100, description="Words that each item has, in any of its texts.")
]
Sort = Annotated[
    str, msgspec.Meta(max_length=60, description="A field; with `-` before it, its greatest first.")
]


class ListQuery(PageQuery):
    """What a list takes that can be searched and sorted: `count=true` has it counted, too."""

    q: Words | None = None
    sort: Sort | None = None
    count: bool = False

    @property
    def plain(self) -> bool:
        """Whether the list is wanted as it is kept, so that a page of it need alone be read."""
        return not (self.q or self.sort or self.count)


@dataclass(frozen=True)
class Listed(Generic[T]):
    """How things of a kind are listed.

    Attributes:
        key: what tells one from another.
        texts: what words are looked for in.
        orders: by field, what it is sorted by; None comes last.
    """

    key: Callable[[T], str]
    texts: Callable[[T], Iterable[str]]
    orders: Mapping[str, Callable[[T], Any]]

    def page(self, items: Iterable[T], query: ListQuery) -> Page[T]:
        """Return the page of `items`, which come in their usual order, that `query` asks for.

        Raises:
            Unreadable: the order or the cursor is not one of this list.
        """
        found = self._sorted(self._having(items, query.q or ""), query.sort or "")
        begin = self._begin(found, query.cursor) if query.cursor else 0
        end = begin + query.limit
        following = _cursor(end, self.key(found[end - 1])) if end < len(found) else None
        count = len(found) if query.count else msgspec.UNSET
        return Page(found[begin:end], following, count)

    def _having(self, items: Iterable[T], words: str) -> list[T]:
        wanted = words.casefold().split()
        if not wanted:
            return list(items)

        def holds(item: T) -> bool:
            text = "\n".join(self.texts(item)).casefold()
            return all(word in text for word in wanted)

        return [item for item in items if holds(item)]

    def _sorted(self, items: list[T], sort: str) -> list[T]:
        if not sort:
            return items
        name = sort.removeprefix("-")
        order = self.orders.get(name)
        if order is None:
            detail = f"The list cannot be sorted by '{name}'; it can by {', '.join(self.orders)}."
            raise Unreadable(detail, Flaw("is not what this list is sorted by", column="sort"))
        known = [item for item in items if order(item) is not None]
        known.sort(key=order, reverse=sort.startswith("-"))
        return known + [item for item in items if order(item) is None]

    def _begin(self, items: list[T], cursor: str) -> int:
        """Return where the page begins: behind the last one that was given.

        Where that is gone, at the place that it had: what follows moved up by one at the most.
        """
        place, key = _read(cursor)
        behind = (at + 1 for at, item in enumerate(items) if self.key(item) == key)
        return next(behind, min(place - 1, len(items)))


def every(read: Callable[[int, str | None], list[T]], key: Callable[[T], str]) -> Iterator[T]:
    """Yield all that a store has.

    Args:
        read: gives so many at most, in order, of those behind a key.
        key: what one is listed by.
    """
    after: str | None = None
    while True:
        found = read(READ, after)
        yield from found
        if len(found) < READ:
            return
        after = key(found[-1])


def _cursor(place: int, key: str) -> str:
    return base64.urlsafe_b64encode(f"{place} {key}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[int, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        text = ""
    place, _, key = text.partition(" ")
    if not (place.isascii() and place.isdigit() and int(place[:12]) > 0 and len(place) <= 12):
        raise unknown_cursor()
    return int(place), key
