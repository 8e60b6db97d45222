"""What the service, and those who translate calls to it, need of the outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from emulators.firestore.model.filters import Interval
    from emulators.firestore.model.plan import Index
    from emulators.firestore.model.rows import Change, Entry, PriorVersion, Receipt
    from emulators.firestore.model.triggers import Trigger


class Store(Protocol):
    """Keeps documents; a database springs into being with its first commit.

    A store keeps the current documents of any number of databases, sorted by key, and for each
    change what was there before it, so that an earlier state can be read. Every method is
    synchronous and atomic; a store is used by one thread.
    """

    def databases(self) -> list[str]:
        """Return the names of the databases."""

    def last_commit(self, database: str) -> int:
        """Return the time of the newest commit; 0 for an unknown database."""

    def reserved(self) -> int:
        """Return the greatest time that was reserved, also before a restart; 0 for none."""

    def reserve(self, time: int) -> None:
        """Note that reads may be answered as of a time; it is on disk on return."""

    def commit(
        self, database: str, time: int, changes: Sequence[Change], receipt: Receipt | None = None
    ) -> None:
        """Apply the changes, all or none; `time` is after every earlier commit.

        They survive the end of the process at once, and the loss of power after `sync`. With them
        the receipt is kept, for as long as what they replaced.
        """

    def receipt(self, database: str, transaction: bytes) -> Receipt | None:
        """Return the receipt that came with the commit of a transaction."""

    def sync(self) -> None:
        """Return when all commits so far are on disk; may be called from any thread.

        Raises:
            OSError: The disk did not take them.
            ResourceExhaustedError: It has no room.
        """

    def stage(self, database: str, documents: Iterable[tuple[bytes, bytes]]) -> None:
        """Put documents aside as (key, body), where no read finds them; a restart drops them."""

    def adopt(self, times: Mapping[str, int]) -> None:
        """Put all that was put aside in place, all or none: a commit for each database named."""

    def drop_staged(self) -> None:
        """Forget what was put aside."""

    def clear(self, database: str, time: int) -> list[bytes]:
        """Delete all documents in a commit at `time`; return their keys, sorted."""

    def get(self, database: str, key: bytes) -> bytes | None:
        """Return a document's body."""

    def page(
        self, database: str, collection: bytes, interval: Interval, limit: int, *, reverse: bool
    ) -> list[tuple[bytes, bytes]]:
        """Return up to `limit` documents of a collection as (key, body), sorted by key."""

    def holds_more_than(self, database: str, collection: bytes, count: int) -> bool:
        """Tell whether a collection has more than so many documents."""

    def collections(self, database: str, interval: Interval) -> list[bytes]:
        """Return, sorted, the keys in an interval of collections that hold or held documents."""

    def since(self, database: str, time: int, most: int | None = None) -> Iterable[PriorVersion]:
        """Return what commits after a time replaced, oldest first; at most so many rows."""

    def first_after(self, database: str, time: int, key: bytes) -> PriorVersion | None:
        """Return what the oldest commit after a time replaced at a key: the state at the time."""

    def first_of_each_after(
        self, database: str, time: int, interval: Interval
    ) -> Iterable[PriorVersion]:
        """Return that for every key in an interval that changed after a time, sorted by key."""

    def index_page(
        self, database: str, collection: bytes, index: Index, interval: Interval, limit: int
    ) -> list[Entry]:
        """Return up to `limit` entries of an index, sorted; make the index if need be."""

    def has_index(self, database: str, collection: bytes, index: Index) -> bool:
        """Tell whether an index can be searched without being made first."""

    def make_index(self, database: str, collection: bytes, index: Index) -> Iterator[None]:
        """Make an index step by step; commits may come between the steps."""

    def forget(self, database: str, time: int) -> None:
        """Drop what commits at or before a time replaced, and their receipts."""

    def close(self) -> None:
        """Let go of everything; the store cannot be used after."""


class Triggers(Protocol):
    """Tells functions what changes."""

    def add(self, trigger: Trigger) -> None:
        """Start a trigger; one of the same name in the project gives way.

        Raises:
            FailedPreconditionError: There is nobody to tell.
        """

    def remove(self, project: str, name: str) -> bool:
        """End a trigger and what it still had to deliver; tell whether there was one."""


class Exports(Protocol):
    """Takes all databases out to a folder and in from one; both go step by step."""

    def export(self, folder: Path) -> Generator[None, None, None]:
        """Write all databases as they are at the first step.

        Raises:
            FailedPreconditionError: The folder is there already, or cannot be written.
        """

    def import_(self, folder: Path) -> Generator[None, None, dict[str, int]]:
        """Put exported documents into their databases, all or none; others stay as they are.

        Returns:
            How many documents each database got.

        Raises:
            InvalidArgumentError: The folder is no export, or it was damaged.
        """
