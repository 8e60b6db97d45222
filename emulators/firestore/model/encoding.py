"""Values as bytes that sort as Firestore sorts values (contract section 4).

The codes are prefix-free: no code is the beginning of another, so that codes can be joined to
compare several columns, and inverting every bit of a code reverses its order (`descending`).
Equal values (3 and 3.0, 0.0 and -0.0, two NaN) have equal codes.
"""

from __future__ import annotations

import struct
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import paths
from emulators.firestore.model.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

_TAGS = [
    "null",
    "min_key",
    "boolean",
    "number",
    "timestamp",
    "bson_timestamp",
    "string",
    "bytes",
    "bson_binary",
    "reference",
    "object_id",
    "geo_point",
    "regex",
    "array",
    "vector",
    "map",
    "max_key",
]
TAG = {kind: bytes((0x10 + 4 * place,)) for place, kind in enumerate(_TAGS)}
_CLOSE, _ENTRY = b"\x00", b"\x01"
_INVERTED = bytes(range(255, -1, -1))
_SIGN = 1 << 63
_LARGEST = Decimal(float.fromhex("0x1.fffffffffffffp+1023"))
_EXACT = Context(prec=14_000, Emax=999_999, Emin=-999_999)  # spans every decimal128
_DOUBLE, _BITS, _INT = struct.Struct(">d"), struct.Struct(">Q"), struct.Struct(">I")


def encode(value: Any) -> bytes:
    """Return the code of a Value; its first byte is the tag of its type class."""
    kind = value.WhichOneof("value_type")
    encoder = _ENCODERS.get(kind)
    if encoder is None:
        raise InvalidArgumentError("A value has no type that can be stored or compared.")
    return encoder(value)


def descending(code: bytes) -> bytes:
    """Return the code that sorts the other way round."""
    return code.translate(_INVERTED)


def vector_elements(value: Any) -> Any | None:
    """Return the element Values of a vector; None if the value is no vector."""
    fields = value.map_value.fields
    if "__type__" not in fields or fields["__type__"].string_value != "__vector__":
        return None
    return fields["value"].array_value.values if "value" in fields else ()


def text(raw: bytes) -> bytes:
    """Return the code of a run of bytes, without a tag."""
    return paths.escape(raw) + paths.END


def double(number: float) -> bytes:
    """Return eight bytes that sort as doubles do, NaN first."""
    if number != number:  # noqa: PLR0124 - only NaN differs from itself
        return b"\x00" * 8
    (bits,) = _BITS.unpack(_DOUBLE.pack(number + 0.0))  # -0.0 + 0.0 is 0.0
    return _BITS.pack(bits ^ _SIGN if bits < _SIGN else bits ^ (2 * _SIGN - 1))


def integer(number: int) -> bytes:
    """Return the code of an int64: the nearest double, then what that misses."""
    nearest = float(number)
    missed = number - int(nearest)
    return TAG["number"] + double(nearest) + (_rest(Decimal(missed)) if missed else b"\x80")


def _number(value: Any) -> bytes:
    return TAG["number"] + double(value.double_value) + b"\x80"


def _decimal(text_value: str) -> bytes:
    number = Decimal(text_value)
    if not number.is_finite():
        return TAG["number"] + double(float(number)) + b"\x80"
    nearest = float(number)
    if nearest in {float("inf"), float("-inf")}:
        nearest = float(_LARGEST.copy_sign(number))
    return TAG["number"] + double(nearest) + _rest(_EXACT.subtract(number, Decimal(nearest)))


def _rest(rest: Decimal) -> bytes:
    """Encode what a number has beyond its nearest double: sign, magnitude, digits."""
    if not rest:
        return b"\x80"
    digits = bytes(digit + 1 for digit in rest.as_tuple().digits).rstrip(b"\x01") + b"\x00"
    magnitude = (rest.adjusted() + 32768).to_bytes(2) + digits
    return b"\x81" + magnitude if rest > 0 else b"\x7f" + descending(magnitude)


def _boolean(value: Any) -> bytes:
    return TAG["boolean"] + (b"\x02" if value.boolean_value else b"\x01")


def _timestamp(value: Any) -> bytes:
    time = value.timestamp_value
    return TAG["timestamp"] + _BITS.pack(time.seconds + _SIGN) + _INT.pack(max(time.nanos, 0))


def reference(full_name: str) -> bytes:
    """Return the code of a reference to a document."""
    return TAG["reference"] + paths.key(tuple(full_name.split("/"))) + _CLOSE


def _geo_point(value: Any) -> bytes:
    point = value.geo_point_value
    return TAG["geo_point"] + double(point.latitude) + double(point.longitude)


def _array(value: Any) -> bytes:
    return TAG["array"] + b"".join(map(encode, value.array_value.values)) + _CLOSE


def _map(value: Any) -> bytes:
    fields = value.map_value.fields
    if len(fields) == 1:
        (name,) = fields
        if (special := _BSON.get(name)) is not None:
            return special(fields[name])
    elements = vector_elements(value)
    if elements is not None:
        return TAG["vector"] + _INT.pack(len(elements)) + b"".join(map(encode, elements))
    entries = (_ENTRY + text(name.encode()) + encode(fields[name]) for name in sorted(fields))
    return TAG["map"] + b"".join(entries) + _CLOSE


def _bson_timestamp(inner: Any) -> bytes:
    parts = inner.map_value.fields
    numbers = (
        parts[name].integer_value if name in parts else 0 for name in ("seconds", "increment")
    )
    return TAG["bson_timestamp"] + b"".join(_BITS.pack(number + _SIGN) for number in numbers)


def _regex(inner: Any) -> bytes:
    parts = inner.map_value.fields
    texts = (parts[name].string_value if name in parts else "" for name in ("pattern", "options"))
    return TAG["regex"] + b"".join(text(part.encode()) for part in texts)


_BSON: dict[str, Callable[[Any], bytes]] = {
    "__min__": lambda _: TAG["min_key"],
    "__max__": lambda _: TAG["max_key"],
    "__oid__": lambda inner: TAG["object_id"] + text(inner.string_value.encode()),
    "__int__": lambda inner: integer(inner.integer_value),
    "__decimal128__": lambda inner: _decimal(inner.string_value),
    "__binary__": lambda inner: TAG["bson_binary"] + text(inner.bytes_value),
    "__request_timestamp__": _bson_timestamp,
    "__regex__": _regex,
}
BSON_FIELDS = frozenset(_BSON)

_ENCODERS: dict[str | None, Callable[[Any], bytes]] = {
    "null_value": lambda _: TAG["null"],
    "boolean_value": _boolean,
    "integer_value": lambda value: integer(value.integer_value),
    "double_value": _number,
    "timestamp_value": _timestamp,
    "string_value": lambda value: TAG["string"] + text(value.string_value.encode()),
    "bytes_value": lambda value: TAG["bytes"] + text(value.bytes_value),
    "reference_value": lambda value: reference(value.reference_value),
    "geo_point_value": _geo_point,
    "array_value": _array,
    "map_value": _map,
}
