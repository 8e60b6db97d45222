"""Lists documents, also those that are missing but have something below them, and collections."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from emulators.firestore.model import paths
from emulators.firestore.model.filters import name_code
from emulators.firestore.service.reading import Found, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.firestore.model.query import Query
    from emulators.firestore.model.scope import Scope
    from emulators.firestore.service.snapshot import Snapshot


def documents(query: Query, snapshot: Snapshot, *, show_missing: bool) -> Iterator[Found]:
    """Yield documents in order; with `show_missing` also missing ones, with an empty body."""
    found = run(query, snapshot)
    if not show_missing:
        return found
    parents = (Found(name_code(key), key, b"") for key in _missing_parents(query.scope, snapshot))
    return heapq.merge(found, (one for one in parents if one.sort_key >= query.start))


def _missing_parents(scope: Scope, snapshot: Snapshot) -> list[bytes]:
    collection = scope.single_collection
    below = scope.parent if collection is None else collection
    depth = len(paths.segments_of(scope.parent)) + 2
    keys = set()
    for key in snapshot.collections(below):
        segments = paths.segments_of(key)
        parent = paths.key(segments[:depth])
        if len(segments) > depth and parent not in keys and snapshot.holds_any(key):
            keys.add(parent)
    return sorted(key for key in keys if snapshot.get(key) is None)


def collection_ids(snapshot: Snapshot, parent: bytes) -> list[str]:
    """Return, sorted, the ids of the collections right below a document or the root.

    A collection is there if it, or anything below it, holds a document.
    """
    depth = len(paths.segments_of(parent))
    found: set[str] = set()
    for key in snapshot.collections(parent):
        identifier = paths.segments_of(key)[depth]
        if identifier not in found and snapshot.holds_any(key):
            found.add(identifier)
    return sorted(found, key=paths.segment_key)
