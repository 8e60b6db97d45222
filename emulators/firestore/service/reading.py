"""Runs a compiled query on a snapshot."""

from __future__ import annotations

import heapq
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from emulators.firestore.model.filters import Composite, Interval
from emulators.firestore.model.paths import successor
from emulators.firestore.model.plan import Search, invert, searches
from emulators.firestore.model.protocol import Document
from emulators.firestore.model.vector_search import Nearest, put_distance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.firestore.model.plan import Index
    from emulators.firestore.model.query import Query
    from emulators.firestore.service.snapshot import Snapshot

INDEX_FROM = 500
"""Collections with more documents than this are searched by index, smaller ones by looking."""


class Found(NamedTuple):
    """A result: what it is sorted by, its key, its serialized Document."""

    sort_key: bytes
    key: bytes
    body: bytes


def run(query: Query, snapshot: Snapshot, index_from: int = INDEX_FROM) -> Iterator[Found]:
    """Yield the results in order, with offset and limit applied.

    Args:
        query: What to find.
        snapshot: The state to look at.
        index_from: The size from which an index is used.
    """
    found = _all(query, snapshot, index_from)
    if query.nearest is not None:
        found = _nearest(query.nearest, found)
    end = None if query.limit is None else query.offset + query.limit
    return islice(found, query.offset, end)


def _nearest(nearest: Nearest, candidates: Iterator[Found]) -> Iterator[Found]:
    """Yield the nearest documents, nearest first, with their distance if it is wanted."""
    near = []
    for found in candidates:
        distance = nearest.distance(Document.FromString(found.body).fields)
        if distance is not None:
            near.append((nearest.rank(distance), found.key, found, distance))
    for _, _, found, distance in heapq.nsmallest(nearest.limit, near):
        if nearest.result_field is None:
            yield found
        else:
            document = Document.FromString(found.body)
            put_distance(document.fields, nearest.result_field, distance)
            yield found._replace(body=document.SerializeToString())


def _all(query: Query, snapshot: Snapshot, index_from: int) -> Iterator[Found]:
    single = query.scope.single_collection
    if single is not None:
        return _in_collection(query, snapshot, single, index_from)
    collections = snapshot.collections(query.scope.parent)
    return heapq.merge(
        *(
            _in_collection(query, snapshot, key, index_from)
            for key in collections
            if query.scope.covers_collection(key)
        )
    )


def wanted_indexes(
    query: Query, snapshot: Snapshot, index_from: int = INDEX_FROM
) -> Iterator[tuple[bytes, Index]]:
    """Yield the collections that `run` would search by index, each with the index."""
    single = query.scope.single_collection
    if single is None:
        below = snapshot.collections(query.scope.parent)
        collections = [key for key in below if query.scope.covers_collection(key)]
    else:
        collections = [single]
    for collection in collections:
        for search in _index_searches(query, snapshot, collection, index_from) or ():
            yield collection, search.index


def _in_collection(
    query: Query, snapshot: Snapshot, collection: bytes, index_from: int
) -> Iterator[Found]:
    plan = _index_searches(query, snapshot, collection, index_from)
    if plan is not None:
        return _by_index(query, snapshot, collection, plan)
    if query.by_name_alone:
        return _by_name(query, snapshot, collection, list(searches(query)))
    return _by_sorting(query, snapshot, collection)


def _index_searches(
    query: Query, snapshot: Snapshot, collection: bytes, index_from: int
) -> list[Search] | None:
    """Return the searches that find the results of a large collection; None: look at all."""
    plan = list(searches(query))
    if query.by_name_alone and any(search.by_documents for search in plan):
        return None
    return plan if snapshot.is_large(collection, index_from) else None


def _by_sorting(query: Query, snapshot: Snapshot, collection: bytes) -> Iterator[Found]:
    found = []
    for key, body in snapshot.scan(collection, (collection, None)):
        sort_key = query.place(Document.FromString(body).fields, key)
        if sort_key is not None:
            found.append(Found(sort_key, key, body))
    yield from sorted(found)


def _by_name(
    query: Query, snapshot: Snapshot, collection: bytes, plan: list[Search]
) -> Iterator[Found]:
    """Walk the documents in the order of their names."""
    descending = query.orders[0].descending
    unfiltered = query.where == Composite(every=True, filters=())
    interval = _key_interval(_hull(plan), descending=descending)
    for key, body in snapshot.scan(collection, interval, reverse=descending):
        order_key = query.orders[0].code(None, key) or b""
        if unfiltered:
            yield Found(order_key, key, body)
            continue
        if query.place(Document.FromString(body).fields, key) is not None:
            yield Found(order_key, key, body)


def _by_index(
    query: Query, snapshot: Snapshot, collection: bytes, plan: list[Search]
) -> Iterator[Found]:
    """Merge the alternatives; one document found by several of them is yielded once."""
    last = None
    runs = [_alternative(query, snapshot, collection, search) for search in plan]
    for found in runs[0] if len(runs) == 1 else heapq.merge(*runs):
        if found.sort_key != last:
            last = found.sort_key
            yield found


def _alternative(
    query: Query, snapshot: Snapshot, collection: bytes, search: Search
) -> Iterator[Found]:
    skip = len(search.prefix)
    for low, high in search.intervals:
        end = successor(search.prefix) if high is None else search.prefix + high
        for entry in snapshot.search(collection, search.index, (search.prefix + low, end)):
            if search.exact or query.where.matches(
                Document.FromString(entry.body).fields, entry.key
            ):
                yield Found(entry.entry[skip:], entry.key, entry.body)


def _hull(plan: list[Search]) -> Interval:
    """Return one interval of sort keys that spans those of every alternative."""
    intervals = [interval for search in plan for interval in search.intervals]
    if not intervals:
        return b"", b""
    ends = [high for _, high in intervals if high is not None]
    low = min(low for low, _ in intervals)
    return low, max(ends) if len(ends) == len(intervals) else None


def _key_interval(interval: Interval, *, descending: bool) -> Interval:
    """Turn an interval of codes of names into one of keys: a code is the key and a zero byte."""
    low, high = invert(interval) if descending else interval
    return low.removesuffix(b"\x00"), high if high is None else high.removesuffix(b"\x00")
