"""What tells one state of an object or bucket from another."""

import base64


def etag(generation: int, metageneration: int) -> str:
    """Return an etag as the real service makes it: both numbers in a protocol buffer."""
    coded = b"\x08" + _varint(generation) + b"\x10" + _varint(metageneration)
    return base64.b64encode(coded).decode()


def matches(listed: str, found: str) -> bool:
    """Tell whether etags as in `If-Match` name one; `*` names all that there are."""
    if listed.strip() == "*":
        return bool(found)
    return any(one.strip().removeprefix("W/").strip('"') == found for one in listed.split(","))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
