"""Moments and days as people write them: what files and filters take, records take too."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from functions.kit.contract import dates
from functions.kit.contract.columns import Column

Record = dict[str, Any]


def fields(columns: Sequence[Column]) -> dict[str, Column]:
    """Return the columns of moments and days, by name."""
    return {column.name: column for column in columns if column.kind in {"datetime", "date"}}


def with_moments(records: Sequence[Any], wanted: Mapping[str, Column]) -> list[Any]:
    """Return records in which texts are moments and days; others stay, to be refused.

    They may be in ISO 8601, in their column's format, or in any that can mean but one.
    """
    return [
        {name: _read(value, wanted.get(name)) for name, value in record.items()}
        if isinstance(record, dict)
        else record
        for record in records
    ]


def _read(value: Any, column: Column | None) -> Any:
    if column is None or not isinstance(value, str):
        return value
    text, has_time = value.strip(), column.kind == "datetime"
    moment = dates.read(text, column.date_format, time=has_time) or _other_iso(text)
    if moment is None or has_time:
        return moment or value
    # A moment within a day is no day: nothing of it is dropped without a word.
    return moment.date() if moment.timetz() == dt.time(tzinfo=moment.tzinfo) else value


def _other_iso(text: str) -> dt.datetime | None:
    """Read what ISO 8601 allows, but files do not use: 20260131, weeks."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or dt.UTC)
