"""Fields of protobuf messages as bytes: tag, length, content, one after the other."""

from __future__ import annotations

LENGTH_DELIMITED = 2


def field(number: int, payload: bytes) -> bytes:
    """Return one field with length-delimited content."""
    return varint(number << 3 | LENGTH_DELIMITED) + varint(len(payload)) + payload


def varint(number: int) -> bytes:
    """Return a non-negative number in base 128."""
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)
