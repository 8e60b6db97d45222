"""Protocol Buffers: `PredictRequest` in, `PredictResponse` out, of each model's own schema."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import islice
from math import isnan
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from google.protobuf import unknown_fields
from google.protobuf.message import DecodeError
from msgspec import UNSET

from functions.kit.contract.errors import Flaw, Unreadable, refused
from functions.kit.contract.records.columns import Column
from functions.kit.contract.requests.decoding import MOST_FLAWS
from functions.prediction.model.options import Options
from functions.prediction.model.questions import Question
from functions.prediction.model.records import MOST_RECORDS
from functions.prediction.model.responses import ignored
from functions.prediction.model.values.columns import rows_of
from functions.prediction.service.ports import Predictor
from functions.prediction.transport.records.formats.beside import has, warned
from functions.prediction.transport.records.formats.columns import check_count
from functions.prediction.transport.records.formats.forms import Answered
from functions.prediction.transport.records.formats.proto.schema import Schema, schema_of

MOST_UNKNOWN = 10_000
"""Fields that the schema does not know of which a call is told, at most."""
_RECORDS_TAG = 0x0A  # field 1, of known length
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_schemas: WeakKeyDictionary[Predictor, Schema] = WeakKeyDictionary()


def schema(predictor: Predictor) -> Schema:
    """Return the schema of a version, which is made once."""
    found = _schemas.get(predictor)
    if found is None:
        found = _schemas[predictor] = schema_of(predictor.version)
    return found


def read(body: bytes, predictor: Predictor, options: Options) -> Question:
    """Return what a body asks; raises Unreadable, Invalid."""
    known = schema(predictor)
    parts = [part for part, _ in zip(_parts(body), range(MOST_RECORDS + 1), strict=False)]
    check_count(len(parts))
    records = [_record(part, row, known) for row, part in enumerate(parts, 1)]
    unknown = [*islice(_unknown(records), MOST_UNKNOWN)]
    if unknown and options.unknown == "refuse":
        raise refused("Some records were refused", *unknown[:MOST_FLAWS])
    cells = {column.name: _values(column, field, records) for column, field in known.columns}
    passed_over = sorted({flaw.column or "" for flaw in unknown})
    return Question(
        rows_of(cells, len(records), predictor.reading),
        options,
        ignored(passed_over) if passed_over else (),
    )


def _values(column: Column, field: str, records: Sequence[Any]) -> list[Any]:
    """Return the values of a field, None where one is left out."""
    found = [getattr(one, field) if one.HasField(field) else None for one in records]
    if column.kind == "datetime":
        return [None if value is None else _moment(value) for value in found]
    if column.kind == "number":
        return [None if value is None or isnan(value) else value for value in found]
    return found


def _parts(body: bytes) -> Iterator[bytes]:
    """Yield the bytes of each record; a record may be two bytes, so all at once could be many."""
    at = 0
    while at < len(body):
        tag, at = _varint(body, at)
        if tag != _RECORDS_TAG:
            raise Unreadable("The body is no PredictRequest: it has a field other than 'records'.")
        size, at = _varint(body, at)
        if at + size > len(body):
            raise Unreadable("The body is no PredictRequest: it ends within a record.")
        yield body[at : at + size]
        at += size


def _varint(body: bytes, at: int) -> tuple[int, int]:
    """Return the number at a place, and the place after it."""
    found = 0
    for shift, byte in enumerate(body[at : at + 5]):
        found |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return found, at + shift + 1
    raise Unreadable("The body is no PredictRequest: it ends within a number.")


def _record(part: bytes, row: int, known: Schema) -> Any:
    try:
        return known.record.FromString(part)
    except DecodeError as error:
        text = f"Row {row:,} is no Record of the model's schema: {error}."
        raise Unreadable(text, Flaw("no Record", row=row)) from error


def _unknown(records: Sequence[Any]) -> Iterator[Flaw]:
    """Yield what records have that the schema does not, each with its number for its name."""
    reason = "The schema has no field of this number, or one of another type"
    for row, record in enumerate(records, 1):
        for field in unknown_fields.UnknownFieldSet(record):
            yield Flaw(reason, row=row, column=f"field {field.field_number}")


def _moment(value: Any) -> Any:
    """Return a Timestamp as a moment; one that is none stays a text, to be refused."""
    try:
        return _EPOCH + dt.timedelta(seconds=value.seconds, microseconds=value.nanos // 1000)
    except OverflowError:
        return f"{value.seconds} seconds since 1970"


def write(answered: Answered) -> bytes:
    """Return an answer's bytes."""
    answer, known = answered.response(), schema(answered.predictor)
    found = known.response(id=answer.id, model=answer.model, version=answer.version, why=answer.why)
    if answer.level is not UNSET:
        found.level = answer.level
    for notice in answer.notices:
        found.notices.add(kind=notice.kind, fields=notice.fields, count=notice.count)
    shares = answered.output.tolist()
    for one, share in zip(answer.predictions, shares, strict=True):
        found.predictions.add(**_main(one, share, known.labels), **_beside(one))
    body: bytes = found.SerializeToString()
    return body


def _main(one: Any, shares: Sequence[float], labels: Sequence[str]) -> dict[str, Any]:
    if not labels:
        return {"value": one.value}
    probabilities = dict(zip(labels, shares, strict=True))
    return {"label": one.label, "probability": one.probability, "probabilities": probabilities}


def _beside(one: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if has((one,), "set"):
        found["set"] = {"labels": one.set}
    if has((one,), "interval"):
        found["interval"] = {"low": one.interval.low, "high": one.interval.high}
    if one.warnings:
        found["warnings"] = [*map(warned, one.warnings)]
    if has((one,), "explanation"):
        found["explanation"] = msgspec.to_builtins(one.explanation)
    return found
