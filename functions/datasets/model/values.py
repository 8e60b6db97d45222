"""A record's values against the columns: what may be stored, and what is given back."""

import datetime as dt
import functools
from collections.abc import Sequence
from typing import Any

import msgspec

from functions.datasets.model import limits
from functions.datasets.model.cells import Value, cast, is_blank
from functions.kit.contract.errors import Flaw, Unreadable, refused
from functions.kit.contract.records.columns import Column, are_plain, record_type
from functions.kit.contract.records.dates import in_utc
from functions.kit.contract.records.one_by_one import OneByOne
from functions.kit.contract.requests.decoding import UNREADABLE, Flaws


class Values:
    """Checks and reads the values of one schema's records."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._whole = _Form(columns, partial=False)
        self._partial = _Form(columns, partial=True)

    def whole(self, body: bytes) -> dict[str, Value]:
        """Read the values of a record from JSON; a column left out is missing.

        Raises:
            Invalid: that names the column, the value and the reason.
            Unreadable: when it is not JSON.
        """
        return sized(self._checked(self._whole.decode(body)))

    def changed(self, stored: dict[str, Any], body: bytes) -> dict[str, Value]:
        """Return stored values with those that a change names; errors as in `whole`."""
        return sized(self.shown(stored) | self.given(body))

    def given(self, body: bytes) -> dict[str, Value]:
        """Read the values that a change names from JSON; errors as in `whole`."""
        return self._checked(self._partial.decode(body))

    def _checked(self, record: Any) -> dict[str, Value]:
        given = [
            (column, value)
            for place, column in enumerate(self._columns)
            if (value := getattr(record, f"c{place}")) is not msgspec.UNSET
        ]
        flaws = [found for column, value in given if (found := _flaw(column, value))]
        if flaws:
            raise refused("The record was refused", *flaws)
        return {column.name: _stored(value) for column, value in given}

    def shown(self, stored: dict[str, Any]) -> dict[str, Value]:
        """Return stored values in the order and of the kinds of the columns."""
        return {column.name: cast(stored.get(column.name), column.kind) for column in self._columns}


class _Form:
    """Decodes records that are whole, or that are partial."""

    def __init__(self, columns: Sequence[Column], *, partial: bool) -> None:
        kind = record_type(columns, partial=partial)
        self._decoder = msgspec.json.Decoder(kind) if are_plain(columns) else None
        self._one_by_one = OneByOne(columns, kind, partial=partial)

    def decode(self, body: bytes) -> Any:
        """Return the record; raises Invalid, Unreadable."""
        if self._decoder is None:
            return self._slowly(body)
        try:
            return self._decoder.decode(body)
        except msgspec.ValidationError:
            return self._slowly(body)
        except UNREADABLE as error:
            raise _no_json(error) from error

    def _slowly(self, body: bytes) -> Any:
        flaws = Flaws()
        try:
            found = self._one_by_one.one(msgspec.json.decode(body, type=msgspec.Raw), flaws)
        except UNREADABLE as error:
            raise _no_json(error) from error
        if flaws.count:
            untold = flaws.count - len(flaws.shown)
            raise refused("The record was refused", *flaws.shown, untold=untold)
        return found


def _no_json(error: Exception) -> Unreadable:
    return Unreadable(f"The body is not JSON: {error}.")


def _flaw(column: Column, value: Any) -> Flaw | None:
    if isinstance(value, dt.datetime) and not _is_in_utc(value):
        return Flaw("in UTC it would be outside of the years 1 to 9999", column=column.name)
    if not isinstance(value, str):
        return None
    if column.required and is_blank(value):
        return Flaw("a value is required; blank text is a missing value", column=column.name)
    if len(value) > limits.CELL_LENGTH:
        return Flaw(f"longer than {limits.CELL_LENGTH:,} characters", column=column.name)
    if "\0" in value:
        return Flaw("text cannot hold NUL", column=column.name)
    return None


def _is_in_utc(moment: dt.datetime) -> bool:
    try:
        in_utc(moment)
    except OverflowError:
        return False
    return True


def sized(values: dict[str, Value]) -> dict[str, Value]:
    """Return the values; raises Invalid when they are more than a document holds."""
    size = sum(
        len(name.encode()) + 16 + (len(value.encode()) if isinstance(value, str) else 0)
        for name, value in values.items()
    )
    if size > limits.RECORD_BYTES:
        reason = f"it takes {size:,} bytes, the limit is {limits.RECORD_BYTES:,}"
        raise refused("The record was refused", Flaw(reason))
    return values


def _stored(value: Any) -> Value:
    """Return the value as it is kept: blank text is missing, as in a file; times are in UTC."""
    if isinstance(value, str) and is_blank(value):
        return None
    stored: Value = in_utc(value) if isinstance(value, dt.datetime) else value
    return stored


@functools.lru_cache(maxsize=64)
def _compiled(columns: bytes) -> Values:
    return Values(msgspec.json.decode(columns, type=list[Column]))


def values_of(columns: Sequence[Column]) -> Values:
    """Return the compiled form of a schema; compiling takes milliseconds, so it is remembered."""
    return _compiled(msgspec.json.encode(columns))
