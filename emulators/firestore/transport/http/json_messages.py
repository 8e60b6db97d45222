"""Protobuf messages from JSON and from query parameters, and back (the proto3 JSON mapping)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format

from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.verifying import set_verified
from emulators.firestore.transport.http.json_bytes import check_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

_OPERATIONS = ("update", "delete", "transform")
_TRUTH = {"true": True, "false": False}


def parse_body(body: bytes, kind: Any, at: str = "") -> Any:
    """Return the message that a body holds; an empty one is an empty message.

    Args:
        body: JSON.
        kind: The class of the message.
        at: Its field in the request, where it is not the whole of it.
    """
    return fill(kind(), decode(body) if body.strip() else {}, at)


def decode(body: bytes) -> Any:
    """Return what a body of JSON says; half of a surrogate pair is no text."""
    try:
        content = json.loads(body.decode())
        if b"\\ud" in body.lower():
            json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidArgumentError(f"The body is not JSON: {error}") from error
    return content


def fill(message: Any, content: Any, at: str = "") -> Any:
    """Set a message from decoded JSON; `at` is its field in the request, if it is one."""
    name = message.DESCRIPTOR.name
    if not isinstance(content, dict):
        raise InvalidArgumentError(f"A {name} is a JSON object.")
    try:
        verified = _take_verified(content) if "writes" in message.DESCRIPTOR.fields_by_name else {}
        check_bytes(content, message.DESCRIPTOR, at)
        json_format.ParseDict(content, message)
    except (json_format.Error, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidArgumentError(f"That is not a {name}: {error}") from error
    for number, document in verified.items():
        set_verified(message.writes[number], document)
    return message


def _take_verified(content: dict[str, Any]) -> dict[int, str]:
    """Take `verify`, of which the published messages know nothing, out of writes.

    Returns:
        The names of documents by the number of the write.
    """
    writes = content.get("writes")
    verified = {}
    for number, write in enumerate(writes if isinstance(writes, list) else []):
        document = write.pop("verify", None) if isinstance(write, dict) else None
        if document is None:
            continue
        if not isinstance(document, str) or any(write.get(one) is not None for one in _OPERATIONS):
            raise InvalidArgumentError(
                f"writes[{number}]: verify is the name of a document, the only operation of a write"
            )
        verified[number] = document
    return verified


def from_parameters(parameters: Iterable[tuple[str, str]], kind: Any) -> Any:
    """Return a message set from parameters such as `mask.fieldPaths=a&mask.fieldPaths=b`."""
    content: dict[str, Any] = {}
    for name, value in parameters:
        _put(content, kind.DESCRIPTOR, name, value)
    return fill(kind(), content)


def _put(content: dict[str, Any], descriptor: Any, name: str, value: str) -> None:
    *parents, leaf = name.split(".")
    for part in parents:
        descriptor = _field(descriptor, part, name).message_type
        if descriptor is None:
            raise InvalidArgumentError(f'The parameter "{name}" is unknown.')
        content = content.setdefault(part, {})
    field = _field(descriptor, leaf, name)
    if field.cpp_type == field.CPPTYPE_BOOL and value not in _TRUTH:
        raise InvalidArgumentError(f'The parameter "{name}" is true or false, not "{value}".')
    parsed = _TRUTH[value] if field.cpp_type == field.CPPTYPE_BOOL else value
    if field.is_repeated:
        content.setdefault(leaf, []).append(parsed)
    else:
        content[leaf] = parsed


def _field(descriptor: Any, part: str, name: str) -> Any:
    found = descriptor.fields_by_camelcase_name.get(part) or descriptor.fields_by_name.get(part)
    if found is None:
        raise InvalidArgumentError(f'The parameter "{name}" is unknown.')
    return found


def to_json(message: Any) -> bytes:
    """Return the JSON of a message."""
    return json.dumps(json_format.MessageToDict(message), separators=(",", ":")).encode()
