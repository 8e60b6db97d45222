"""Response messages put together from stored bytes, so that no document is parsed to be sent.

A protobuf message is its fields one after the other: tag, length, bytes. Field numbers are those of
google/firestore/v1/firestore.proto; a contract test reads the answers with the official client.
"""

from __future__ import annotations

from typing import Any

from emulators.firestore.model.wire import field, varint


def found(body: bytes) -> bytes:
    """Return a BatchGetDocumentsResponse with a document, lacking its read_time."""
    return field(1, body)


def missing(name: str) -> bytes:
    """Return a BatchGetDocumentsResponse for a document that is not there, without read_time."""
    return field(2, name.encode())


def read_time(time: Any) -> bytes:
    """Return what follows in every BatchGetDocumentsResponse; `time` is a Timestamp."""
    return field(4, time.SerializeToString())


def began(transaction: bytes) -> bytes:
    """Return a BatchGetDocumentsResponse with the id of a new transaction alone."""
    return field(3, transaction)


def result(body: bytes, read_time: bytes) -> bytes:
    """Return a RunQueryResponse with a document; `read_time` is a serialized Timestamp."""
    return field(1, body) + field(3, read_time)


def explained(metrics: Any) -> bytes:
    """Return what follows in the last RunQueryResponse of who asked what the query took."""
    return field(11, metrics.SerializeToString())


def document_change(body: bytes, target: int) -> bytes:
    """Return a ListenResponse with a document that is new or changed for a target."""
    return field(3, field(1, body) + field(5, varint(target)))
