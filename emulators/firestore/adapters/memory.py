"""A store in memory: for tests, and for runs that leave nothing behind."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulators.firestore.model import paths
from emulators.firestore.model.protocol import Document
from emulators.firestore.model.rows import Change, Entry, PriorVersion, Receipt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from emulators.firestore.model.filters import Interval
    from emulators.firestore.model.plan import Index


@dataclass
class _Collection:
    bodies: dict[bytes, bytes] = field(default_factory=dict)
    keys: list[bytes] = field(default_factory=list)
    indexes: dict[Index, list[tuple[bytes, bytes]]] = field(default_factory=dict)

    def change(self, change: Change) -> None:
        for index, entries in self.indexes.items():
            for entry in _entries(index, change.key, change.before):
                del entries[bisect_left(entries, (entry, change.key))]
            for entry in _entries(index, change.key, change.after):
                insort(entries, (entry, change.key))
        if change.before is None and change.after is not None:
            insort(self.keys, change.key)
        if change.after is not None:
            self.bodies[change.key] = change.after
        elif change.before is not None:
            del self.bodies[change.key]
            del self.keys[bisect_left(self.keys, change.key)]

    def index(self, index: Index) -> list[tuple[bytes, bytes]]:
        if index not in self.indexes:
            self.indexes[index] = sorted(
                (entry, key)
                for key, body in self.bodies.items()
                for entry in _entries(index, key, body)
            )
        return self.indexes[index]


@dataclass
class _Database:
    last_commit: int = 0
    collections: defaultdict[bytes, _Collection] = field(
        default_factory=lambda: defaultdict(_Collection)
    )
    history: list[PriorVersion] = field(default_factory=list)
    receipts: dict[bytes, tuple[int, Receipt]] = field(default_factory=dict)


def _entries(index: Index, key: bytes, body: bytes | None) -> list[bytes]:
    return [] if body is None else index.entries(Document.FromString(body).fields, key)


class MemoryStore:
    """See `Store`."""

    def __init__(self) -> None:
        self._databases: dict[str, _Database] = {}
        self._staged: defaultdict[str, dict[bytes, bytes]] = defaultdict(dict)
        self._reserved = 0

    def databases(self) -> list[str]:
        """See `Store.databases`."""
        return sorted(self._databases)

    def last_commit(self, database: str) -> int:
        """See `Store.last_commit`."""
        return self._of(database).last_commit

    def reserved(self) -> int:
        """See `Store.reserved`."""
        return self._reserved

    def reserve(self, time: int) -> None:
        """See `Store.reserve`."""
        self._reserved = time

    def commit(
        self, database: str, time: int, changes: Sequence[Change], receipt: Receipt | None = None
    ) -> None:
        """See `Store.commit`."""
        state = self._databases.setdefault(database, _Database())
        state.last_commit = time
        for change in changes:
            state.collections[paths.collection_of(change.key)].change(change)
            state.history.append(PriorVersion(time, change.key, change.before))
        if receipt is not None:
            state.receipts[receipt.transaction] = time, receipt

    def receipt(self, database: str, transaction: bytes) -> Receipt | None:
        """See `Store.receipt`."""
        found = self._of(database).receipts.get(transaction)
        return None if found is None else found[1]

    def sync(self) -> None:
        """See `Store.sync`."""

    def stage(self, database: str, documents: Iterable[tuple[bytes, bytes]]) -> None:
        """See `Store.stage`."""
        self._staged[database].update(documents)

    def adopt(self, times: Mapping[str, int]) -> None:
        """See `Store.adopt`."""
        for database, time in times.items():
            bodies = self._staged[database]
            changes = [Change(key, self.get(database, key), bodies[key]) for key in sorted(bodies)]
            self.commit(database, time, changes)
        self.drop_staged()

    def drop_staged(self) -> None:
        """See `Store.drop_staged`."""
        self._staged.clear()

    def clear(self, database: str, time: int) -> list[bytes]:
        """See `Store.clear`."""
        bodies = {
            key: body
            for collection in self._of(database).collections.values()
            for key, body in collection.bodies.items()
        }
        self.commit(database, time, [Change(key, bodies[key], None) for key in sorted(bodies)])
        return sorted(bodies)

    def get(self, database: str, key: bytes) -> bytes | None:
        """See `Store.get`."""
        collection = self._of(database).collections.get(paths.collection_of(key))
        return None if collection is None else collection.bodies.get(key)

    def page(
        self, database: str, collection: bytes, interval: Interval, limit: int, *, reverse: bool
    ) -> list[tuple[bytes, bytes]]:
        """See `Store.page`."""
        held = self._of(database).collections.get(collection)
        if held is None:
            return []
        low = bisect_left(held.keys, interval[0])
        high = len(held.keys) if interval[1] is None else bisect_left(held.keys, interval[1])
        keys = held.keys[low:high]
        return [(key, held.bodies[key]) for key in (reversed(keys) if reverse else keys)][:limit]

    def holds_more_than(self, database: str, collection: bytes, count: int) -> bool:
        """See `Store.holds_more_than`."""
        held = self._of(database).collections.get(collection)
        return held is not None and len(held.keys) > count

    def collections(self, database: str, interval: Interval) -> list[bytes]:
        """See `Store.collections`."""
        low, high = interval
        known = sorted(self._of(database).collections)
        return [key for key in known if low <= key and (high is None or key < high)]

    def since(self, database: str, time: int, most: int | None = None) -> list[PriorVersion]:
        """See `Store.since`."""
        history = self._of(database).history
        first = bisect_left(history, time + 1, key=lambda one: one.time)
        return history[first : None if most is None else first + most]

    def first_after(self, database: str, time: int, key: bytes) -> PriorVersion | None:
        """See `Store.first_after`."""
        return next((one for one in self.since(database, time) if one.key == key), None)

    def first_of_each_after(
        self, database: str, time: int, interval: Interval
    ) -> Iterable[PriorVersion]:
        """See `Store.first_of_each_after`."""
        low, high = interval
        found: dict[bytes, PriorVersion] = {}
        for one in self.since(database, time):
            if low <= one.key and (high is None or one.key < high):
                found.setdefault(one.key, one)
        return [found[key] for key in sorted(found)]

    def index_page(
        self, database: str, collection: bytes, index: Index, interval: Interval, limit: int
    ) -> list[Entry]:
        """See `Store.index_page`."""
        held = self._of(database).collections.get(collection)
        if held is None:
            return []
        entries = held.index(index)
        low = bisect_left(entries, (interval[0],))
        high = len(entries) if interval[1] is None else bisect_left(entries, (interval[1],))
        found = entries[low : max(low, min(high, low + limit))]
        return [Entry(entry, key, held.bodies[key]) for entry, key in found]

    def has_index(self, database: str, collection: bytes, index: Index) -> bool:  # noqa: ARG002 - as in Store
        """See `Store.has_index`: the first search makes it."""
        return True

    def make_index(self, database: str, collection: bytes, index: Index) -> Iterator[None]:
        """See `Store.make_index`."""
        held = self._of(database).collections.get(collection)
        if held is not None:
            held.index(index)
        return iter(())

    def forget(self, database: str, time: int) -> None:
        """See `Store.forget`."""
        state = self._of(database)
        kept = {key: one for key, one in state.receipts.items() if one[0] > time}
        state.receipts = kept
        history = state.history
        del history[: bisect_left(history, time + 1, key=lambda one: one.time)]

    def close(self) -> None:
        """See `Store.close`."""
        self._databases.clear()

    def _of(self, database: str) -> _Database:
        return self._databases.get(database) or _Database()
