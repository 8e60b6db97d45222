"""What a listener watches: which documents belong to a target, and how that changes (section 7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from emulators.firestore.model.protocol import Document
from emulators.firestore.service.reading import run

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from emulators.firestore.model.query import Query
    from emulators.firestore.service.snapshot import Snapshot


@dataclass(slots=True)
class Delta:
    """What to tell a listener.

    Attributes:
        changed: The bodies of documents that are new to the target or changed in it.
        deleted: The keys of documents that are no more.
        left: The keys of documents that exist, but no longer belong to the target.
    """

    changed: list[bytes] = field(default_factory=list)
    deleted: list[bytes] = field(default_factory=list)
    left: list[bytes] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.changed or self.deleted or self.left)

    def lost(self, keys: Iterable[bytes], snapshot: Snapshot) -> None:
        """Add documents that belonged to the target and do so no longer."""
        for key in sorted(keys):
            (self.deleted if snapshot.get(key) is None else self.left).append(key)


class Watch(Protocol):
    """A target that is being watched."""

    @property
    def size(self) -> int:
        """The number of documents that belong to it."""

    def start(self, snapshot: Snapshot) -> Delta:
        """Return all that belongs to it."""

    def update(self, snapshot: Snapshot, touched: Collection[bytes]) -> Delta:
        """Return what commits to the touched documents changed, up to the snapshot."""


class DocumentsWatch:
    """Watches documents by name."""

    def __init__(self, keys: Collection[bytes]) -> None:
        self._keys = frozenset(keys)
        self._members: set[bytes] = set()

    @property
    def size(self) -> int:
        """See `Watch.size`."""
        return len(self._members)

    def start(self, snapshot: Snapshot) -> Delta:
        """See `Watch.start`; documents that are not there count as deleted."""
        return self._look(snapshot, self._keys)

    def update(self, snapshot: Snapshot, touched: Collection[bytes]) -> Delta:
        """See `Watch.update`."""
        return self._look(snapshot, self._keys.intersection(touched))

    def _look(self, snapshot: Snapshot, keys: Collection[bytes]) -> Delta:
        delta = Delta()
        for key in sorted(keys):
            body = snapshot.get(key)
            if body is None:
                self._members.discard(key)
                delta.deleted.append(key)
            else:
                self._members.add(key)
                delta.changed.append(body)
        return delta


class QueryWatch:
    """Watches the results of a query."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._members: set[bytes] = set()

    @property
    def size(self) -> int:
        """See `Watch.size`."""
        return len(self._members)

    def start(self, snapshot: Snapshot) -> Delta:
        """See `Watch.start`."""
        found = list(run(self._query, snapshot))
        self._members = {one.key for one in found}
        return Delta(changed=[one.body for one in found])

    def update(self, snapshot: Snapshot, touched: Collection[bytes]) -> Delta:
        """See `Watch.update`."""
        near = [key for key in touched if self._query.scope.covers(key)]
        bodies = {key: snapshot.get(key) for key in near}
        now = {key: body for key, body in bodies.items() if self._passes(key, body)}
        if not now and self._members.isdisjoint(near):
            return Delta()
        if self._query.nearest or self._query.limit is not None or self._query.offset:
            return self._rerun(snapshot, set(near))
        delta = Delta(changed=[body for _, body in sorted(now.items()) if body is not None])
        gone = self._members.intersection(near).difference(now)
        delta.lost(gone, snapshot)
        self._members = (self._members - gone) | set(now)
        return delta

    def _rerun(self, snapshot: Snapshot, touched: set[bytes]) -> Delta:
        """Compare the results of then and now: a document that left makes room for another."""
        found = list(run(self._query, snapshot))
        before, self._members = self._members, {one.key for one in found}
        delta = Delta(
            changed=[one.body for one in found if one.key in touched or one.key not in before]
        )
        delta.lost(before - self._members, snapshot)
        return delta

    def _passes(self, key: bytes, body: bytes | None) -> bool:
        return (
            body is not None
            and self._query.place(Document.FromString(body).fields, key) is not None
        )
