"""One write applied to one document: precondition, mask, transforms (contract section 2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from emulators.firestore.model import fields as field_paths
from emulators.firestore.model import transforms, validation
from emulators.firestore.model.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
)
from emulators.firestore.model.protocol import Document, microseconds


@dataclass(slots=True)
class Outcome:
    """What one write made of a document (None: it is gone) and its transforms' results."""

    document: Any | None
    transform_results: list[Any] = field(default_factory=list)


def target(write: Any) -> str:
    """Return the name of the document that a write is about."""
    kind = write.WhichOneof("operation")
    if kind == "update":
        return str(write.update.name)
    if kind == "delete":
        return str(write.delete)
    if kind == "transform":
        return str(write.transform.document)
    raise InvalidArgumentError("A write has no operation: update, delete or transform.")


def transforms_of(write: Any) -> Any:
    """Return the field transforms of a write."""
    if write.WhichOneof("operation") == "transform":
        return write.transform.field_transforms
    return write.update_transforms


def apply(write: Any, current: Any | None, now: Any) -> Outcome:
    """Apply a write to the current document (None: there is none).

    Args:
        write: A `Write`; its document may be taken over by the outcome.
        current: The stored Document; it is not changed.
        now: The Timestamp of the commit.

    Returns:
        The new document with both of its times set, or none.
    """
    name = target(write)
    check_precondition(write.current_document, current, name, now)
    if write.WhichOneof("operation") == "delete":
        return Outcome(None)
    document = _updated(write, current)
    results = transforms.apply(document.fields, transforms_of(write), now)
    validation.check(document)
    document.name = name
    document.create_time.CopyFrom(now if current is None else current.create_time)
    if current is not None:
        document.update_time.CopyFrom(current.update_time)
        if document == current:
            return Outcome(current, results)
    document.update_time.CopyFrom(now)
    return Outcome(document, results)


def _updated(write: Any, current: Any | None) -> Any:
    """Return the document before its transforms."""
    if write.WhichOneof("operation") == "transform":
        document = _copy(current)
    elif write.HasField("update_mask"):
        document = _merged(write.update, write.update_mask.field_paths, current)
    else:
        document = write.update
    if not document.name:
        document.name = target(write)
    return document


def _merged(given: Any, mask: Any, current: Any | None) -> Any:
    document = _copy(current)
    for text in mask:
        path = field_paths.parse(text)
        if path == field_paths.NAME:
            raise InvalidArgumentError("The document name cannot be in an update mask.")
        value = field_paths.get(given.fields, path)
        if value is None:
            field_paths.remove(document.fields, path)
        else:
            field_paths.put(document.fields, path, value)
    return document


def _copy(current: Any | None) -> Any:
    document = Document()
    if current is not None:
        document.CopyFrom(current)
    return document


def check_precondition(condition: Any, current: Any | None, name: str, now: Any) -> None:
    """Raise the error of a precondition that the current document does not meet."""
    kind = condition.WhichOneof("condition_type")
    if kind == "exists":
        if condition.exists and current is None:
            raise NotFoundError(f"No document to update: {name}")
        if not condition.exists and current is not None:
            raise AlreadyExistsError(f"Document already exists: {name}")
    elif kind == "update_time":
        _check_update_time(microseconds(condition.update_time), current, name, microseconds(now))


def _check_update_time(required: int, current: Any | None, name: str, now: int) -> None:
    if required > now:
        raise InvalidArgumentError("The update_time of the precondition is in the future.")
    if current is None:
        raise FailedPreconditionError(f"No document to update: {name}")
    stored = microseconds(current.update_time)
    if stored != required:
        raise FailedPreconditionError(
            f"the stored version ({stored}) does not match the required base version ({required})"
        )
