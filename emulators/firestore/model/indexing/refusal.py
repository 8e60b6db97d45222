"""How the real service refuses a query without an index: its words, and the console's link."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from emulators.firestore.model.errors import FailedPreconditionError
from emulators.firestore.model.indexing.definitions import Column, Definition, Mode, all_columns

if TYPE_CHECKING:
    from collections.abc import Iterable

NO_PLAN = "no matching index found."
"""The answer to a query that asks for its plan alone."""

_RANGES = (
    " .\nThe query contains range and inequality filters on multiple fields, please refer to the "
    "documentation for index selection best practices: "
    "https://cloud.google.com/firestore/docs/query-data/multiple-range-fields."
)
_KINDS = {Mode.ASCENDING: "ASC", Mode.DESCENDING: "DESC", Mode.CONTAINS: "CONTAINS"}
_ORDERS = {Mode.ASCENDING: 1, Mode.DESCENDING: 2}


class MissingIndexError(FailedPreconditionError):
    """A query needs an index that is not declared."""


def refusal(database: str, index: Definition, *, ranges_apart: bool) -> MissingIndexError:
    """Return the error of a query on a database that needs an index."""
    if index.columns and index.columns[-1].mode is Mode.VECTOR:
        return MissingIndexError(_vector_text(database, index))
    home = f"{database}/collectionGroups/{index.collection}"
    if index.is_single_field:
        [column] = index.columns
        kind = f"{_scope(index)}_{_KINDS[column.mode]}"
        link = _link(
            database, "exemption", _encode(f"{home}/fields/{column.text}", index, [column])
        )
        return MissingIndexError(
            f"The query requires a {kind} index for collection {index.collection} and field "
            f"{column.text}. You can create it here: {link}"
        )
    link = _link(database, "composite", _encode(f"{home}/indexes/_", index, all_columns(index)))
    guide = _RANGES if ranges_apart else ""
    return MissingIndexError(f"The query requires an index. You can create it here: {link}{guide}")


def _scope(index: Definition) -> str:
    return "COLLECTION_GROUP" if index.group else "COLLECTION"


def _link(database: str, kind: str, index: bytes) -> str:
    text = base64.urlsafe_b64encode(index).decode().rstrip("=")
    project = database.split("/")[1]
    page = f"https://console.firebase.google.com/v1/r/project/{project}/firestore/indexes"
    return f"{page}?create_{kind}={text}"


def _encode(name: str, index: Definition, columns: Iterable[Column]) -> bytes:
    """Return the bytes of a `google.firestore.admin.v1.Index`.

    By hand: its official class comes with the whole administration client, which would double
    the emulator's start for three fields.
    """
    encoded = _field(1, name.encode()) + _number(2, 2 if index.group else 1)
    for column in columns:
        held = _number(3, 1) if column.mode is Mode.CONTAINS else _number(2, _ORDERS[column.mode])
        encoded += _field(3, _field(1, column.text.encode()) + held)
    return encoded


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return bytes([number << 3]) + _varint(value)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def _vector_text(database: str, index: Definition) -> str:
    _, project, _, name = database.split("/")
    words = [f"--project={project}", *([] if name == "(default)" else [f"--database={name}"])]
    words += [f"--collection-group={index.collection}", f"--query-scope={_scope(index)}"]
    words += map(_field_config, index.columns)
    return (
        "Missing vector index configuration. Please create the required index with the following "
        f"gcloud command: gcloud firestore indexes composite create {' '.join(words)}"
    )


def _field_config(column: Column) -> str:
    if column.mode is Mode.VECTOR:
        flat = f'{{"dimension":"{column.dimension}","flat": "{{}}"}}'
        return f"--field-config=vector-config='{flat}',field-path={column.text}"
    kind = "array-config" if column.mode is Mode.CONTAINS else "order"
    return f"--field-config={kind}={column.mode},field-path={column.text}"
