"""A model's fields as a reader wants them: kind, limits, what it learnt from, an example."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from web.client.schemas import Signature
from web.client.table_schemas import Column

MOST_WORDS = 12


class Field(NamedTuple):
    """A row of the table of fields; texts may be empty.

    Attributes:
        name: as records call it.
        kind: of its values.
        must: whether every record has to have it; it may be null.
        used: whether the model looks at it.
        limits: what is refused otherwise.
        learnt: what the values were; others are taken, with a warning.
        example: as JSON.
    """

    name: str
    kind: str
    must: bool
    used: bool
    limits: str
    learnt: str
    example: str


def fields(signature: Signature) -> list[Field]:
    """Return the fields of a record, those that the model looks at first."""
    used = {feature.column for feature in signature.features}
    found = [_field(column, column.name in used, signature.example) for column in signature.columns]
    return sorted(found, key=lambda one: not one.used)


def _field(column: Column, used: bool, example: Mapping[str, Any]) -> Field:  # noqa: FBT001 - a row's cell
    known = column.suggested or {}
    shown = msgspec.json.encode(example[column.name]).decode() if column.name in example else ""
    return Field(
        column.name,
        column.kind,
        column.required,
        used,
        _range(column.minimum, column.maximum) or _words(column.levels),
        _range(known.get("minimum"), known.get("maximum")) or _words(known.get("levels")),
        shown,
    )


def _range(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    if high is None:
        return f"{low:.15g} or more"
    return f"{high:.15g} or less" if low is None else f"{low:.15g} to {high:.15g}"


def _words(words: list[str] | None) -> str:
    if not words:
        return ""
    rest = len(words) - MOST_WORDS
    return ", ".join(words[:MOST_WORDS]) + (f" and {rest:,} more" if rest > 0 else "")
