"""Columns: what a record may hold, and the msgspec type that checks it in C.

Datasets check the rows that they store by it, predictions the records that they are asked about.
"""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

Kind = Literal["number", "integer", "boolean", "category", "text", "datetime", "date"]
# What a column is for: learnt from, predicted, a name of the row, what keeps rows together, what
# orders them, how much each counts, nothing.
Role = Literal["feature", "target", "identifier", "group", "time", "weight", "ignore"]

INT64 = 2**63
_ESCAPED = '"\\'
_PLAIN: dict[Kind, type[Any]] = {"boolean": bool, "datetime": dt.datetime, "date": dt.date}


class Suggested(msgspec.Struct, omit_defaults=True):
    """What the values of a column were when they came: others are taken, with a warning."""

    minimum: float | None = None
    maximum: float | None = None
    levels: list[str] | None = None


class Column(msgspec.Struct, omit_defaults=True):
    """One column of a table.

    Attributes:
        name: as records and files call it.
        kind: of its values; a "date" is a day without a time, a "datetime" a moment in UTC.
        required: whether every record has a value.
        minimum: of numbers; a lower one is refused.
        maximum: of numbers; a higher one is refused.
        levels: when given, all that a category may be; another word is refused.
        role: what the column is for, unless a training says otherwise.
        suggested: limits that were learnt, and bind nobody.
        date_format: how days or moments were written in the file ("%d/%m/%Y"); they are taken
            so, beside ISO 8601.
        sensitive: whether its values are nobody's to read: logs of predictions hash them, or
            leave them out.
    """

    name: str
    kind: Kind
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    levels: list[str] | None = None
    role: Role = "feature"
    suggested: Suggested | None = None
    date_format: str | None = None
    sensitive: bool = False


def value_type(column: Column) -> Any:
    """Return the type that one value of `column` must have."""
    low, high = column.minimum, column.maximum
    match column.kind:
        case "boolean" | "datetime" | "date":
            return _plain(column)
        case "number":
            return Annotated[float, msgspec.Meta(ge=low, le=high)]
        case "integer":
            least, most = whole_bounds(column)
            return Annotated[int, msgspec.Meta(ge=least, le=most)]
        case "category" if column.levels:
            return Literal[tuple(column.levels)]
        case _:
            return str


def whole_bounds(column: Column) -> tuple[int, int]:
    """Return the least and the most that a whole number of `column` may be."""
    low, high = column.minimum, column.maximum
    return (
        -INT64 if low is None else math.ceil(low),
        INT64 - 1 if high is None else math.floor(high),
    )


def _plain(column: Column) -> Any:
    kind = _PLAIN[column.kind]
    if column.date_format is None:
        return kind
    return Annotated[kind, msgspec.Meta(extra={"date_format": column.date_format})]


def record_type(
    columns: Sequence[Column], *, partial: bool = False, gaps: bool = False
) -> type[msgspec.Struct]:
    """Return a Struct with one field for each column, in order: `c0`, `c1` and so on.

    In JSON the fields are called as the columns, but for those that `are_plain` says no of: such
    records are to be read by `one_by_one`. Optional columns default to None; with `partial`, a
    column left out is UNSET. With `gaps`, a required column must be there, and may be null. An
    unknown column is refused.
    """
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for place, column in enumerate(columns):
        full = column.required and not gaps
        kind = value_type(column) if full else value_type(column) | None
        if partial:
            fields.append((f"c{place}", kind | msgspec.UnsetType, msgspec.UNSET))
        elif column.required:
            fields.append((f"c{place}", kind))
        else:
            fields.append((f"c{place}", kind, None))
    named = {f"c{place}": column.name for place, column in enumerate(columns)}
    names = named if are_plain(columns) else None
    return msgspec.defstruct(
        "Record", fields, rename=names, forbid_unknown_fields=True, kw_only=True, gc=False
    )


def are_plain(columns: Sequence[Column]) -> bool:
    """Tell whether C can read records of some columns: JSON must escape none of their names."""
    return not any(
        letter in _ESCAPED or letter < " " for column in columns for letter in column.name
    )
