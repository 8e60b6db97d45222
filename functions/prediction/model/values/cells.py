"""Cells of CSV as values: an empty one, and in a column of numbers `NaN`, is missing."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from functions.kit.contract.records.columns import Kind

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NAN = "nan"
_OF_NUMBERS = re.compile(r"[0-9+\-.eE]*", re.ASCII)


def values(kind: Kind, cells: Sequence[str]) -> list[Any]:
    """Return the values of a column's cells; what is no value of the kind stays as it is."""
    if kind == "number" and _OF_NUMBERS.fullmatch("".join(cells)):
        # Of such letters, what Python takes for a number is one in JSON's sense, too.
        with suppress(ValueError):
            return [float(cell) if cell else None for cell in cells]
    return [*map(_READERS[kind], cells)]


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


_READERS: dict[Kind, Callable[[str], Any]] = {
    "number": number,
    "integer": integer,
    "boolean": boolean,
    "category": _text,
    "text": _text,
    "datetime": _moment,
    "date": _moment,
}
"""What reads the cells of a kind of column."""
