"""Columns: what a record may hold, and the msgspec type that checks it in C.

Datasets check the rows that they store by it, predictions the records that they are asked about.
"""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from functions.kit.contract import dated
from functions.kit.contract.decoding import (
    MOST_FLAWS,
    NOT_FINITE,
    UNREADABLE,
    constants,
    flaw,
)
from functions.kit.contract.errors import Flaw, Unreadable, refused

Kind = Literal["number", "integer", "boolean", "category", "text", "datetime", "date"]
# What a column is for: learnt from, predicted, a name of the row, what keeps rows together, what
# orders them, how much each counts, nothing.
Role = Literal["feature", "target", "identifier", "group", "time", "weight", "ignore"]

INT64 = 2**63
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
    """Return a Struct with one field for each column, in order; its JSON names are the columns'.

    Optional columns default to None; with `partial`, a column left out is UNSET. With `gaps`, a
    required column must be there, and may be null. An unknown column is refused.
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
    names = {f"c{place}": column.name for place, column in enumerate(columns)}
    return msgspec.defstruct(
        "Record", fields, rename=names, forbid_unknown_fields=True, kw_only=True
    )


def decode_records(body: bytes, decoder: "msgspec.json.Decoder[Any]") -> Any:
    """Decode `{"records": [...]}`.

    `decoder` is of a Struct whose field `records` is a list of one `record_type`.

    Raises:
        Unreadable: when it is not JSON.
        Invalid: that names each bad row (from 1) and column.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        body = dated.records(body, _record_of(decoder)) or body
        try:
            return decoder.decode(body)
        except UNREADABLE:
            flaws = _explain(body, decoder, error)
    except UNREADABLE as error:
        flaws = _constants(body)
        if not flaws:
            raise Unreadable(f"The body is not JSON: {error}.") from error
    raise refused("Some records were refused", *flaws)


def _constants(body: bytes) -> list[Flaw]:
    """Find the values in `{"records": [{column: value}]}` that are no finite numbers."""
    flaws = []
    for path, value in constants(body):
        match path:
            case ("records", int(place), str(column)):
                flaws.append(Flaw(NOT_FINITE, row=place + 1, column=column, value=value))
    return flaws


def _record_of(decoder: "msgspec.json.Decoder[Any]") -> Any:
    """Return the type of the records: the field's is list[Record]."""
    [record] = msgspec.structs.fields(decoder.type)[0].type.__args__
    return record


class _Raws(msgspec.Struct):
    records: list[msgspec.Raw]


def _explain(
    body: bytes, decoder: "msgspec.json.Decoder[Any]", error: msgspec.ValidationError
) -> list[Flaw]:
    """Decode row by row, slowly, to find the rows at fault: msgspec names only the first."""
    try:
        raws = msgspec.json.decode(body, type=_Raws).records
    except UNREADABLE:
        return _constants(body) or [flaw(error)]
    kind = _record_of(decoder)
    one = msgspec.json.Decoder(kind)
    flaws: list[Flaw] = []
    for row, raw in enumerate(raws, 1):
        try:
            one.decode(raw)
        except msgspec.ValidationError as found:
            flaws.append(flaw(found, row, kind))
        except UNREADABLE as found:
            flaws.append(Flaw(f"it is not JSON: {found}", row=row))
        if len(flaws) == MOST_FLAWS:
            break
    return flaws or [flaw(error)]
