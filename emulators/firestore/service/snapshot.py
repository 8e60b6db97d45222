"""The state of a database at one time, read from what is current and what was replaced since."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from emulators.firestore.model import paths
from emulators.firestore.model.protocol import Document
from emulators.firestore.model.rows import Entry
from emulators.firestore.service.changes import Changes, Replaced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.firestore.model.filters import Interval
    from emulators.firestore.model.plan import Index
    from emulators.firestore.service.ports import Store

_FIRST_PAGE, _LARGEST_PAGE = 32, 512


class Snapshot:
    """Reads one database as it was at `time` (microseconds), also while commits go on.

    Iterators may be held across commits: each page is corrected by what changed after `time`.
    """

    def __init__(self, store: Store, database: str, time: int) -> None:
        self._store = store
        self._database = database
        self.time = time
        self._changes = Changes(store, database, time)

    def get(self, key: bytes) -> bytes | None:
        """Return a document's body."""
        changed, body = self._changes.first(key)
        return body if changed else self._store.get(self._database, key)

    def scan(
        self, collection: bytes, interval: Interval, *, reverse: bool = False
    ) -> Iterator[tuple[bytes, bytes]]:
        """Yield the documents of a collection with keys in an interval, as (key, body)."""
        low, high = interval
        size = _FIRST_PAGE
        while True:
            rows = self._store.page(self._database, collection, (low, high), size, reverse=reverse)
            done = len(rows) < size
            covered = _covered((low, high), None if done else rows[-1][0], reverse=reverse)
            yield from self._correct(collection, rows, covered, reverse=reverse)
            if done:
                return
            low, high = (low, covered[0]) if reverse else (covered[1] or b"", high)
            size = min(2 * size, _LARGEST_PAGE)

    def search(self, collection: bytes, index: Index, interval: Interval) -> Iterator[Entry]:
        """Yield the entries of an index of a collection in an interval, sorted."""
        low, high = interval
        size = _FIRST_PAGE
        replaced = _ReplacedEntries(index)
        while True:
            rows = self._store.index_page(self._database, collection, index, (low, high), size)
            done = len(rows) < size
            covered = _covered((low, high), None if done else rows[-1].entry, reverse=False)
            changed = self._changes.of_collection(collection)
            yield from replaced.correct(rows, covered, changed)
            if done:
                return
            low = covered[1] or b""
            size = min(2 * size, _LARGEST_PAGE)

    def collections(self, below: bytes) -> list[bytes]:
        """Return the keys of the collections below a path that hold or held documents."""
        interval = (below, paths.successor(below) if below else None)
        return self._store.collections(self._database, interval)

    def holds_any(self, collection: bytes) -> bool:
        """Tell whether a collection has a document."""
        return next(self.scan(collection, (collection, None)), None) is not None

    def is_large(self, collection: bytes, count: int) -> bool:
        """Tell whether a collection holds more than so many documents by now."""
        return self._store.holds_more_than(self._database, collection, count)

    def _correct(
        self,
        collection: bytes,
        rows: list[tuple[bytes, bytes]],
        covered: Interval,
        *,
        reverse: bool,
    ) -> list[tuple[bytes, bytes]]:
        changed = self._changes.within(collection, covered)
        if not changed:
            return rows
        kept = [row for row in rows if row[0] not in changed]
        kept += [
            (key, body)
            for key, body in changed.items()
            if body is not None and _inside(key, covered)
        ]
        return sorted(kept, reverse=reverse)


class _ReplacedEntries:
    """The entries of an index that documents had before they changed."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._read = 0
        self._entries: list[Entry] = []

    def correct(self, rows: list[Entry], covered: Interval, changed: Replaced) -> list[Entry]:
        """Return a page of current entries as it was; `changed` only ever grows."""
        if not changed:
            return rows
        if len(changed) > self._read:
            self._take_in(list(changed.items())[self._read :])
            self._read = len(changed)
        low, high = covered
        first = bisect_left(self._entries, (low,))
        last = len(self._entries) if high is None else bisect_left(self._entries, (high,))
        kept = [row for row in rows if row.key not in changed]
        return sorted(kept + self._entries[first:last])

    def _take_in(self, changed: list[tuple[bytes, bytes | None]]) -> None:
        for key, body in changed:
            if body is not None:
                entries = self._index.entries(Document.FromString(body).fields, key)
                self._entries += [Entry(one, key, body) for one in entries]
        self._entries.sort()


def _covered(interval: Interval, last: bytes | None, *, reverse: bool) -> Interval:
    """Return the part of an interval that a page answers for; `last` is None at the end."""
    low, high = interval
    if last is None:
        return interval
    return (last, high) if reverse else (low, last + b"\x00")


def _inside(key: bytes, interval: Interval) -> bool:
    return interval[0] <= key and (interval[1] is None or key < interval[1])
