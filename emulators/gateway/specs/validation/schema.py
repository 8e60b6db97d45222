"""Shapes of objects: which fields there are, of what type, and what becomes of others.

A shape is a dict of fields (others are dropped, and named), a list with the shape of its items, or
one of the classes and words below.
"""

from typing import Any, Literal

import msgspec

from emulators.gateway.specs.validation import quantities

Word = Literal["string", "int32", "int64", "bool", "port", "quantity", "any"]

TEXT: Word = "string"
_GO = {"string": "string", "int32": "int32", "int64": "int64", "bool": "bool"}
_NOTHING: dict[str, Any] = {"int32": 0, "int64": 0, "bool": False}
_WHOLE = {"int32": 2**31, "int64": 2**63}


class Texts(msgspec.Struct, frozen=True):
    """A map of texts, or of what `each` says."""

    each: Any = TEXT


class Kept(msgspec.Struct, frozen=True):
    """An object that keeps fields that it does not name."""

    fields: dict[str, Any]


class Sealed(msgspec.Struct, frozen=True):
    """An object whose unknown fields the schema keeps, and the webhook behind it refuses."""

    fields: dict[str, Any]


class Keyed(msgspec.Struct, frozen=True):
    """A list in which no two items have the same value of a field."""

    key: str
    each: dict[str, Any]


class Reading:
    """An object held against its shape.

    Attributes:
        unknown: Places of the fields that were dropped.
        foreign: Names of fields that the webhook refuses.
        misfits: What is of another type than its field, in the words of Go's JSON package.
        repeated: Items of `Keyed` lists whose key came before, with their keys.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.unknown: list[str] = []
        self.foreign: list[str] = []
        self.misfits: list[str] = []
        self.repeated: list[tuple[str, dict[str, Any]]] = []

    def read(self, shape: Any, value: Any, place: str = "") -> Any:
        """Return the value without what its shape does not know; what is null counts as absent."""
        if isinstance(shape, str):
            return self._word(shape, value, place)
        if isinstance(shape, list | Keyed):
            return self._list(shape, value, place)
        if not isinstance(value, dict):
            self._misfit(value, place, "object")
            return {}
        if isinstance(shape, Texts):
            return {k: self.read(shape.each, v, f"{place}.{k}") for k, v in value.items()}
        return self._object(shape, value, place)

    def _object(self, shape: Any, value: dict[str, Any], place: str) -> dict[str, Any]:
        fields = shape if isinstance(shape, dict) else shape.fields
        found = {}
        for name, part in value.items():
            at = f"{place}.{name}" if place else name
            if name in fields:
                if part is not None:
                    found[name] = self.read(fields[name], part, at)
            elif isinstance(shape, dict):
                self.unknown.append(at)
            else:
                found[name] = part
                self.foreign += [name] if isinstance(shape, Sealed) else []
        return found

    def _list(self, shape: Any, value: Any, place: str) -> list[Any]:
        if not isinstance(value, list):
            self._misfit(value, place, "array")
            return []
        each = shape.each if isinstance(shape, Keyed) else shape[0]
        empty: Any = {} if isinstance(each, dict) else value
        found = [
            self.read(each, empty if item is None else item, f"{place}[{at}]")
            for at, item in enumerate(value)
        ]
        if isinstance(shape, Keyed):
            self._compare(shape.key, found, place)
        return found

    def _compare(self, key: str, items: list[dict[str, Any]], place: str) -> None:
        seen = set()
        for at, item in enumerate(items):
            value = item.get(key, "")
            if value in seen:
                self.repeated.append((f"{place}[{at}]", {key: value}))
            seen.add(value)

    def _word(self, word: str, value: Any, place: str) -> Any:
        if word in _WHOLE and isinstance(value, int | float) and not isinstance(value, bool):
            if value == int(value) and -_WHOLE[word] <= value < _WHOLE[word]:
                return int(value)
        elif (
            word == "any"
            or (word == "bool" and isinstance(value, bool))
            or (word == "string" and isinstance(value, str))
            or (word == "port" and type(value) in {int, str})
        ):
            return value
        if word == "quantity":
            if quantities.parse(value) is None:
                self.misfits.append(quantities.RULE)
            return value
        self._misfit(value, place, word)
        return _NOTHING.get(word, "")

    def _misfit(self, value: Any, place: str, wanted: str) -> None:
        self.misfits.append(
            f"json: cannot unmarshal {_go_kind(value)} into Go struct field "
            f"{self._kind}.{place} of type {_GO.get(wanted, wanted)}"
        )


def _go_kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return f"number {value}" if isinstance(value, float) else "number"
    return "string" if isinstance(value, str) else "object" if isinstance(value, dict) else "array"
