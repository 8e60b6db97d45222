"""What passes between the service and a store: documents as bytes, under keys that sort."""

from __future__ import annotations

from typing import NamedTuple


class Change(NamedTuple):
    """A document before and after a commit: serialized `Document`s, or None for none."""

    key: bytes
    before: bytes | None
    after: bytes | None


class PriorVersion(NamedTuple):
    """What a commit at `time` (microseconds) replaced."""

    time: int
    key: bytes
    before: bytes | None


class Receipt(NamedTuple):
    """What a transaction's commit was: a digest of its request, and the answer, serialized."""

    transaction: bytes
    request: bytes
    answer: bytes


class Entry(NamedTuple):
    """A document found through an index: the entry, the document's key and body."""

    entry: bytes
    key: bytes
    body: bytes
