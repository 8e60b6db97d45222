"""Records read value by value, where C did not take them: to tell every flaw of every row.

C reads a body at once, but names only its first flaw, and knows no column whose name JSON has to
escape. Values that it refuses and that can mean but one thing are taken here: days and moments as
people write them, 3.0 for a whole number, 0 and 1 for a truth, an empty text for a missing one.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from functions.kit.contract.errors import Flaw
from functions.kit.contract.records import dates
from functions.kit.contract.records.columns import Column, Kind, are_plain, value_type
from functions.kit.contract.requests.decoding import (
    NOT_FINITE,
    UNREADABLE,
    Constant,
    Flaws,
    flaw,
    nearest,
)

_ROW = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXTS = frozenset(("category", "datetime", "date"))
# Of which types values are that may mean something else in a column.
_ODD: dict[Kind, frozenset[type]] = {
    "integer": frozenset((float,)),
    "boolean": frozenset((int, float)),
    "category": frozenset((str,)),
    "datetime": frozenset((str, dt.date)),
    "date": frozenset((str, dt.datetime)),
}


class Found(NamedTuple):
    """What rows hold.

    Attributes:
        records: those that have no flaw.
        unknown: names of fields that no column has, in the order that they came in.
    """

    records: list[Any]
    unknown: list[str]


class OneByOne:
    """Reads records of some columns.

    Args:
        columns: theirs.
        kind: the `columns.record_type` that they become.
        partial: whether a column may be left out, and is UNSET then.
        gaps: whether a value may be missing, as null, that a column requires.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        kind: Any,
        *,
        partial: bool = False,
        gaps: bool = False,
    ) -> None:
        self._kind = kind
        self._many: Any = list[kind]
        self._columns = {
            column.name: (f"c{place}", _Value(column, is_full=column.required and not gaps))
            for place, column in enumerate(columns)
        }
        self._mended = [(one.name, one, _ODD[one.kind]) for one in columns if one.kind in _ODD]
        self._is_plain = are_plain(columns)
        self._required = () if partial else [one.name for one in columns if one.required]
        absent: Any = UNSET if partial else None
        self._absent = {field: absent for field, _ in self._columns.values()}

    def at_once(self, rows: list[dict[str, Any]]) -> list[Any] | None:
        """Return the records of plain rows that have no flaw, which is much faster; else None.

        Values of `rows` are exchanged for what they mean.
        """
        if not self._is_plain:
            return None
        for name, column, odd in self._mended:
            for row in rows:
                value = row.get(name)
                if value.__class__ in odd:
                    row[name] = _meant(value, column)
        try:
            found: list[Any] = msgspec.convert(rows, self._many)
        except msgspec.ValidationError:
            return None
        return found

    def rows(self, rows: Iterable[Any], flaws: Flaws, *, ignore: bool = False) -> Found:
        """Return the records of rows; `flaws` takes all that is wrong with them.

        Args:
            rows: each a mapping of plain values, or JSON as `msgspec.Raw`.
            flaws: rows count from 1.
            ignore: whether fields that are none are passed over.
        """
        records: list[Any] = []
        unknown: dict[str, None] = {}
        for place, row in enumerate(rows, 1):
            before = flaws.count
            record = self._row(row, flaws, place, unknown if ignore else None)
            if flaws.count == before:
                records.append(record)
        return Found(records, [*unknown])

    def one(self, given: Any, flaws: Flaws) -> Any:
        """Return one record, as `rows` does; its flaws name no row."""
        return self._row(given, flaws, None, None)

    def _row(
        self, row: Any, flaws: Flaws, place: int | None, ignored: dict[str, None] | None
    ) -> Any:
        fields = _fields(row, flaws, place)
        if fields is None:
            return None
        values = dict(self._absent)
        unknown = []
        for name, given in fields.items():
            column = self._columns.get(name)
            if column is None:
                unknown.append(name)
                continue
            field, value = column
            try:
                values[field] = value.read(given)
            except _BadValueError as refused:
                flaws.add(refused.flaw(name, place))
        for name in self._required:
            if name not in fields:
                flaws.add(Flaw(f"Object missing required field `{name}`", place, name))
        for name in unknown:
            if ignored is None:
                flaws.add(self._unknown(name, place) if flaws.is_open else Flaw(""))
            else:
                ignored[name] = None
        return self._kind(**values)

    def _unknown(self, name: str, place: int | None) -> Flaw:
        reason = f"Object contains unknown field `{name}`{nearest(name, [*self._columns])}"
        return Flaw(reason, place, name)


