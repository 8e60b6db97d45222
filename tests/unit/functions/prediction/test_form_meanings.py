"""A value means the same in CSV, Arrow and messages as in a record, alone and among many."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from functions.prediction.model.options import USUAL
from functions.prediction.model.reading import Reading
from functions.prediction.model.values.columns import LEAST_ROWS
from functions.prediction.transport.records.formats import arrow, csv, protobuf
from tests.support.models.onnx import Exported, describe
from tests.support.rows.forms import arrow_stream
from tests.support.rows.meanings import DAY, INFINITY, NAN, NOON, Refused
from tests.unit.functions.prediction.test_meanings import HOUSES, check

COUNTS = [1, LEAST_ROWS + 4]
MIDNIGHT = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
CELLS = [
    *(("number", cell, 3.0) for cell in ("3", "3.0", "30e-1", " 3 ", "+3")),
    *(("number", cell, None) for cell in ("", " ", "NaN", "nan")),
    *(("number", cell, Refused) for cell in ("true", "x", "inf", "1_0", "1e39", "0x3", "1,5")),
    *(("integer", cell, 3) for cell in ("3", "3.0", "30e-1", " 3 ")),
    *(("integer", cell, None) for cell in ("", "NaN")),
    *(("integer", cell, Refused) for cell in ("3.5", "true", "9223372036854775808", "1e30")),
    *(("boolean", cell, True) for cell in ("true", "TRUE", "yes", "1")),
    *(("boolean", cell, False) for cell in ("false", "No", "0")),
    *(("boolean", cell, Refused) for cell in ("2", "x")),
    *((kind, "", None) for kind in ("boolean", "category", "text", "date", "datetime")),
    *(("category", cell, "a") for cell in ("a",)),
    *(("category", cell, Refused) for cell in ("A", " a")),
    *(("text", cell, cell) for cell in ("é b", " x ", "NaN", "1", "true", "null")),
    *(("datetime", cell, NOON) for cell in ("2026-01-31T12:00:00Z", "31.01.2026 12:00")),
    *(("datetime", cell, Refused) for cell in ("soon", "01/02/2026 10:00")),
    *(("date", cell, DAY) for cell in ("2026-01-31", "31.01.2026", " 2026-01-31 ")),
    *(("date", cell, Refused) for cell in ("soon", "01/02/2026")),
]
FLOATS = (pa.float16(), pa.float32(), pa.float64())
WHOLE = (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint32(), pa.uint64())
TEXTS = (pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string()))
ARRAYS = [
    *(("number", 3, kind, 3.0) for kind in (*FLOATS, *WHOLE, pa.decimal128(25, 2))),
    *(("number", NAN, kind, None) for kind in FLOATS),
    *(("number", INFINITY, kind, Refused) for kind in FLOATS),
    *(("number", True, pa.bool_(), Refused) for _ in "1"),
    *(("number", "3", kind, Refused) for kind in TEXTS),
    *(("integer", 3, kind, 3) for kind in (*FLOATS, *WHOLE)),
    *(("integer", NAN, kind, None) for kind in FLOATS),
    *(("integer", 3.5, kind, Refused) for kind in FLOATS),
    ("integer", 2**63, pa.uint64(), Refused),
    ("integer", True, pa.bool_(), Refused),
    *(("boolean", 1, kind, True) for kind in (*FLOATS, *WHOLE, pa.bool_())),
    *(("boolean", 2, kind, Refused) for kind in (*FLOATS, *WHOLE)),
    *(("category", "a", kind, "a") for kind in TEXTS),
    *(("category", "A", kind, Refused) for kind in TEXTS),
    *(("text", "é b", kind, "é b") for kind in TEXTS),
    *((kind, "", text, None) for kind in ("category", "text") for text in TEXTS),
    *(("text", 1, kind, Refused) for kind in (*FLOATS, *WHOLE)),
    *(("datetime", NOON, pa.timestamp(unit, "UTC"), NOON) for unit in ("s", "ms", "us", "ns")),
    *(("datetime", NOON, pa.timestamp(unit), NOON) for unit in ("s", "ms", "us", "ns")),
    *(("datetime", DAY, kind, MIDNIGHT) for kind in (pa.date32(), pa.date64())),
    *(("datetime", "2026-01-31T13:00:00+01:00", kind, NOON) for kind in TEXTS),
    *(("datetime", 3, kind, Refused) for kind in (*FLOATS, *WHOLE)),
    *(("date", DAY, kind, DAY) for kind in (pa.date32(), pa.date64())),
    ("date", MIDNIGHT, pa.timestamp("us", "UTC"), DAY),
    ("date", NOON, pa.timestamp("us", "UTC"), Refused),
    *(("date", "31.01.2026", kind, DAY) for kind in TEXTS),
    *(
        (kind, None, type_, None)
        for kind, types in {
            "number": (*FLOATS, *WHOLE, pa.null()),
            "integer": (*FLOATS, *WHOLE, pa.null()),
            "boolean": (pa.bool_(), pa.int8(), pa.null()),
            "category": (*TEXTS, pa.null()),
            "text": (*TEXTS, pa.null()),
            "date": (pa.date32(), pa.timestamp("us"), pa.null()),
            "datetime": (pa.timestamp("us", "UTC"), pa.date32(), pa.null()),
        }.items()
        for type_ in types
    ),
]
FIELDS = [
    *(("number", value, 3.0) for value in (3, 3.0)),
    ("number", 0.0, 0.0),
    ("number", NAN, None),
    ("number", INFINITY, Refused),
    ("integer", 3, 3),
    ("integer", 0, 0),
    ("boolean", True, True),
    ("boolean", False, False),
    ("category", "a", "a"),
    ("category", "A", Refused),
    ("category", "", None),
    ("text", "é b", "é b"),
    ("text", "", None),
    ("datetime", NOON, NOON),
    ("date", "2026-01-31", DAY),
    ("date", "soon", Refused),
    *((kind, None, None) for kind in HOUSES),
]


class Model:
    """What forms ask of a predictor, put together of its parts: no file is needed for that."""

    def __init__(self, kind: Any) -> None:
        house = HOUSES[kind]
        self.version = describe(Exported(b"", house.signature))
        self.reader, self.tables = house.reader, house.tables
        self.reading = Reading(house.signature.columns, self.reader, self.tables)


MODELS: dict[Any, Any] = {kind: Model(kind) for kind in HOUSES}


def hold(form: Any, body: bytes, kind: Any, means: Any, count: int) -> None:
    check(HOUSES[kind], lambda: form.read(body, MODELS[kind], USUAL).rows, means, count)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(("kind", "cell", "means"), CELLS)
def test_in_csv(kind: Any, cell: str, means: Any, count: int) -> None:
    hold(csv, ("x\n" + f'"{cell}"\n' * count).encode(), kind, means, count)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(("kind", "value", "type_", "means"), ARRAYS)
def test_in_arrow(kind: Any, value: Any, type_: pa.DataType, means: Any, count: int) -> None:
    values = [value] * count
    array = pa.array(values, type_ if value == 2**63 else None)
    if value is not None or not pa.types.is_null(type_):
        array = array.cast(type_)
    hold(arrow, arrow_stream(pa.table({"x": array})), kind, means, count)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(("kind", "value", "means"), FIELDS)
def test_in_messages(kind: Any, value: Any, means: Any, count: int) -> None:
    record = protobuf.schema(MODELS[kind]).record()
    if kind == "datetime" and value is not None:
        record.x.FromDatetime(value)
    elif value is not None:
        record.x = value
    part = record.SerializeToString()
    hold(protobuf, (b"\x0a" + bytes([len(part)]) + part) * count, kind, means, count)
