"""From what a caller sends to records that a model's signature has checked."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType

from functions.kit.contract.errors import DomainError, Flaw, Invalid, Unreadable, refused
from functions.kit.contract.records.columns import Column, are_plain, record_type
from functions.kit.contract.requests.decoding import UNREADABLE, Flaws, flaw, loaded
from functions.kit.lazy import Lazy
from functions.prediction.model.options import USUAL, Options, read_options
from functions.prediction.model.record_schema import record_schema

MOST_RECORDS = 1000
FLOAT32_MAX = 3.4028234663852886e38

if TYPE_CHECKING:
    from functions.kit.contract.records import one_by_one
else:  # needed for what is odd alone
    one_by_one = Lazy("functions.kit.contract.records.one_by_one")

Records = Sequence[Any]
Fault = Callable[[float | None], str | None]
"""A level of certainty → why it cannot be asked for, or None."""


class Whole(msgspec.Struct, frozen=True):
    """What a JSON body holds.

    Attributes:
        records: its records.
        options: its options, or those of the query.
        unknown: names of fields that were passed over.
    """

    records: Records
    options: Options
    unknown: Sequence[str] = ()


class _Loose(msgspec.Struct, forbid_unknown_fields=True):
    """A body whose parts are read one by one."""

    records: list[Any]
    options: Any = UNSET


class _Raws(_Loose):
    records: list[msgspec.Raw]


class _Plain(_Loose):
    records: list[dict[str, Any]]


_raws = msgspec.json.Decoder(_Raws)
_plain = msgspec.json.Decoder(_Plain)


class Reader:
    """Checks records against the columns of a signature, in C.

    A record is a `columns.record_type`: its fields are `c0`, `c1` … Any value may be missing, as
    null: that no row lacked one when the model learnt does not mean that none ever will. A column
    that is left out altogether is refused where no row lacked a value: it may be a misspelling.
    What C does not take is read `one_by_one`.

    Args:
        columns: the signature's.
        fault: why a level of certainty cannot be asked for, or None (`Certain.fault`).
    """

    def __init__(self, columns: Sequence[Column], fault: Fault = lambda _: None) -> None:
        bounded = [_within_float32(column) for column in columns]
        record = record_type(bounded, gaps=True)
        self._columns = columns
        self._many: Any = list[record]  # type: ignore[valid-type]
        self._one = record
        self._is_plain = are_plain(columns)
        self._bounded = bounded
        self._fault = fault
        fields: Any = [("records", self._many), ("options", Options | UnsetType, UNSET)]
        body = msgspec.defstruct("Body", fields, forbid_unknown_fields=True)
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(body)

    def read(self, body: bytes) -> Records:
        """Return the records of a body; raises as `read_whole`."""
        return self.read_whole(body, None).records

    def read_whole(self, body: bytes, query: Options | None) -> Whole:
        """Return what `{"records": [...], "options": {...}}` holds.

        Args:
            body: JSON; its options may be left out.
            query: the options of the query, if it has any.

        Raises:
            Unreadable: when it is not JSON.
            Invalid: that names each bad row, column and option.
        """
        if not self._is_plain:
            return self._slowly(body, query)
        try:
            found = self._decoder.decode(body)
        except (msgspec.ValidationError, *UNREADABLE):
            return self._slowly(body, query)
        records: Records = found.records
        if found.options is UNSET and query is None and 0 < len(records) <= MOST_RECORDS:
            return Whole(records, USUAL)
        flaws = Flaws()
        options = self._options(found.options, query, flaws)
        _check_count(records, flaws)
        _refuse(flaws)
        return Whole(records, options)

    def _slowly(self, body: bytes, query: Options | None) -> Whole:
        """Do as `read_whole`, value by value."""
        found, flaws = _parts(body), Flaws()
        options = self._options(found.options, query, flaws)
        _check_count(found.records, flaws)
        if not flaws.count and (quick := self._at_once(body)) is not None:
            return Whole(quick, options)
        ignore = options.unknown == "ignore"
        read = self._one_by_one.rows(found.records, flaws, ignore=ignore)
        _refuse(flaws)
        return Whole(read.records, options, read.unknown)

    def _at_once(self, body: bytes) -> Records | None:
        """Return the records of a body that has no flaw, some of whose values C does not take."""
        try:
            return self._one_by_one.at_once(_plain.decode(body).records)
        except UNREADABLE:
            return None

    @cached_property
    def _one_by_one(self) -> "one_by_one.OneByOne":
        return one_by_one.OneByOne(self._bounded, self._one, gaps=True)

    def _options(self, given: Any, query: Options | None, flaws: Flaws) -> Options:
        """Return the options of a body, or those of the query; `flaws` takes what is wrong."""
        if given is not UNSET and query is not None:
            flaws.add(Flaw("the query has some, too; say all in one of the two", column="options"))
        options = query or USUAL
        if given is not UNSET:
            options = given if isinstance(given, Options) else read_options(given, flaws)
        fault = self._fault(options.certainty)
        if fault is not None:
            flaws.add(Flaw(fault, column="options.certainty"))
        return options

    def check(self, options: Options) -> None:
        """Raise Invalid where the options of a query cannot be met."""
        flaws = Flaws()
        self._options(UNSET, options, flaws)
        _refuse(flaws)

    def convert(self, rows: Sequence[dict[str, Any]]) -> Records:
        """Return rows of plain values, by column, as records; raises Invalid."""
        if self._is_plain:
            try:
                records: Records = msgspec.convert(rows, self._many)
            except msgspec.ValidationError:
                pass  # one by one, each flaw is found and named
            else:
                return records
        flaws = Flaws()
        found = self._one_by_one.rows(rows, flaws)
        _refuse(flaws)
        return found.records

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of one record; its fields are in the columns' order.

        What the values were that the model learnt from is told, and binds nobody.
        """
        return record_schema(self._columns, self._one)