def _fields(row: Any, flaws: Flaws, place: int | None) -> Mapping[str, Any] | None:
    """Return a row's values by name; None for what is none."""
    if isinstance(row, Mapping):
        return row
    try:
        if isinstance(row, msgspec.Raw):
            return _ROW.decode(row)
        return msgspec.convert(row, dict[str, Any])
    except msgspec.ValidationError as error:
        flaws.add(flaw(error, place))
    except UNREADABLE as error:
        flaws.add(Flaw(f"it is not JSON: {error}", place))
    return None


class _BadValueError(Exception):
    """A value does not fit its column."""

    def __init__(self, reason: str, value: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.value = reason, value

    def flaw(self, column: str, row: int | None) -> Flaw:
        return Flaw(self.reason, row, column, self.value)


class _Value:
    """Reads the values of one column."""

    def __init__(self, column: Column, *, is_full: bool) -> None:
        self._column = column
        self._type = value_type(column) if is_full else value_type(column) | None
        self._decoder = msgspec.json.Decoder(self._type)

    def read(self, given: Any) -> Any:
        """Return the value of JSON as `msgspec.Raw`, or of a plain one; raises _BadValueError."""
        try:
            if isinstance(given, msgspec.Raw):
                return self._decoder.decode(given)
            if isinstance(given, Constant):
                raise _BadValueError(NOT_FINITE, str(given))
            return msgspec.convert(_known(given), self._type)
        except msgspec.ValidationError as error:
            return self._meant(given, error)
        except UNREADABLE as error:
            raise _BadValueError(f"it is not JSON: {error}") from error

    def _meant(self, given: Any, error: msgspec.ValidationError) -> Any:
        """Return what a value can mean, though C did not take it."""
        try:
            plain = msgspec.json.decode(given) if isinstance(given, msgspec.Raw) else given
            return msgspec.convert(_meant(plain, self._column), self._type)
        except msgspec.ValidationError:
            raise _BadValueError(flaw(error, kind=self._type).reason) from error
        except UNREADABLE as unreadable:
            raise _BadValueError(f"it is not JSON: {unreadable}") from error


def _known(value: Any) -> Any:
    """Return a value, or None for NaN, by which programs mean a missing one."""
    return None if value != value else value  # noqa: PLR0124 - NaN alone is not itself


def _meant(value: Any, column: Column) -> Any:
    """Return what a value means in a column, if that is but one thing; else the value."""
    match value:
        case "" if column.kind in _TEXTS:
            return None
        case float() if column.kind == "integer" and value.is_integer():
            return int(value)
        case int() | float() if column.kind == "boolean" and value in {0, 1}:
            return bool(value)
        case str() | dt.date() if column.kind in {"datetime", "date"}:
            return _moment(value, column)
    return value


def _moment(value: str | dt.date, column: Column) -> Any:
    """Return the moment or the day that is meant."""
    has_time = column.kind == "datetime"
    moment = _read(value, column.date_format, has_time=has_time)
    if moment is None or has_time:
        return moment or value
    # A moment within a day is no day: nothing of it is dropped without a word.
    return moment.date() if moment.timetz() == dt.time(tzinfo=moment.tzinfo) else value


def _read(value: str | dt.date, usual: str | None, *, has_time: bool) -> dt.datetime | None:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
    text = value.strip()
    return dates.read(text, usual, time=has_time) or _other_iso(text)


def _other_iso(text: str) -> dt.datetime | None:
    """Read what ISO 8601 allows, but files do not use: 20260131, weeks."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or dt.UTC)
