"""Which documents a query is about, before any filter: its `from` clause (contract 5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emulators.firestore.model import paths
from emulators.firestore.model.errors import InvalidArgumentError


@dataclass(frozen=True, slots=True)
class Scope:
    """Documents below a parent.

    Attributes:
        parent: The key of the parent document; empty for the root.
        collection: The collection id; None for every collection.
        descendants: Whether collections at any depth count, or only the parent's own.
    """

    parent: bytes
    collection: str | None
    descendants: bool

    def covers_collection(self, collection_key: bytes) -> bool:
        """Tell whether documents of a collection are in the scope."""
        if not collection_key.startswith(self.parent):
            return False
        below = paths.segments_of(collection_key[len(self.parent) :])
        if self.collection is not None and below[-1] != self.collection:
            return False
        return self.descendants or len(below) == 1

    def covers(self, document_key: bytes) -> bool:
        """Tell whether a document is in the scope."""
        return self.covers_collection(paths.collection_of(document_key))

    @property
    def single_collection(self) -> bytes | None:
        """The key of the only collection in the scope, if it is but one."""
        if self.collection is None or self.descendants:
            return None
        return self.parent + paths.segment_key(self.collection)


def compile_scope(selectors: Any, parent: paths.Segments) -> Scope:
    """Read the `from` clause of a query below a parent."""
    if len(selectors) > 1:
        raise InvalidArgumentError(
            "StructuredQuery.from cannot have more than one collection selector."
        )
    if not selectors:
        raise InvalidArgumentError("A query must name a collection selector in 'from'.")
    (selector,) = selectors
    if selector.collection_id:
        paths.check_id(selector.collection_id, "Collection")
        if selector.all_descendants and parent:
            raise InvalidArgumentError(
                "collection group queries are only allowed at the root parent"
            )
    return Scope(paths.key(parent), selector.collection_id or None, selector.all_descendants)
