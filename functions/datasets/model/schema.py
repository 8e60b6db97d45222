"""Schema edits: new columns against the rules of columns, and against the rows that are there."""

from collections.abc import Iterable, Sequence

import msgspec

from functions.datasets.model import cells, limits
from functions.datasets.model.cells import Value
from functions.datasets.model.dataset import Record, schema_flaws
from functions.kit.contract.errors import Flaw, refused
from functions.kit.contract.records.columns import Column, Kind

NUMERIC: tuple[Kind, ...] = ("number", "integer")


def merged(columns: Sequence[Column], edits: Iterable[Column]) -> list[Column]:
    """Return `columns` with each edit in the place of the column that it names.

    Raises:
        Invalid: that names each edit that cannot be.
    """
    found = {column.name: column for column in columns}
    flaws: list[Flaw] = []
    for edit in edits:
        reason = _rule_broken(edit) if edit.name in found else "there is no such column"
        if reason:
            flaws.append(Flaw(reason, column=edit.name))
        found[edit.name] = edit
    whole = [found[column.name] for column in columns]
    if flaws := flaws or schema_flaws(whole):
        raise refused("The schema was refused", *flaws)
    return whole


def _rule_broken(column: Column) -> str | None:
    """Say why no column can be like this, or None."""
    return _bounds_broken(column) or _levels_broken(column)


def _bounds_broken(column: Column) -> str | None:
    bounds = [bound for bound in (column.minimum, column.maximum) if bound is not None]
    if bounds and column.kind not in NUMERIC:
        return f"minimum and maximum are for {' and '.join(NUMERIC)}, not {column.kind}"
    return "minimum is greater than maximum" if bounds != sorted(bounds) else None


def _levels_broken(column: Column) -> str | None:
    if column.levels is None:
        return None
    if column.kind != "category":
        return f"levels are for category, not {column.kind}"
    if not 0 < len(column.levels) <= limits.LEVELS:
        return f"1 to {limits.LEVELS:,} levels are wanted; leave levels out to allow any value"
    if len(set(column.levels)) < len(column.levels) or any(map(cells.is_blank, column.levels)):
        return "levels must be different and not blank"
    return None


def narrows(old: Column, new: Column) -> bool:
    """Tell whether a value that fits `old` may not fit `new`."""
    texts = {old.kind, new.kind} == {"category", "text"}
    loosened = msgspec.structs.replace(old, required=False, minimum=None, maximum=None, levels=None)
    plain = msgspec.structs.replace(loosened, kind=new.kind) if texts else loosened
    return new not in (old, plain)


def is_recast(old: Column, new: Column) -> bool:
    """Tell whether values stored under `old` compare differently from values under `new`."""
    same = ({"category", "text"}, {"integer", "number"})
    return old.kind != new.kind and {old.kind, new.kind} not in same


def fault(column: Column, stored: Value) -> str | None:
    """Say why a stored value does not fit a column, or None."""
    try:
        value = cells.cast(stored, column.kind)
    except cells.NotOfKind as error:
        return str(error)
    if value is None:
        return "a value is required and this one is missing" if column.required else None
    if isinstance(value, int | float):
        if column.minimum is not None and value < column.minimum:
            return f"less than the minimum {column.minimum:g}"
        if column.maximum is not None and value > column.maximum:
            return f"more than the maximum {column.maximum:g}"
    if column.levels is not None and value not in column.levels:
        return "not one of the levels"
    return None


def check_rows(columns: Sequence[Column], records: Iterable[Record]) -> None:
    """Check the values of some columns in all rows.

    Raises:
        Invalid: with the rows at fault (at most `limits.FLAWS`).
    """
    flaws: list[Flaw] = []
    for row, record in enumerate(records, 1):
        for column in columns:
            stored = record.values.get(column.name)
            if reason := fault(column, stored):
                text = f"{reason} (record {record.id})"
                flaws.append(Flaw(text, row, column.name, cells.render(stored)[:80]))
        if len(flaws) >= limits.FLAWS:
            break
    if flaws:
        raise refused("The rows do not fit the new schema", *flaws[: limits.FLAWS])
