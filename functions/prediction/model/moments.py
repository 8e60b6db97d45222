"""Moments and days as people write them: what files and filters take, records take too."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from functions.kit.contract.columns import Column

Record = dict[str, Any]


def fields(columns: Sequence[Column]) -> dict[str, type[dt.date]]:
    """Return the columns of moments and days, each with the type of its values."""
    types: dict[str, type[dt.date]] = {"datetime": dt.datetime, "date": dt.date}
    return {column.name: types[column.kind] for column in columns if column.kind in types}


def with_moments(records: Sequence[Any], wanted: Mapping[str, type[dt.date]]) -> list[Any]:
    """Return records in which ISO 8601 texts are moments and days; others stay, to be refused."""
    return [
        {name: _read(value, wanted.get(name)) for name, value in record.items()}
        if isinstance(record, dict)
        else record
        for record in records
    ]


def _read(value: Any, wanted: type[dt.date] | None) -> Any:
    if wanted is None or not isinstance(value, str):
        return value
    try:
        moment = dt.datetime.fromisoformat(value.strip())
    except ValueError:
        return value
    aware = moment.replace(tzinfo=moment.tzinfo or dt.UTC)
    if wanted is dt.datetime:
        return aware
    # A moment within a day is no day: nothing of it is dropped without a word.
    return aware.date() if aware.timetz() == dt.time(tzinfo=aware.tzinfo) else value
