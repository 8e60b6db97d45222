"""Limits that were learnt bind nobody: a value outside of them is taken, with a warning."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from functions.datasets.model.cells import Value, render
from functions.datasets.model.dataset import Record
from functions.kit.contract.errors import Flaw, refused
from functions.kit.contract.records.columns import Column, Suggested

SHOWN = 80  # characters of a value in a warning


class ValueWarning(msgspec.Struct, frozen=True):
    """One value that is unlike all that the column held when its limits were learnt."""

    column: str
    value: str
    reason: str


class Written(Record, kw_only=True):
    """A record as it was written, with what is unusual about its values."""

    warnings: list[ValueWarning]


def warnings_of(
    columns: Sequence[Column], values: dict[str, Any], before: dict[str, Any] | None = None
) -> list[ValueWarning]:
    """Return a warning for each value outside of its column's suggested limits.

    A value that is as it was `before` is none.
    """
    found = []
    for column in columns:
        value = values.get(column.name)
        is_new = before is None or before.get(column.name) != value
        if column.suggested is not None and value is not None and is_new:
            shown = render(value)[:SHOWN]
            found += [ValueWarning(column.name, shown, why) for why in _unusual(column, value)]
    return found


def _unusual(column: Column, value: Value) -> Iterator[str]:
    limits = column.suggested or Suggested()
    if limits.levels is not None and isinstance(value, str) and value not in limits.levels:
        yield f"a new word: none of the {len(limits.levels):,} that the column had"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if limits.minimum is not None and value < limits.minimum:
            yield f"less than {limits.minimum:g}, the least that the column had"
        if limits.maximum is not None and value > limits.maximum:
            yield f"more than {limits.maximum:g}, the most that the column had"


def adopted(columns: Sequence[Column], names: Sequence[str]) -> list[Column]:
    """Return those columns that are named, each with its suggested limits as its own.

    Raises:
        Invalid: one has none, or there is no such column.
    """
    known = {column.name: column for column in columns}
    flaws = [
        Flaw(
            "there is no such column" if name not in known else "nothing is suggested", column=name
        )
        for name in names
        if name not in known or known[name].suggested is None
    ]
    if flaws:
        raise refused("The suggested limits cannot be adopted", *flaws)
    return [_binding(known[name]) for name in names]


def _binding(column: Column) -> Column:
    limits = msgspec.structs.asdict(column.suggested or Suggested())
    given = {name: limit for name, limit in limits.items() if limit is not None}
    return msgspec.structs.replace(column, **given)
