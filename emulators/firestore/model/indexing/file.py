"""Reads `firestore.indexes.json` as `firebase deploy` takes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import fields as field_paths
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.fields import NAME, FieldPath
from emulators.firestore.model.indexing.definitions import (
    Column,
    Definition,
    Mode,
    define,
)
from emulators.firestore.model.indexing.selection import Indexes, Modes

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCOPES = {"COLLECTION": False, "COLLECTION_GROUP": True}
_KINDS = ("order", "arrayConfig", "vectorConfig")
_MAX_DIMENSION = 2048
_OLD_MODES = {"ASCENDING": "order", "DESCENDING": "order", "ARRAY_CONTAINS": "arrayConfig"}


class IndexFileError(ValueError):
    """A file of indexes is not what it must be; the text names place and remedy."""


def read(text: str) -> Indexes:
    """Read a file.

    Raises:
        IndexFileError: Something in it is wrong.
    """
    whole = parse(text)
    composites: dict[Definition, str] = {}
    for number, entry in enumerate(whole["indexes"]):
        place = f"indexes[{number}]"
        first = composites.setdefault(definition_of(entry, place), place)
        if first != place:
            raise IndexFileError(
                f"{place}: it is the same index as {first}; leave one of them out."
            )
    overrides = {}
    for number, entry in enumerate(whole["fieldOverrides"]):
        place = f"fieldOverrides[{number}]"
        owner = (_text(entry, "collectionGroup", place), override_path(entry, place))
        if owner in overrides:
            raise IndexFileError(f"{place}: the field has an entry already; make it one entry.")
        overrides[owner] = _override(entry, place)
    return Indexes(composites, overrides)


def parse(text: str) -> dict[str, Any]:
    """Return the JSON of a file with both of its lists.

    Raises:
        IndexFileError: It is no such JSON.
    """
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        raise IndexFileError(
            f"line {error.lineno}, column {error.colno}: {error.msg}; the file must be JSON."
        ) from error
    if not isinstance(whole, dict) or "indexes" not in whole:
        raise IndexFileError(
            'the file must be an object with the list "indexes", such as {"indexes": []}.'
        )
    whole.setdefault("fieldOverrides", [])
    for key in ("indexes", "fieldOverrides"):
        entries = _list(whole[key], key)
        for number, entry in enumerate(entries):
            _object(entry, f"{key}[{number}]")
    return whole


def definition_of(entry: Mapping[str, Any], place: str) -> Definition:
    """Return the index of an entry in `indexes`, which stands at a place of the file.

    Raises:
        IndexFileError: Something in it is wrong.
    """
    collection = _text(entry, "collectionGroup", place, old="collectionId")
    group = _scope(entry, place)
    fields = _list(entry.get("fields"), f"{place}.fields")
    columns = [_column(one, f"{place}.fields[{number}]") for number, one in enumerate(fields)]
    name = None
    if columns and columns[-1].path == NAME:
        name = columns.pop().mode
    index = define(collection, columns, group=group, name=name)
    _check(index, name, place)
    return index


def override_path(entry: Mapping[str, Any], place: str) -> FieldPath:
    """Return the path of an entry in `fieldOverrides`; that of every field is empty.

    Raises:
        IndexFileError: It is no path.
    """
    text = _text(entry, "fieldPath", place)
    return () if text == "*" else _path(text, place)


def _check(index: Definition, name: Mode | None, place: str) -> None:
    """Refuse what the real service refuses to make."""
    modes = [column.mode for column in index.columns]
    if not modes and name is not Mode.DESCENDING:
        raise IndexFileError(f"{place}.fields: it names no field; an index has at least one.")
    if any(column.path == NAME for column in index.columns) or name is Mode.CONTAINS:
        raise IndexFileError(f"{place}.fields: __name__ may stand last alone, with an order.")
    if modes.count(Mode.CONTAINS) > 1:
        raise IndexFileError(f"{place}.fields: an index has one field with arrayConfig at most.")
    if Mode.VECTOR in modes[:-1]:
        raise IndexFileError(f"{place}.fields: the field with vectorConfig must be the last.")
    if index.is_single_field:
        raise IndexFileError(
            f"{place}: an index of one field is no composite index (the real service: this index "
            'is not necessary); single fields are set in "fieldOverrides".'
        )


def _column(entry: Any, place: str) -> Column:
    entry = _object(entry, place)
    path = _path(_text(entry, "fieldPath", place), place)
    if "mode" in entry and not any(kind in entry for kind in _KINDS):
        entry = {**entry, **_upgraded(entry["mode"], place)}
    given = [kind for kind in _KINDS if kind in entry]
    if len(given) != 1:
        raise IndexFileError(
            f"{place}: a field has exactly one of order, arrayConfig and vectorConfig; "
            f"this one has {' and '.join(given) or 'none'}."
        )
    if given == ["vectorConfig"]:
        return Column(path, Mode.VECTOR, _dimension(entry["vectorConfig"], place))
    return Column(path, _mode(entry, place))


def _upgraded(mode: Any, place: str) -> dict[str, Any]:
    """Turn the `mode` that files of 2018 have into today's keys."""
    kind = _OLD_MODES.get(mode) if isinstance(mode, str) else None
    if kind is None:
        raise IndexFileError(f"{place}.mode: {mode!r} is none of {', '.join(_OLD_MODES)}.")
    return {kind: "CONTAINS" if kind == "arrayConfig" else mode}


