"""Fields that stand twice in one object: JSON's readers take the last, and say nothing."""

import json
from collections import Counter
from typing import Any


class _Object(dict[str, Any]):
    """An object that remembers which of its keys came twice."""

    repeated: tuple[str, ...] = ()


def fields(body: bytes) -> list[str]:
    """Return the places of the fields that stand twice.

    Args:
        body: JSON that has been read already.
    """
    found: list[str] = []
    _walk(json.loads(body, object_pairs_hook=_object, parse_int=str, parse_float=str), "", found)
    return found


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        made.repeated = tuple(key for key, count in counts.items() if count > 1)
    return made


def _walk(value: Any, place: str, found: list[str]) -> None:
    if isinstance(value, _Object):
        at = f"{place}." if place else ""
        found += [at + key for key in value.repeated]
        for key, part in value.items():
            _walk(part, at + key, found)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            _walk(part, f"{place}[{number}]", found)
