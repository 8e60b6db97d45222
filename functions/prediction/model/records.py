"""From what a caller sends to records that a model's signature has checked."""

from collections.abc import Sequence
from typing import Any

import msgspec

from functions.kit.contract.columns import Column, Suggested, decode_records, record_type
from functions.kit.contract.decoding import UNREADABLE, flaw
from functions.kit.contract.errors import DomainError, Flaw, Invalid, refused
from functions.prediction.model import moments

MOST_RECORDS = 1000
EXAMPLES = 100
"""Known words of a column that a schema tells, at most."""
FLOAT32_MAX = 3.4028234663852886e38

Records = Sequence[Any]


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    records: list[dict[str, Any]]


class Reader:
    """Checks records against the columns of a signature, in C.

    A record is a `columns.record_type`: its fields are `c0`, `c1` … Any value may be missing, as
    null: that no row lacked one when the model learnt does not mean that none ever will. A column
    that is left out altogether is refused where no row lacked a value: it may be a misspelling.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        record = record_type([_within_float32(column) for column in columns], gaps=True)
        self._columns = columns
        self._many: Any = list[record]  # type: ignore[valid-type]
        self._one = record
        body = msgspec.defstruct("Body", [("records", self._many)], forbid_unknown_fields=True)
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(body)
        self._moments = moments.fields(columns)

    def read(self, body: bytes) -> Records:
        """Return the records in `{"records": [...]}`.

        Raises:
            Unreadable: when it is not JSON.
            Invalid: that names each bad row and column.
        """
        try:
            records: Records = decode_records(body, self._decoder).records
        except Invalid:
            # JSON's own form of a moment is read in C; other forms here.
            again = self._read_moments(body)
            if again is None:
                raise
            records = again
        if not 1 <= len(records) <= MOST_RECORDS:
            raise wrong_count(len(records))
        return records

    def convert(self, rows: Sequence[dict[str, Any]]) -> Records:
        """Return rows of plain values, by column, as records; raises Invalid."""
        found = self._converted(rows)
        if found is None and self._moments:
            found = self._converted(moments.with_moments(rows, self._moments))
        if found is None:
            raise refused("Some records were refused", *self._explain(rows))
        return found

    def _converted(self, rows: Sequence[Any]) -> Records | None:
        """Return the records; None if some do not fit."""
        try:
            records: Records = msgspec.convert(rows, self._many)
        except msgspec.ValidationError:
            return None
        return records

    def _read_moments(self, body: bytes) -> Records | None:
        if not self._moments:
            return None
        try:
            given = msgspec.json.decode(body, type=_Body)
        except UNREADABLE:
            return None
        return self._converted(moments.with_moments(given.records, self._moments))

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of one record; its fields are in the columns' order.

        What the values were that the model learnt from is told, and binds nobody.
        """
        _, components = msgspec.json.schema_components([self._one])
        schema: dict[str, Any] = components["Record"]
        for column in self._columns:
            if column.suggested is not None:
                schema["properties"][column.name] |= _known(column.suggested)
        return schema

    def _explain(self, rows: Sequence[dict[str, Any]]) -> list[Flaw]:
        flaws = []
        for place, row in enumerate(rows, 1):
            try:
                msgspec.convert(row, self._one)
            except msgspec.ValidationError as error:
                flaws.append(flaw(error, place))
        return flaws[:20]


def wrong_count(count: int) -> DomainError:
    """Return the error for no records or too many."""
    text = f"{count:,} records" if count else "No records"
    reason = f"Expected 1 to {MOST_RECORDS:,} records in one call"
    return Invalid(f"{text}: one call takes 1 to {MOST_RECORDS:,}.", Flaw(reason))


def float32_bounds(column: Column) -> tuple[float, float]:
    """Return what a number may be that the model's float32 can hold, or it would turn infinite."""
    low, high = column.minimum, column.maximum
    return (
        -FLOAT32_MAX if low is None else max(low, -FLOAT32_MAX),
        FLOAT32_MAX if high is None else min(high, FLOAT32_MAX),
    )


def _known(suggested: Suggested) -> dict[str, Any]:
    """Return what JSON Schema says of the values that a column had."""
    known: dict[str, Any] = {}
    if suggested.levels:
        known["examples"] = suggested.levels[:EXAMPLES]
    if suggested.minimum is not None and suggested.maximum is not None:
        low, high = (f"{bound:.15g}" for bound in (suggested.minimum, suggested.maximum))
        known["description"] = f"It learnt from values of {low} to {high}."
    return known


def _within_float32(column: Column) -> Column:
    if column.kind != "number":
        return column
    low, high = float32_bounds(column)
    return msgspec.structs.replace(column, minimum=low, maximum=high)