def _parts(body: bytes) -> _Loose:
    """Return a body's records and options; raises Unreadable, Invalid."""
    try:
        return _raws.decode(body)
    except msgspec.ValidationError as error:
        raise refused("The body was refused", flaw(error), noun="field") from error
    except UNREADABLE as error:
        found = loaded(body)  # as some programs write it, with NaN
        if found is None:
            raise Unreadable(f"The body is not JSON: {error}.") from error
    try:
        return msgspec.convert(found, _Loose)
    except msgspec.ValidationError as error:
        raise refused("The body was refused", flaw(error), noun="field") from error


def _refuse(flaws: Flaws) -> None:
    """Raise Invalid, if there is any flaw."""
    if not flaws.count:
        return
    what = "Some records were refused" if flaws.shown[0].row else "The body was refused"
    noun = "column" if flaws.shown[0].row else "field"
    raise refused(what, *flaws.shown, noun=noun, untold=flaws.count - len(flaws.shown))


def _check_count(records: Records, flaws: Flaws) -> None:
    if not 1 <= len(records) <= MOST_RECORDS:
        raise wrong_count(len(records), *flaws.shown)


def wrong_count(count: int, *others: Flaw) -> DomainError:
    """Return the error for no records or too many; `others` is what else is wrong."""
    text = f"{count:,} records" if count else "No records"
    reason = f"Expected 1 to {MOST_RECORDS:,} records in one call"
    return Invalid(f"{text}: one call takes 1 to {MOST_RECORDS:,}.", Flaw(reason), *others)


def float32_bounds(column: Column) -> tuple[float, float]:
    """Return what a number may be that the model's float32 can hold, or it would turn infinite."""
    low, high = column.minimum, column.maximum
    return (
        -FLOAT32_MAX if low is None else max(low, -FLOAT32_MAX),
        FLOAT32_MAX if high is None else min(high, FLOAT32_MAX),
    )


def _within_float32(column: Column) -> Column:
    if column.kind != "number":
        return column
    low, high = float32_bounds(column)
    return msgspec.structs.replace(column, minimum=low, maximum=high)
