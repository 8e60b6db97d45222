"""The interface of a store, and the rows that pass through it.

A store keeps the current documents of any number of databases, sorted by key, and for each change
what was there before it, so that an earlier state can be read. Every method is synchronous and
atomic; a store is used by one thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from emulators.firestore.model.filters import Interval
    from emulators.firestore.model.plan import Index


class Change(NamedTuple):
    """A document before and after a commit: serialized `Document`s, or None for none."""

    key: bytes
    before: bytes | None
    after: bytes | None


class Past(NamedTuple):
    """What a commit at `time` (microseconds) replaced."""

    time: int
    key: bytes
    before: bytes | None


class Receipt(NamedTuple):
    """What a transaction's commit was: a digest of its request, and the answer, serialized."""

    transaction: bytes
    request: bytes
    answer: bytes


class Entry(NamedTuple):
    """A document found through an index: the entry, the document's key and body."""

    entry: bytes
    key: bytes
    body: bytes


class Store(Protocol):
    """Keeps documents; a database springs into being with its first commit."""

    def databases(self) -> list[str]:
        """Returns the names of the databases."""

    def last_commit(self, database: str) -> int:
        """Returns the time of the newest commit; 0 for an unknown database."""

    def reserved(self) -> int:
        """Returns the greatest time that was reserved, also before a restart; 0 for none."""

    def reserve(self, time: int) -> None:
        """Notes that reads may be answered as of a time; it is on disk on return."""

    def commit(
        self, database: str, time: int, changes: Sequence[Change], receipt: Receipt | None = None
    ) -> None:
        """Applies the changes, all or none; `time` is after every earlier commit.

        They survive the end of the process at once, and the loss of power after `sync`. With them
        the receipt is kept, for as long as what they replaced.
        """

    def receipt(self, database: str, transaction: bytes) -> Receipt | None:
        """Returns the receipt that came with the commit of a transaction."""

    def sync(self) -> None:
        """Returns when all commits so far are on disk; may be called from any thread.

        Raises:
            OSError: the disk did not take them.
            ResourceExhaustedError: it has no room.
        """

    def stage(self, database: str, documents: Iterable[tuple[bytes, bytes]]) -> None:
        """Puts documents aside as (key, body), where no read finds them; a restart drops them."""

    def adopt(self, times: Mapping[str, int]) -> None:
        """Puts all that was put aside in place, all or none: a commit for each database named."""

    def drop_staged(self) -> None:
        """Forgets what was put aside."""

    def clear(self, database: str, time: int) -> list[bytes]:
        """Deletes all documents in a commit at `time`; returns their keys, sorted."""

    def get(self, database: str, key: bytes) -> bytes | None:
        """Returns a document's body."""

    def page(
        self, database: str, collection: bytes, interval: Interval, limit: int, *, reverse: bool
    ) -> list[tuple[bytes, bytes]]:
        """Returns up to `limit` documents of a collection as (key, body), sorted by key."""

    def holds_more_than(self, database: str, collection: bytes, count: int) -> bool:
        """Tells whether a collection has more than so many documents."""

    def collections(self, database: str, interval: Interval) -> list[bytes]:
        """Returns, sorted, the keys in an interval of collections that hold or held documents."""

    def since(self, database: str, time: int, most: int | None = None) -> Iterable[Past]:
        """Returns what commits after a time replaced, oldest first; at most so many rows."""

    def first_after(self, database: str, time: int, key: bytes) -> Past | None:
        """Returns what the oldest commit after a time replaced at a key: the state at the time."""

    def first_of_each_after(self, database: str, time: int, interval: Interval) -> Iterable[Past]:
        """Returns that for every key in an interval that changed after a time, sorted by key."""

    def index_page(
        self, database: str, collection: bytes, index: Index, interval: Interval, limit: int
    ) -> list[Entry]:
        """Returns up to `limit` entries of an index, sorted; makes the index if need be."""

    def has_index(self, database: str, collection: bytes, index: Index) -> bool:
        """Tells whether an index can be searched without being made first."""

    def make_index(self, database: str, collection: bytes, index: Index) -> Iterator[None]:
        """Makes an index step by step; commits may come between the steps."""

    def forget(self, database: str, time: int) -> None:
        """Drops what commits at or before a time replaced, and their receipts."""

    def close(self) -> None:
        """Lets go of everything; the store cannot be used after."""
