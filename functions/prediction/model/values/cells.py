"""Cells of CSV as values: an empty one, and in a column of numbers `NaN`, is missing."""

import re
from collections.abc import Callable
from typing import Any

from functions.kit.contract.columns import Kind

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NAN = "nan"


def number(cell: str) -> Any:
    """Return a number, or None; a cell that is neither stays, to be refused."""
    text = cell.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    return None if not text or text.lower() == _NAN else cell


def integer(cell: str) -> Any:
    """Return a whole number, which may be written as 3.0; else as `number`."""
    text = cell.strip()
    if _WHOLE.fullmatch(text):
        return int(text)
    found = number(cell)
    is_whole = isinstance(found, float) and found.is_integer()
    return int(found) if is_whole else found


def boolean(cell: str) -> Any:
    """Return a truth, or None; a cell that is neither stays, to be refused."""
    text = cell.strip()
    return _BOOLEANS.get(text.lower(), cell) if text else None


def _text(cell: str) -> Any:
    return cell or None


def _moment(cell: str) -> Any:
    return cell.strip() or None


READERS: dict[Kind, Callable[[str], Any]] = {
    "number": number,
    "integer": integer,
    "boolean": boolean,
    "category": _text,
    "text": _text,
    "datetime": _moment,
    "date": _moment,
}
"""What reads the cells of a kind of column."""
