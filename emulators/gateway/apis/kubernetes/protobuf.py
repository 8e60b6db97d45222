"""Core objects in Kubernetes' protobuf encoding, in which newer kubectl sends what it creates.

An object is wrapped: four bytes of magic, then a message with its type and its own bytes. Fields
that these kinds do not use here are left out. Answers are JSON, which every client takes.
"""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from emulators.gateway.errors import Invalid

CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"

Message = Mapping[int, tuple[str, Any]]  # field number: name and type


class _Map:
    """A map from text, which protobuf writes as a list of pairs."""

    def __init__(self, value: str) -> None:
        self.pair: Message = {1: ("key", "text"), 2: ("value", value)}


_META: Message = {
    1: ("name", "text"), 2: ("generateName", "text"), 3: ("namespace", "text"),
    5: ("uid", "text"), 6: ("resourceVersion", "text"), 11: ("labels", _Map("text")),
    12: ("annotations", _Map("text")),
}  # fmt: skip
_KINDS: dict[str, Message] = {
    "ConfigMap": {
        1: ("metadata", _META), 2: ("data", _Map("text")), 3: ("binaryData", _Map("bytes")),
        4: ("immutable", "bool"),
    },
    "Secret": {
        1: ("metadata", _META), 2: ("data", _Map("bytes")), 3: ("type", "text"),
        4: ("stringData", _Map("text")), 5: ("immutable", "bool"),
    },
    "Namespace": {1: ("metadata", _META)},
    "DeleteOptions": {},
}  # fmt: skip
_TYPE: Message = {1: ("apiVersion", "text"), 2: ("kind", "text")}
_ENVELOPE: Message = {1: ("type", _TYPE), 2: ("raw", "raw")}


def decode(body: bytes) -> dict[str, Any]:
    """Return an object as its JSON would be.

    Raises:
        Invalid: For what is no object of these kinds.
    """
    try:
        envelope = _message(body.removeprefix(_MAGIC), _ENVELOPE)
        head: dict[str, Any] = envelope["type"]
        return head | _message(envelope.get("raw", b""), _KINDS[head["kind"]])
    except (ValueError, KeyError, IndexError) as error:
        raise Invalid(f"the body cannot be read: {error}", "send JSON") from error


def _message(data: bytes, fields: Message) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, value in _values(data):
        if number not in fields:
            continue
        name, kind = fields[number]
        if isinstance(kind, _Map):
            pair = {"key": "", "value": ""} | _message(_bytes(value), kind.pair)
            found.setdefault(name, {})[pair["key"]] = pair["value"]
        else:
            read = _value(value, kind)
            if read != "":  # an empty text is one that was not given
                found[name] = read
    return found


def _value(value: bytes | int, kind: Any) -> Any:
    if kind == "bool":
        return bool(value)
    data = _bytes(value)
    if kind == "raw":
        return data
    if kind == "text":
        return data.decode()
    return base64.b64encode(data).decode() if kind == "bytes" else _message(data, kind)


def _bytes(value: bytes | int) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number stands where bytes are wanted")  # noqa: TRY004 - the input is wrong
    return value


def _values(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Yield field numbers and values, in order."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        length = {1: 8, 5: 4}.get(wire)
        if wire == 2:
            length, at = _varint(data, at)
        if length is None or at + length > len(data):
            raise ValueError(f"field {number} is cut off, or of an unknown form")
        yield number, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 64, 7):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number is too long")
