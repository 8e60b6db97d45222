"""Base64 in JSON, which the parser of protobuf takes however broken it is."""

from __future__ import annotations

import re
from typing import Any

from emulators.firestore.model.errors import InvalidArgumentError

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2,3}={0,2})?")


def check_bytes(content: dict[str, Any], descriptor: Any, at: str = "") -> None:
    """Refuse bytes that are no base64, of either alphabet, padded or not.

    Args:
        content: A message as decoded JSON.
        descriptor: Of the message.
        at: Where the message is in the request; empty for the request itself.

    Raises:
        InvalidArgumentError: Names the place, as Google's front end does.
    """
    for key, value in content.items():
        field = descriptor.fields_by_camelcase_name.get(key) or descriptor.fields_by_name.get(key)
        if field is None:
            continue  # the parser says so
        place = f"{at}.{field.name}" if at else field.name
        if field.type == field.TYPE_BYTES:
            _check(value, place)
        elif field.message_type is not None:
            _check_within(value, field, place)


def _check_within(value: Any, field: Any, place: str) -> None:
    kind = field.message_type
    if isinstance(value, list):
        for number, one in enumerate(value):
            if isinstance(one, dict):
                check_bytes(one, kind, f"{place}[{number}]")
    elif isinstance(value, dict) and not kind.GetOptions().map_entry:
        check_bytes(value, kind, place)
    elif isinstance(value, dict) and (inner := kind.fields_by_name["value"].message_type):
        for number, one in enumerate(value.values()):
            if isinstance(one, dict):
                check_bytes(one, inner, f"{place}[{number}].value")


def _check(value: Any, place: str) -> None:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and not _BASE64.fullmatch(one):
            raise InvalidArgumentError(
                f"Invalid value at '{place}' (TYPE_BYTES), Base64 decoding failed for \"{one}\""
            )
