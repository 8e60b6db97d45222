"""`sort=-age,name`: the order of a list, and the cursor that says where its next page begins.

A cursor holds the values by which the last record was sorted, and its id: the page after it begins
behind that place, whatever was changed, added or removed meanwhile.
"""

import base64
import binascii
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from functions.datasets.model.cells import Value
from functions.datasets.model.queries.where import bad, typed
from functions.kit.contract.errors import DomainError
from functions.kit.contract.records.columns import Column
from functions.kit.contract.requests.pages import cursor_after, key_of, unknown_cursor

MOST_KEYS = 10
SORTED_BY = 100
"""Characters of a text by which it is sorted; more would make cursors too long for an address."""


@dataclass(frozen=True)
class Key:
    """One column that a list is sorted by; missing values come last, whichever way."""

    column: Column
    descending: bool

    def __str__(self) -> str:
        return f"{'-' if self.descending else ''}{self.column.name}"

    def of(self, value: Value) -> Value:
        """Return what a value is sorted by."""
        return value[:SORTED_BY] if isinstance(value, str) else value


@dataclass(frozen=True)
class Mark:
    """The place behind one record in an order: what it is sorted by, and its id's number."""

    values: tuple[Value, ...]
    row: int


class _Cursor(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    order: list[str]
    values: list[str | int | float | bool | None]
    row: int


def keys(text: str | None, columns: Sequence[Column]) -> tuple[Key, ...]:
    """Read a `sort` parameter: names, each with `-` before it where the greatest is first.

    A name with a comma in it is written in JSON: `sort=["-a,b"]`.

    Raises:
        Unreadable: that names a column that is not there, or is named twice.
    """
    names = _names(text)
    found = tuple(_key(name, columns) for name in names)
    if len(found) > MOST_KEYS:
        raise bad("sort", f"{MOST_KEYS} columns are the most")
    if len({key.column.name for key in found}) < len(found):
        raise bad("sort", "a column is named twice")
    return found


def _names(text: str | None) -> list[str]:
    if not text:
        return []
    if not text.startswith("["):
        return text.split(",")
    try:
        return msgspec.json.decode(text, type=list[str])
    except msgspec.DecodeError as error:
        raise bad("sort", f"it is not a list of names in JSON ({error})") from error


def _key(name: str, columns: Sequence[Column]) -> Key:
    by_name = {column.name: column for column in columns}
    if name in by_name:  # one whose own name begins with `-`
        return Key(by_name[name], descending=False)
    plain = name.removeprefix("-").removeprefix("+").strip()
    if plain not in by_name:
        raise bad("sort", f"there is no column '{plain}'", plain)
    return Key(by_name[plain], descending=name.startswith("-"))


def cursor_behind(order: Sequence[Key], values: Mapping[str, Value], row: int) -> str:
    """Return the cursor of the page that begins behind a record."""
    if not order:
        return cursor_after(f"{row:09d}")
    sorted_by = [_plain(key.of(values[key.column.name])) for key in order]
    data = msgspec.json.encode(_Cursor([str(key) for key in order], sorted_by, row))
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _plain(value: Value) -> str | int | float | bool | None:
    return value.isoformat() if isinstance(value, dt.date) else value


def mark(cursor: str | None, order: Sequence[Key]) -> Mark | None:
    """Return the place that a cursor names, None for the beginning.

    Raises:
        Unreadable: it is none of ours, or is one of another order.
    """
    if cursor is None:
        return None
    if not order:
        key = key_of(cursor)
        if not key.isdecimal() or len(key) > 9:
            raise unknown_cursor()
        return Mark((), int(key))
    return _mark(cursor, order)


def _mark(cursor: str, order: Sequence[Key]) -> Mark:
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = msgspec.json.decode(data, type=_Cursor)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise unknown_cursor() from error
    if found.order != [str(key) for key in order]:
        raise _of_another(found.order)
    try:
        columns = (_plainly(key.column) for key in order)
        values = [typed(column, one, "cursor") for column, one in zip(columns, found.values)]  # noqa: B905 - checked below
    except DomainError as error:  # of a column whose kind was changed
        raise unknown_cursor() from error
    if len(found.values) != len(order) or not 0 <= found.row < 10**9:
        raise unknown_cursor()
    return Mark(tuple(values), found.row)


def _plainly(column: Column) -> Column:
    """Return a column whose days are in ISO 8601, as they are in a cursor."""
    return msgspec.structs.replace(column, date_format=None)


def _of_another(order: list[str]) -> DomainError:
    told = ",".join(order)[:200]
    return bad("cursor", f"it is of a list sorted by '{told}'; leave it out to begin again")
