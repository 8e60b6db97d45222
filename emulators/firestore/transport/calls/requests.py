"""What requests have in common, read from their messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulators.firestore.model import fields as field_paths
from emulators.firestore.model.protocol import Document, microseconds
from emulators.firestore.service.database import Selector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.firestore.model.fields import FieldPath


def selector(request: Any) -> Selector:
    """Return which state a read request wants."""
    kind = request.WhichOneof("consistency_selector")
    if kind == "transaction":
        return Selector(transaction=request.transaction)
    if kind == "new_transaction":
        return Selector(new_transaction=request.new_transaction)
    if kind == "read_time":
        return Selector(read_time=microseconds(request.read_time))
    return Selector()


def mask(request: Any) -> tuple[FieldPath, ...] | None:
    """Return the fields that a request wants back; None for all."""
    if not request.HasField("mask"):
        return None
    return tuple(map(field_paths.parse, request.mask.field_paths))


def masked(body: bytes, paths: Sequence[FieldPath] | None) -> bytes:
    """Return a serialized document with no more than the fields that are wanted."""
    return body if paths is None else masked_document(body, paths).SerializeToString()


def masked_document(body: bytes, paths: Sequence[FieldPath] | None) -> Any:
    """Return a document with no more than the fields that are wanted."""
    whole = Document.FromString(body)
    if paths is None:
        return whole
    part = Document(name=whole.name, create_time=whole.create_time, update_time=whole.update_time)
    field_paths.project(whole.fields, paths, part.fields)
    return part
