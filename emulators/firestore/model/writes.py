"""One write applied to one document: precondition, mask, transforms (contract section 2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import fields as field_paths
from emulators.firestore.model import transforms, validation
from emulators.firestore.model.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
)
from emulators.firestore.model.protocol import Document, microseconds
from emulators.firestore.model.verifying import check_alone, verified

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(slots=True)
class Outcome:
    """What one write made of a document (None: it is gone) and its transforms' results."""

    document: Any | None
    transform_results: list[Any] = field(default_factory=list)


def kind_of(write: Any) -> str:
    """Return what a write does: update, delete, transform or verify.

    Raises:
        InvalidArgumentError: Nothing.
    """
    kind = write.WhichOneof("operation")
    if kind is not None:
        return str(kind)
    if verified(write) is None:
        raise InvalidArgumentError("A write has no operation: update, delete, transform or verify.")
    return "verify"


def target(write: Any) -> str:
    """Return the name of the document that a write is about."""
    kind = kind_of(write)
    if kind == "update":
        return str(write.update.name)
    if kind == "delete":
        return str(write.delete)
    if kind == "transform":
        return str(write.transform.document)
    return verified(write) or ""


def check_together(writes: Sequence[Any]) -> None:
    """Refuse writes of one commit that verify a document and do more with it.

    Raises:
        InvalidArgumentError: Some do.
    """
    if not all(write.WhichOneof("operation") for write in writes):
        check_alone((target(write), kind_of(write) == "verify") for write in writes)


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
    kind, name = kind_of(write), target(write)
    if kind != "update":
        _check_no_update(write, kind)
    check_precondition(write.current_document, current, name, now)
    if kind == "delete":
        return Outcome(None)
    if kind == "verify":
        return Outcome(current)
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


def _check_no_update(write: Any, kind: str) -> None:
    """Refuse what belongs to an update alone; a verify is nothing without its precondition."""
    if kind == "verify" and write.current_document.WhichOneof("condition_type") is None:
        raise InvalidArgumentError("a verify must contain a precondition")
    if write.HasField("update_mask"):
        raise InvalidArgumentError(f"a {kind} must not specify a document mask.")
    if write.update_transforms:
        raise InvalidArgumentError(f"a {kind} must not specify a update transform.")


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
