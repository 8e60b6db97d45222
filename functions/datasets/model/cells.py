"""The text of a cell and its value, by kind. Used by import, filters, export and schema edits."""

import datetime as dt
import math
import re
from collections.abc import Callable
from typing import Any

from functions.kit.contract.records import dates
from functions.kit.contract.records.columns import INT64, Kind
from functions.kit.contract.records.dates import in_utc

# A datetime is a date, too: ask for the datetime first.
Value = str | int | float | bool | dt.datetime | dt.date | None

# Beside an empty cell, these are missing values wherever the other cells are not plain text.
MISSING_WORDS = frozenset(
    ["NA", "N/A", "n/a", "<NA>", "NaN", "nan", "NAN", "NULL", "null", "None", "none", "#N/A"]
)
BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}
INFINITE_WORDS = frozenset(["inf", "infinity"])

# No leading zeros: 00123 is a code, not the number 123. No `1_000`, which Python would read.
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,18})", re.ASCII)
_NUMBER = re.compile(
    r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?", re.ASCII
)


class NotOfKind(ValueError):  # noqa: N818 - reads as what it says
    """The text is not a value of the kind; the message says what is wanted."""


def is_blank(cell: str) -> bool:
    """Tell whether a cell is empty: missing in a column of any kind."""
    return not cell or cell.isspace()


def is_infinite(cell: str) -> bool:
    """Tell whether the text stands for infinity, or is a number too large for a float."""
    text = cell.strip()
    if text.lstrip("+-").lower() in INFINITE_WORDS:
        return True
    return _NUMBER.fullmatch(text) is not None and math.isinf(float(text))


def is_finite_number(text: str) -> bool:
    """Tell whether the text is a number that a float holds."""
    return _NUMBER.fullmatch(text) is not None and not math.isinf(float(text))


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text) or not -INT64 <= int(text) < INT64:
        raise NotOfKind("a whole number of at most 64 bits is wanted")
    return int(text)


def _number(text: str) -> float:
    if not is_finite_number(text):
        raise NotOfKind("a finite number such as 3.5 is wanted")
    return float(text)


def _boolean(text: str) -> bool:
    if text.lower() not in BOOLEANS:
        raise NotOfKind("true, false, yes or no is wanted")
    return BOOLEANS[text.lower()]


def _datetime(text: str) -> dt.datetime:
    moment = dates.reader(dates.ISO)(text)
    if moment is None:
        raise NotOfKind("an ISO 8601 date or time such as 2026-01-31T12:00:00Z is wanted")
    return moment


def _date(text: str) -> dt.date:
    return _day(dates.reader(dates.ISO)(text))


def _day(moment: dt.datetime | None) -> dt.date:
    if moment is None or moment.time() != dt.time():
        raise NotOfKind("an ISO 8601 date such as 2026-01-31 is wanted")
    return moment.date()


NATIVE: dict[Kind, type[Any]] = {
    "integer": int,
    "number": float,
    "boolean": bool,
    "datetime": dt.datetime,
    "date": dt.date,
    "category": str,
    "text": str,
}

TIMES: tuple[Kind, ...] = ("date", "datetime")
PARSERS: dict[Kind, Callable[[str], Value]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "datetime": _datetime,
    "date": _date,
}


def parse(cell: str, kind: Kind, date_format: str | None = None) -> Value:
    """Return the value of a cell; None where it is missing.

    Days and moments may be in the format of their column, or in any that can mean but one.

    Raises:
        NotOfKind: the text is not of the kind.
    """
    if is_blank(cell):
        return None
    parser = PARSERS.get(kind)
    if parser is None:
        return cell
    text = cell.strip()
    if text in MISSING_WORDS:
        return None
    return parser(text) if kind not in TIMES else _time(text, kind, date_format)


def _time(text: str, kind: Kind, date_format: str | None) -> Value:
    moment = dates.read(text, date_format, time=kind == "datetime")
    if moment is None:
        return PARSERS[kind](text)  # which says what is wanted
    return moment if kind == "datetime" else _day(moment)


def render(value: Value) -> str:
    """Return the text of a value, such that `parse` gives the value back; "" for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return in_utc(value).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def cast(value: Value, kind: Kind) -> Value:
    """Return a stored value as the kind that its column has now.

    A schema edit changes a column's kind, not the stored values; so they may be of the kind that
    the column had when they were written. Whole numbers and 0/1 pass between the numeric kinds.

    Raises:
        NotOfKind: it cannot be one.
    """
    if value is None or type(value) is NATIVE[kind]:
        return value
    match kind, value:
        case "boolean", int() | float() if value in {0, 1}:
            return bool(value)
        case "integer" | "number", bool():
            return int(value) if kind == "integer" else float(value)
        case "integer", float() if value.is_integer() and -INT64 <= value < INT64:
            return int(value)
        case "number", int():
            return float(value)
    return parse(render(value), kind)
