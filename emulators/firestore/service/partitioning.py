"""Splits the results of a query into ranges of about the same size (contract 1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.firestore.service.reading import run

if TYPE_CHECKING:
    from emulators.firestore.model.query import Query
    from emulators.firestore.service.snapshot import Snapshot

SMALLEST = 128
"""No range has fewer documents than this: small results are not worth splitting."""


def split_points(query: Query, snapshot: Snapshot, count: int) -> list[bytes]:
    """Return the keys of the documents at which up to `count` further ranges begin."""
    keys = [found.key for found in run(query, snapshot)]
    ranges = min(count + 1, max(len(keys) // SMALLEST, 1))
    return [keys[len(keys) * number // ranges] for number in range(1, ranges)]
