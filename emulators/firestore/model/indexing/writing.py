"""Writes `firestore.indexes.json` and its entries as `firebase firestore:indexes` does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import fields as field_paths
from emulators.firestore.model.indexing.definitions import (
    Column,
    Definition,
    Mode,
    all_columns,
    implied_name,
)
from emulators.firestore.model.indexing.file import definition_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulators.firestore.model.fields import FieldPath
    from emulators.firestore.model.indexing.selection import Modes


def entry_of(index: Definition) -> dict[str, Any]:
    """Return what stands in `indexes` for an index."""
    is_said = index.name_descending != implied_name(index.columns) or not index.columns
    columns = all_columns(index) if is_said else index.columns
    return {
        "collectionGroup": index.collection,
        "queryScope": "COLLECTION_GROUP" if index.group else "COLLECTION",
        "fields": [_field_entry(column) for column in columns],
    }


def override_of(collection: str, path: FieldPath, modes: Modes) -> dict[str, Any]:
    """Return what stands in `fieldOverrides` for a field's single-field indexes."""
    return {
        "collectionGroup": collection,
        "fieldPath": field_paths.format_path(path) if path else "*",
        "indexes": [
            {"queryScope": "COLLECTION_GROUP" if group else "COLLECTION", **_kind(mode)}
            for mode, group in sorted(modes, key=_mode_order)
        ],
    }


def render(whole: Mapping[str, Any]) -> str:
    """Return the text of a file: its entries in a stable order, other keys as they were."""
    indexes = sorted(whole["indexes"], key=lambda one: definition_of(one, "").sort_key)
    fields = sorted(
        whole["fieldOverrides"], key=lambda one: (one["collectionGroup"], one["fieldPath"])
    )
    ordered = {**whole, "indexes": indexes, "fieldOverrides": fields}
    return json.dumps(ordered, indent=2, ensure_ascii=False) + "\n"


def _mode_order(mode: tuple[Mode, bool]) -> tuple[bool, int]:
    return mode[1], list(Mode).index(mode[0])


def _field_entry(column: Column) -> dict[str, Any]:
    if column.mode is Mode.VECTOR:
        config = {"dimension": column.dimension, "flat": {}}
        return {"fieldPath": column.text, "vectorConfig": config}
    return {"fieldPath": column.text, **_kind(column.mode)}


def _kind(mode: Mode) -> dict[str, str]:
    return {"arrayConfig" if mode is Mode.CONTAINS else "order": str(mode)}
