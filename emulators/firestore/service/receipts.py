"""What commits of transactions were answered, for clients that never got the answer.

A client whose connection broke sends its commit again. After a restart we no longer know what the
transaction read, and would have it run again; where it had been committed, it would count twice.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from emulators.firestore.model.protocol import message, microseconds, timestamp
from emulators.firestore.model.rows import Receipt

if TYPE_CHECKING:
    from collections.abc import Iterable

_CommitResponse = message("CommitResponse")
_LENGTH_BYTES = 4


def digest(writes: Iterable[Any]) -> bytes:
    """Return what tells the writes of a commit from others; call before they are applied."""
    found = hashlib.sha256()
    for write in writes:
        body = write.SerializeToString(deterministic=True)
        found.update(len(body).to_bytes(_LENGTH_BYTES) + body)
    return found.digest()


def issue(transaction: bytes, request: bytes, time: int, results: Iterable[Any]) -> Receipt:
    """Return the receipt of a commit; `request` is the digest of its writes."""
    answer = _CommitResponse(write_results=results, commit_time=timestamp(time))
    return Receipt(transaction, request, answer.SerializeToString())


def answer(receipt: Receipt) -> tuple[int, list[Any]]:
    """Return the time of a commit in microseconds, and its `WriteResult`s."""
    told = _CommitResponse.FromString(receipt.answer)
    return microseconds(told.commit_time), list(told.write_results)
