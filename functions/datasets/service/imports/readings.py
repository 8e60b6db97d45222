"""How the next file of a dataset is read: as the first one was, but for what it says itself."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from functions.datasets.model.dataset import Stored
from functions.datasets.model.imports.asked import Asked
from functions.datasets.model.reading.rows import Parse, parser, reading_of
from functions.datasets.model.reading.shapes import (
    ColumnOverrule,
    ColumnReading,
    Dialect,
    DialectOverrule,
    Overrule,
    Reading,
)
from functions.kit.contract.records.columns import Column

# What a file says by itself, and the next one may say otherwise.
_DETECTED = {"format", "encoding", "compressed", "row_names"}
_CELLS = ("date_format", "decimal", "thousands", "unit", "missing")
TEXT = "csv"


def said_of(dataset: Stored, asked: Asked) -> Overrule:
    """Return what is said of a file before it is opened: what was asked for, then what is kept."""
    said = asked.reading or Overrule()
    kept = dataset.reading
    if kept is None:
        return msgspec.convert(msgspec.to_builtins(said), Overrule)
    known = {} if kept.dialect.format != TEXT else _given(kept.dialect, leave=_DETECTED)
    dialect = msgspec.convert(known | _given(said.dialect), DialectOverrule)
    columns = [ColumnOverrule(name=one.name, source=one.source) for one in kept.columns]
    named = {_source(one) for one in said.columns}
    columns = [one for one in columns if _source(one) not in named]
    return Overrule(dialect=dialect, columns=[*said.columns, *columns])


def parsers_of(dataset: Stored, asked: Asked, found: Dialect) -> dict[str, Parse]:
    """Return what turns cells into values, by the dataset's columns.

    Args:
        dataset: whose kinds they are to be of.
        asked: what is said of the reading.
        found: how the file is written.
    """
    kept = dataset.reading or reading_of(dataset.columns)
    dialect = _marks(kept.dialect, asked, found)
    said = {one.name or one.source: one for one in (asked.reading or Overrule()).columns}
    readings = {one.name: one for one in _columns(kept, found)}
    return {
        one.name: parser(_reading(one, readings.get(one.name), said.get(one.name)), dialect)
        for one in dataset.columns
    }


def _marks(kept: Dialect, asked: Asked, found: Dialect) -> Dialect:
    """Return what numbers are written with: only text of one kind is written like the last."""
    marks = _given(kept) if kept.format == found.format == TEXT else {"missing": kept.missing}
    told = _given(asked.reading.dialect) if asked.reading else {}
    chosen = {name: value for name, value in (marks | told).items() if name in _MARKS}
    return replace(found, **chosen)


_MARKS = {"decimal", "thousands", "missing"}


def _columns(kept: Reading, found: Dialect) -> Sequence[ColumnReading]:
    return kept.columns if kept.dialect.format == found.format else []


def _reading(
    column: Column, kept: ColumnReading | None, said: ColumnOverrule | None
) -> ColumnReading:
    reading = replace(kept or ColumnReading(name=column.name, kind=column.kind), kind=column.kind)
    told = {} if said is None else _given(said)
    return replace(reading, **{name: value for name, value in told.items() if name in _CELLS})


def _given(said: msgspec.Struct, leave: set[str] | None = None) -> dict[str, object]:
    """Return the fields that say something."""
    fields = ((name, getattr(said, name)) for name in said.__struct_fields__)
    return {
        name: value for name, value in fields if value is not None and name not in (leave or set())
    }


def _source(one: ColumnOverrule) -> str | None:
    return one.name if one.source is None else one.source
