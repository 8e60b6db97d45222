"""Field transforms: what the server computes at commit (contract 2.6)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import fields as field_paths
from emulators.firestore.model.encoding import encode
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.protocol import Timestamp, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MOST, _LEAST = 2**63 - 1, -(2**63)
_NUMBERS = {"integer_value", "double_value"}
_REQUEST_TIME = 1


def apply(fields: Any, transforms: Iterable[Any], request_time: Any) -> list[Any]:
    """Apply field transforms in order to a map of fields, in place.

    Args:
        fields: The fields of the document.
        transforms: `FieldTransform` messages.
        request_time: The Timestamp that server timestamps get, cut to milliseconds.

    Returns:
        One Value for each transform: the new value, or null for the array transforms.
    """
    return [_apply_one(fields, transform, request_time) for transform in transforms]


def _apply_one(fields: Any, transform: Any, request_time: Any) -> Any:
    path = field_paths.parse(transform.field_path)
    if path == field_paths.NAME:
        raise InvalidArgumentError("The document name cannot be transformed.")
    kind = transform.WhichOneof("transform_type")
    stored = field_paths.get(fields, path)
    if kind in _ARRAY_TRANSFORMS:
        new = _ARRAY_TRANSFORMS[kind](_elements(stored), getattr(transform, kind).values)
        field_paths.put(fields, path, new)
        return Value(null_value=0)
    if kind == "set_to_server_value":
        new = _server_value(transform.set_to_server_value, request_time)
    elif kind in _NUMERIC_TRANSFORMS:
        new = _numeric(kind, stored, getattr(transform, kind))
    else:
        raise InvalidArgumentError(f'The transform of "{transform.field_path}" has no type.')
    field_paths.put(fields, path, new)
    return new


def _server_value(kind: int, request_time: Any) -> Any:
    if kind != _REQUEST_TIME:
        raise InvalidArgumentError("The only server value is REQUEST_TIME.")
    nanos = request_time.nanos - request_time.nanos % 1_000_000
    return Value(timestamp_value=Timestamp(seconds=request_time.seconds, nanos=nanos))


def _numeric(kind: str, stored: Any | None, operand: Any) -> Any:
    if operand.WhichOneof("value_type") not in _NUMBERS:
        raise InvalidArgumentError("Input must be a number.")
    if stored is None or stored.WhichOneof("value_type") not in _NUMBERS:
        return _copy(operand)
    return _NUMERIC_TRANSFORMS[kind](stored, operand)


def _increment(stored: Any, operand: Any) -> Any:
    total = _number(stored) + _number(operand)
    if isinstance(total, int):
        return Value(integer_value=min(max(total, _LEAST), _MOST))
    return Value(double_value=total)


def _maximum(stored: Any, operand: Any) -> Any:
    return _copy(operand if _is_nan(operand) or _outranks(operand, stored) else stored)


def _minimum(stored: Any, operand: Any) -> Any:
    return _copy(operand if _is_nan(operand) or _outranks(stored, operand) else stored)


def _outranks(left: Any, right: Any) -> bool:
    return not _is_nan(left) and not _is_nan(right) and encode(left) > encode(right)


def _union(elements: list[Any], added: Iterable[Any]) -> Any:
    known = {encode(element) for element in elements}
    for element in added:
        code = encode(element)
        if code not in known:
            known.add(code)
            elements.append(element)
    return _array(elements)


def _without(elements: list[Any], removed: Iterable[Any]) -> Any:
    gone = {encode(element) for element in removed}
    return _array([element for element in elements if encode(element) not in gone])


def _elements(stored: Any | None) -> list[Any]:
    if stored is None or stored.WhichOneof("value_type") != "array_value":
        return []
    return list(stored.array_value.values)


def _array(elements: list[Any]) -> Any:
    array = Value()
    array.array_value.SetInParent()
    array.array_value.values.extend(elements)
    return array


def _number(value: Any) -> int | float:
    number: int | float = getattr(value, value.WhichOneof("value_type"))
    return number


def _is_nan(value: Any) -> bool:
    return math.isnan(value.double_value)


def _copy(value: Any) -> Any:
    copy = Value()
    copy.CopyFrom(value)
    return copy


_NUMERIC_TRANSFORMS: dict[str, Callable[[Any, Any], Any]] = {
    "increment": _increment,
    "maximum": _maximum,
    "minimum": _minimum,
}
_ARRAY_TRANSFORMS: dict[str, Callable[[list[Any], Iterable[Any]], Any]] = {
    "append_missing_elements": _union,
    "remove_all_from_array": _without,
}
