"""Values as a person reads them: JSON without what names the kinds."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from emulators.firestore.model.encoding import vector_elements

if TYPE_CHECKING:
    from collections.abc import Callable


def kind(value: Any) -> str:
    """Return the name of the kind of a Value."""
    if vector_elements(value) is not None:
        return "vector"
    return str(value.WhichOneof("value_type") or "none").removesuffix("_value")


def text(value: Any) -> str:
    """Return a Value as JSON."""
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    reader = _PLAIN.get(value.WhichOneof("value_type"))
    return None if reader is None else reader(value)


def _map(value: Any) -> Any:
    elements = vector_elements(value)
    if elements is not None:
        return [_plain(one) for one in elements]
    fields = value.map_value.fields
    return {name: _plain(fields[name]) for name in sorted(fields)}


def _geo_point(value: Any) -> dict[str, float]:
    point = value.geo_point_value
    return {"latitude": point.latitude, "longitude": point.longitude}


_PLAIN: dict[str | None, Callable[[Any], Any]] = {
    "boolean_value": lambda value: value.boolean_value,
    "integer_value": lambda value: value.integer_value,
    "double_value": lambda value: value.double_value,
    "timestamp_value": lambda value: value.timestamp_value.ToJsonString(),
    "string_value": lambda value: value.string_value,
    "bytes_value": lambda value: base64.b64encode(value.bytes_value).decode(),
    "reference_value": lambda value: value.reference_value,
    "geo_point_value": _geo_point,
    "array_value": lambda value: [_plain(one) for one in value.array_value.values],
    "map_value": _map,
}
