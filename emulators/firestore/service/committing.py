"""Applies writes to documents one after the other, and collects what changed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import paths, writes
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.protocol import Document, WriteResult
from emulators.firestore.model.rows import Change

if TYPE_CHECKING:
    from emulators.firestore.service.snapshot import Snapshot

MAX_TRANSFORMS = 500


class Stage:
    """The documents that one commit touches.

    Args:
        current: The newest state.
        database: The name of the database.
        now: The Timestamp of the commit.
    """

    def __init__(self, current: Snapshot, database: str, now: Any) -> None:
        self._current = current
        self._database = database
        self._now = now
        self._before: dict[bytes, bytes | None] = {}
        self._staged: dict[bytes, Any | None] = {}
        self._transforms: Counter[bytes] = Counter()
        self._deleted: set[bytes] = set()

    def apply(self, write: Any) -> Any:
        """Apply one write and return its `WriteResult`; on an error it leaves no trace."""
        key = paths.key(paths.document(writes.target(write), self._database))
        self._count_transforms(key, write)
        self._follow_deletes(key, write)
        document = self._document(key)
        outcome = writes.apply(write, document, self._now)
        if outcome.document is not document:
            self._staged[key] = outcome.document
        result = WriteResult(transform_results=outcome.transform_results)
        if outcome.document is not None:
            result.update_time.CopyFrom(outcome.document.update_time)
        elif writes.kind_of(write) == "verify":  # of a document that is not there
            result.update_time.CopyFrom(self._now)
        return result

    def document(self, name: str) -> Any | None:
        """Return a document as it will be after the commit."""
        return self._document(paths.key(paths.document(name, self._database)))

    def changes(self) -> list[Change]:
        """Return what changes, sorted by key."""
        found = []
        for key in sorted(self._staged):
            document = self._staged[key]
            before = self._before[key]
            if document is not None or before is not None:
                after = None if document is None else document.SerializeToString()
                found.append(Change(key, before, after))
        return found

    def _count_transforms(self, key: bytes, write: Any) -> None:
        if count := len(writes.transforms_of(write)):
            self._transforms[key] += count
            if self._transforms[key] > MAX_TRANSFORMS:
                raise InvalidArgumentError(
                    f"A commit has more than {MAX_TRANSFORMS} field transforms for the document "
                    f"{writes.target(write)}."
                )

    def _follow_deletes(self, key: bytes, write: Any) -> None:
        """Refuse to update what the commit itself deleted; to set it anew is no update."""
        kind = writes.kind_of(write)
        if kind == "delete":
            self._deleted.add(key)
        elif kind == "update" and key in self._deleted:
            if write.current_document.exists:
                raise InvalidArgumentError(
                    "A document cannot be updated after it was deleted in the same request: "
                    f"{writes.target(write)}"
                )
            self._deleted.discard(key)

    def _document(self, key: bytes) -> Any | None:
        if key in self._staged:
            return self._staged[key]
        body = self._current.get(key)
        self._before[key] = body
        return None if body is None else Document.FromString(body)
