"""What is wrong with an object, gathered and worded as Kubernetes' own validation words it."""

import json
from typing import Any

import msgspec

_REASONS = {
    "Invalid value": "FieldValueInvalid",
    "Required value": "FieldValueRequired",
    "Duplicate value": "FieldValueDuplicate",
    "Unsupported value": "FieldValueNotSupported",
    "Too long": "FieldValueTooLong",
}


class Cause(msgspec.Struct, frozen=True):
    """One thing that is wrong, as a Status shows it."""

    reason: str
    message: str
    field: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class Causes:
    """Gathers causes in order."""

    def __init__(self) -> None:
        self.found: list[Cause] = []

    def invalid(self, place: str, value: Any, why: str) -> None:
        """Note a value that breaks a rule."""
        self._add(place, "Invalid value", f"{_written(value)}: {why}")

    def required(self, place: str, why: str = "") -> None:
        """Note a value that is missing."""
        self._add(place, "Required value", why)

    def duplicate(self, place: str, value: Any) -> None:
        """Note a value that stands there already."""
        self._add(place, "Duplicate value", _written(value))

    def unsupported(self, place: str, value: Any, known: list[str]) -> None:
        """Note a value that is none of those that there are."""
        listed = ", ".join(_written(each) for each in sorted(known))
        self._add(place, "Unsupported value", f"{_written(value)}: supported values: {listed}")

    def too_long(self, place: str, limit: int) -> None:
        """Note a text or a map that is too long."""
        self._add(place, "Too long", f"may not be more than {limit} bytes")

    @property
    def text(self) -> str:
        """All causes; several stand in brackets."""
        told = ", ".join(map(str, self.found))
        return f"[{told}]" if len(self.found) > 1 else told

    def _add(self, place: str, kind: str, rest: str) -> None:
        said = f"{kind}: {rest}" if rest else kind
        self.found.append(Cause(_REASONS[kind], said, place))


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
