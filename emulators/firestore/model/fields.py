"""Field paths: their grammar, and reaching into the fields of a document (contract 3.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulators.firestore.model.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = ("__name__",)
_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTED = re.compile(r"`((?:[^`\\]|\\.)+)`", re.DOTALL)
_RESERVED = re.compile(r"__.+__", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

FieldPath = tuple[str, ...]


def parse(text: str) -> FieldPath:
    """Parse a dotted path whose segments may be quoted with backquotes.

    Raises:
        InvalidArgumentError: The path breaks the grammar.
    """
    if _SIMPLE.fullmatch(text) and not text.startswith("__"):
        return (text,)
    segments: list[str] = []
    position = 0
    while True:
        segment, position = _segment(text, position)
        segments.append(segment)
        if position == len(text):
            return _unreserved(tuple(segments))
        if text[position] != ".":
            raise _invalid(text)
        position += 1


def _unreserved(path: FieldPath) -> FieldPath:
    for segment in path:
        if segment.startswith("__") and _RESERVED.fullmatch(segment) and path != NAME:
            raise InvalidArgumentError(f"Invalid reserved name in field path {format_path(path)}")
    return path


def _segment(text: str, position: int) -> tuple[str, int]:
    if simple := _SIMPLE.match(text, position):
        return simple[0], simple.end()
    if quoted := _QUOTED.match(text, position):
        return _ESCAPE.sub(r"\1", quoted[1]), quoted.end()
    raise _invalid(text)


def _invalid(text: str) -> InvalidArgumentError:
    if not text:
        return InvalidArgumentError("Invalid empty property path string.")
    return InvalidArgumentError(
        f'Invalid property path "{text}". Unquoted property paths must match regex '
        r"([a-zA-Z_][a-zA-Z_0-9]*), and quoted property paths must match regex "
        r"(`(?:[^`\\]|(?:\\.))+`)"
    )


def format_path(path: FieldPath) -> str:
    """Return the text of a path, quoting the segments that need it."""
    return ".".join(_quote(segment) for segment in path)


def _quote(segment: str) -> str:
    if _SIMPLE.fullmatch(segment):
        return segment
    return "`" + segment.replace("\\", "\\\\").replace("`", "\\`") + "`"


def get(fields: Any, path: FieldPath) -> Any | None:
    """Return the Value at a path in a map of fields; None if there is none."""
    for segment in path[:-1]:
        if segment not in fields:  # indexing would create it
            return None
        value = fields[segment]
        if value.WhichOneof("value_type") != "map_value":
            return None
        fields = value.map_value.fields
    return fields.get(path[-1])


def put(fields: Any, path: FieldPath, value: Any) -> None:
    """Set a path, making maps on the way (also in place of what is no map)."""
    for segment in path[:-1]:
        holder = fields[segment]
        if holder.WhichOneof("value_type") != "map_value":
            holder.map_value.SetInParent()
        fields = holder.map_value.fields
    fields[path[-1]].CopyFrom(value)


def remove(fields: Any, path: FieldPath) -> None:
    """Delete a path if it is there."""
    holder = get_map(fields, path[:-1])
    if holder is not None and path[-1] in holder:
        del holder[path[-1]]


def get_map(fields: Any, path: FieldPath) -> Any | None:
    """Return the fields of the map at a path; the fields themselves for the empty path."""
    if not path:
        return fields
    value = get(fields, path)
    if value is None or value.WhichOneof("value_type") != "map_value":
        return None
    return value.map_value.fields


def project(source: Any, paths: Sequence[FieldPath], target: Any) -> None:
    """Copy only the paths from one map of fields into another (empty) one."""
    for path in paths:
        value = None if path == NAME else get(source, path)
        if value is not None:
            put(target, path, value)
