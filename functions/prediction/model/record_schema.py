"""What a record is, as JSON Schema; what its values were when the model learnt is told, too."""

from collections.abc import Sequence
from typing import Any

import msgspec

from functions.kit.contract.records.columns import Column, Suggested, are_plain

EXAMPLES = 100
"""Known words of a column that a schema tells, at most."""


def record_schema(columns: Sequence[Column], kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the schema of one record of some columns; its fields are in their order.

    `kind` is their `columns.record_type`. What the values were binds nobody.
    """
    _, components = msgspec.json.schema_components([kind])
    schema: dict[str, Any] = components["Record"]
    if not are_plain(columns):
        schema = _named(schema, {f"c{place}": one.name for place, one in enumerate(columns)})
    for column in columns:
        if column.suggested is not None:
            schema["properties"][column.name] |= _known(column.suggested)
    return schema


def _named(schema: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Return a schema whose fields are called as the columns are."""
    properties = {names[field]: kind for field, kind in schema["properties"].items()}
    required = [names[field] for field in schema["required"]]
    return {**schema, "properties": properties, "required": required}


def _known(suggested: Suggested) -> dict[str, Any]:
    """Return what JSON Schema says of the values that a column had."""
    known: dict[str, Any] = {}
    if suggested.levels:
        known["examples"] = suggested.levels[:EXAMPLES]
    if suggested.minimum is not None and suggested.maximum is not None:
        low, high = (f"{bound:.15g}" for bound in (suggested.minimum, suggested.maximum))
        known["description"] = f"It learnt from values of {low} to {high}."
    return known
