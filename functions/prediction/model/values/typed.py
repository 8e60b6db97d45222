"""Values of typed forms as records have them: NaN is missing, a day is no moment."""

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

from functions.kit.contract.records.columns import Kind


def number(value: Any) -> Any:
    """Return a number, or None for NaN; what is none stays, to be refused."""
    return None if isinstance(value, float) and math.isnan(value) else value


def integer(value: Any) -> Any:
    """Return a whole number, of floats that are whole, too; else as `number`."""
    found = number(value)
    return int(found) if isinstance(found, float) and found.is_integer() else found


def day(value: Any) -> Any:
    """Return a day, of a moment at its very beginning, too; what is none stays, to be refused."""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date()
    return value


def moment(value: Any) -> Any:
    """Return a moment, of a day its beginning; what is neither stays, to be refused."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
    return value


def _same(value: Any) -> Any:
    return value


CONVERTERS: dict[Kind, Callable[[Any], Any]] = {
    "number": number,
    "integer": integer,
    "boolean": _same,
    "category": _same,
    "text": _same,
    "datetime": moment,
    "date": day,
}
"""What converts the values of a kind of column."""