def _mode(entry: Mapping[str, Any], place: str) -> Mode:
    if "order" in entry:
        return Mode(_one_of(entry["order"], ("ASCENDING", "DESCENDING"), f"{place}.order"))
    return Mode(_one_of(entry["arrayConfig"], ("CONTAINS",), f"{place}.arrayConfig"))


def _dimension(config: Any, place: str) -> int:
    dimension = config.get("dimension") if isinstance(config, dict) else None
    if type(dimension) is not int or not 1 <= dimension <= _MAX_DIMENSION:
        raise IndexFileError(
            f'{place}.vectorConfig: it must be such as {{"dimension": 3, "flat": {{}}}}, with the '
            f"number of the vectors' elements, {_MAX_DIMENSION} at most."
        )
    if "flat" not in config:
        raise IndexFileError(f'{place}.vectorConfig: "flat" is missing; it must be {{}}.')
    return dimension


def _override(entry: Mapping[str, Any], place: str) -> Modes:
    modes = []
    for number, one in enumerate(_list(entry.get("indexes"), f"{place}.indexes")):
        at = f"{place}.indexes[{number}]"
        one = _object(one, at)  # noqa: PLW2901 - the same, known to be an object
        if ("order" in one) == ("arrayConfig" in one):
            raise IndexFileError(f"{at}: it has exactly one of order and arrayConfig.")
        modes.append((_mode(one, at), _scope(one, at)))
    return frozenset(modes)


def _scope(entry: Mapping[str, Any], place: str) -> bool:
    scope = entry.get("queryScope", "COLLECTION")
    return _SCOPES[_one_of(scope, tuple(_SCOPES), f"{place}.queryScope")]


def _path(text: str, place: str) -> FieldPath:
    try:
        return field_paths.parse(text)
    except InvalidArgumentError as error:
        raise IndexFileError(
            f"{place}.fieldPath: {text!r} is no path of a field; quote odd names with backquotes, "
            "such as address.`zip code`."
        ) from error


def _text(entry: Mapping[str, Any], key: str, place: str, old: str = "") -> str:
    value = entry.get(key, entry.get(old) if old else None)
    if not isinstance(value, str) or not value:
        raise IndexFileError(f'{place}: "{key}" is missing or no text; name it.')
    return value


def _one_of(value: Any, known: tuple[str, ...], place: str) -> str:
    if value not in known:
        raise IndexFileError(f"{place}: {value!r} is none of {', '.join(known)}.")
    return str(value)


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise IndexFileError(f"{place}: it must be a list, not {json.dumps(value)[:60]}.")
    return value


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise IndexFileError(f"{place}: it must be an object, not {json.dumps(value)[:60]}.")
    return value
