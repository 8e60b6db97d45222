"""What changed since a time: of a few recent changes all, of many those that are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.firestore.model import paths

if TYPE_CHECKING:
    from emulators.firestore.model.filters import Interval
    from emulators.firestore.service.ports import Store

FEW = 100
"""Up to so many changes are read at once; of more, each is looked up by its key."""

Replaced = dict[bytes, bytes | None]
"""What was there at a time, by key: of the documents that changed after it, and no others."""

_NONE: Replaced = {}


class Changes:
    """The documents of one database that changed after `time`, as they were at it.

    Answers are right for the moment: commits that come later are in the next answer.
    """

    def __init__(self, store: Store, database: str, time: int) -> None:
        self._store = store
        self._database = database
        self._time = time
        self._seen = time
        self._many: bool | None = None
        self._by_collection: dict[bytes, Replaced] = {}

    def first(self, key: bytes) -> tuple[bool, bytes | None]:
        """Tell whether a document changed, and what it was (None: it was not there)."""
        if self._store.last_commit(self._database) <= self._time:
            return False, None
        prior = self._store.first_after(self._database, self._time, key)
        return prior is not None, None if prior is None else prior.before

    def within(self, collection: bytes, interval: Interval) -> Replaced:
        """Return the documents of a collection that changed, at least those in an interval."""
        if self._are_few():
            return self._by_collection.get(collection, _NONE)
        low, high = max(interval[0], collection), interval[1]
        end = paths.successor(collection) if high is None else high
        rows = self._store.first_of_each_after(self._database, self._time, (low, end))
        return {row.key: row.before for row in rows if paths.collection_of(row.key) == collection}

    def of_collection(self, collection: bytes) -> Replaced:
        """Return all documents of a collection that changed; the same dict, as long as it is."""
        if not self._are_few() and collection not in self._by_collection:
            self._by_collection[collection] = self.within(collection, (collection, None))
        return self._by_collection.get(collection, _NONE)

    def _are_few(self) -> bool:
        """Take in what was committed meanwhile; of many changes only in collections asked for."""
        newest = self._store.last_commit(self._database)
        if newest > self._seen:
            seen, self._seen = self._seen, newest
            if self._many is None:
                some = self._store.since(self._database, seen, FEW + 1)
                self._many = sum(1 for _ in some) > FEW
            if self._by_collection or not self._many:
                for row in self._store.since(self._database, seen):
                    self._note(row.key, row.before)
        return not self._many

    def _note(self, key: bytes, before: bytes | None) -> None:
        collection = paths.collection_of(key)
        if not self._many:
            self._by_collection.setdefault(collection, {}).setdefault(key, before)
        elif collection in self._by_collection:
            self._by_collection[collection].setdefault(key, before)
