"""What a document may hold, with the limits of the service (contract 3.3 and 3.4)."""

from __future__ import annotations

import math
import re
from typing import Any

from emulators.firestore.model import paths
from emulators.firestore.model.encoding import BSON_FIELDS, vector_elements
from emulators.firestore.model.errors import InvalidArgumentError, TooLargeError

MAX_DOCUMENT_BYTES = 1_048_576
MAX_VALUE_BYTES = 1_048_487
_MAX_FIELD_NAME_BYTES = 1500
_MAX_DEPTH = 20
_MAX_DIMENSIONS = 2048
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799  # the years 1 to 9999
_NANOS = 1_000_000_000
_RESERVED = re.compile(r"__.*__", re.DOTALL)
_FIXED_SIZES = {
    "null_value": 1,
    "boolean_value": 1,
    "integer_value": 8,
    "double_value": 8,
    "timestamp_value": 8,
    "geo_point_value": 16,
}


def check(document: Any) -> None:
    """Refuse a document that cannot be stored; round its timestamps down to microseconds.

    Raises:
        InvalidArgumentError: Names the field that is wrong.
        TooLargeError: Names the size.
    """
    size = _name_size(document.name) + 32 + _fields_size(document.fields, 1)
    if size > MAX_DOCUMENT_BYTES:
        raise TooLargeError(
            f"Document '{document.name}' cannot be written because its size ({size:,} bytes) "
            f"exceeds the maximum allowed size of {MAX_DOCUMENT_BYTES:,} bytes."
        )


def _name_size(full_name: str) -> int:
    segments = full_name.split("/")[5:]
    return 16 + sum(len(segment.encode()) + 1 for segment in segments)


def _fields_size(fields: Any, depth: int) -> int:
    if depth > _MAX_DEPTH:
        raise InvalidArgumentError(f"A property is nested deeper than {_MAX_DEPTH} levels.")
    total = 0
    for name, value in fields.items():
        total += _check_field_name(name) + 1
        size = _value_size(value, depth)
        if size > MAX_VALUE_BYTES:
            raise InvalidArgumentError(
                f'The value of property "{name}" is longer than {MAX_VALUE_BYTES} bytes.'
            )
        total += size
    return total


def _check_field_name(name: str) -> int:
    size = len(name.encode())
    if not 0 < size <= _MAX_FIELD_NAME_BYTES:
        raise InvalidArgumentError(
            f'Property name "{name[:80]}" must have 1 to {_MAX_FIELD_NAME_BYTES} bytes.'
        )
    if name.startswith("__") and _RESERVED.fullmatch(name):
        raise InvalidArgumentError(f'Property name "{name}" is reserved.')
    return size


def _value_size(value: Any, depth: int) -> int:
    kind = value.WhichOneof("value_type")
    if (fixed := _FIXED_SIZES.get(kind)) is not None:
        if kind == "timestamp_value":
            _check_timestamp(value.timestamp_value)
        elif kind == "geo_point_value":
            _check_geo_point(value.geo_point_value)
        return fixed
    if kind == "string_value":
        return len(value.string_value.encode()) + 1
    if kind == "map_value":
        return _map_size(value, depth)
    if kind == "array_value":
        return sum(_element_size(element, depth + 1) for element in value.array_value.values)
    if kind == "bytes_value":
        return len(value.bytes_value)
    if kind == "reference_value":
        paths.reference(value.reference_value)
        return _name_size(value.reference_value)
    raise InvalidArgumentError("Cannot convert firestore.v1.Value with type unset.")


def _check_timestamp(time: Any) -> None:
    if not _FIRST_SECOND <= time.seconds <= _LAST_SECOND or not 0 <= time.nanos < _NANOS:
        raise InvalidArgumentError(
            f"A timestamp is out of range: {time.seconds} seconds and {time.nanos} nanoseconds; "
            "it must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z."
        )
    if time.nanos % 1000:
        time.nanos -= time.nanos % 1000


def _check_geo_point(point: Any) -> None:
    if not -90 <= point.latitude <= 90 or not -180 <= point.longitude <= 180:
        raise InvalidArgumentError(
            f"A geo point is out of range: latitude {point.latitude} (-90 to 90), "
            f"longitude {point.longitude} (-180 to 180)."
        )


def _element_size(element: Any, depth: int) -> int:
    if element.WhichOneof("value_type") == "array_value":
        raise InvalidArgumentError("Cannot convert an array value in an array value.")
    return _value_size(element, depth)


def _map_size(value: Any, depth: int) -> int:
    fields = value.map_value.fields
    if len(fields) == 1 and next(iter(fields)) in BSON_FIELDS:
        _check_regex(fields)
        return int(value.ByteSize())
    if vector_elements(value) is None:
        return _fields_size(fields, depth + 1)
    return 8 * check_vector(value) + 24


def check_vector(value: Any, *, may_be_nan: bool = False) -> int:
    """Refuse a vector that is none; return its dimensions.

    Args:
        value: A map with `__type__`: `__vector__`.
        may_be_nan: Whether an element may be NaN: what is looked for may, what is stored may not.

    Raises:
        InvalidArgumentError: In the words of Google's own emulator.
    """
    fields = value.map_value.fields
    if "value" not in fields:
        raise InvalidArgumentError("Vector map is missing key 'value'.")
    if fields["value"].WhichOneof("value_type") != "array_value":
        raise InvalidArgumentError("Vector value type must be an array.")
    if len(fields) > len(("__type__", "value")):
        raise InvalidArgumentError("Vector value map has extraneous entries.")
    elements = fields["value"].array_value.values
    if not elements:
        raise InvalidArgumentError("Cannot have a zero length vector.")
    if len(elements) > _MAX_DIMENSIONS:
        raise InvalidArgumentError(f"Vectors must be at most {_MAX_DIMENSIONS} dimensions.")
    if any(one.WhichOneof("value_type") != "double_value" for one in elements):
        raise InvalidArgumentError("Vector must only contain values of type 'double'")
    if not may_be_nan and any(math.isnan(one.double_value) for one in elements):
        raise InvalidArgumentError("Vector cannot contain NaN values.")
    return len(elements)


def _check_regex(fields: Any) -> None:
    if "__regex__" in fields:
        parts = fields["__regex__"].map_value.fields
        options = parts["options"].string_value if "options" in parts else ""
        if not set(options) <= set("imsux"):
            raise InvalidArgumentError(f"Invalid regex option in '{options}'.")
