"""What values mean, whatever form they come in: a table for the tests of every form.

A form that is added has a field of its own in `Meaning`, and a test that goes through the table.
"""

import datetime as dt
from typing import Any, NamedTuple

from functions.kit.contract.models.signature import Encoding, Feature, Signature
from functions.kit.contract.records.columns import Column, Kind

NAN, INFINITY = float("nan"), float("inf")
NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
DAY = dt.date(2026, 1, 31)


class Refused:
    """What a value means that can mean nothing, or several things."""


class Meaning(NamedTuple):
    """A value of a column, and how it may be written.

    Attributes:
        kind: of the column.
        means: the value, None for a missing one, or Refused.
        json: as JSON's text.
        tensors: as a datatype with a value, in bytes and in JSON alike; but that NaN is null there.
    """

    kind: Kind
    means: Any
    json: tuple[str, ...] = ()
    tensors: tuple[tuple[str, Any], ...] = ()


def _floats(value: float) -> tuple[tuple[str, Any], ...]:
    return tuple((datatype, value) for datatype in ("FP16", "FP32", "FP64"))


def _whole(value: int) -> tuple[tuple[str, Any], ...]:
    return tuple((datatype, value) for datatype in ("INT8", "INT64", "UINT8", "UINT64"))


def _texts(*texts: str) -> dict[str, Any]:
    """Return texts as JSON has them, and as tensors do."""
    return {
        "json": tuple(f'"{text}"' for text in texts),
        "tensors": tuple(("BYTES", text) for text in texts),
    }


MEANINGS = [
    Meaning("number", 3.0, ("3", "3.0", "30e-1"), (*_floats(3.0), *_whole(3))),
    Meaning("number", -0.5, ("-0.5", "-5e-1"), _floats(-0.5)),
    Meaning("number", None, ("null",), _floats(NAN)),
    Meaning("number", Refused, ("true", '"3"', '""', "NaN", "-Infinity", "1e400", "1e39", "[3]")),
    Meaning("number", Refused, (), (("BOOL", True), ("BYTES", "3"), ("FP64", 1e39))),
    Meaning("number", Refused, (), (("FP32", INFINITY), ("FP64", -INFINITY))),
    Meaning("integer", 3, ("3", "3.0", "30e-1"), (*_floats(3.0), *_whole(3))),
    Meaning("integer", 0, ("0", "-0.0"), (*_floats(-0.0), *_whole(0))),
    Meaning("integer", None, ("null",), _floats(NAN)),
    Meaning("integer", Refused, ("3.5", "true", '"3"', "1e30", "9223372036854775808", "NaN")),
    Meaning("integer", Refused, (), (*_floats(3.5), ("BOOL", True), ("UINT64", 2**63))),
    Meaning("boolean", True, ("true", "1", "1.0"), (("BOOL", True), *_floats(1.0), *_whole(1))),
    Meaning("boolean", False, ("false", "0", "-0.0"), (("BOOL", False), *_floats(0), *_whole(0))),
    Meaning("boolean", None, ("null",), _floats(NAN)),
    Meaning("boolean", Refused, ("2", "0.5", '"true"', '"yes"', "NaN"), (*_floats(0.5),)),
    Meaning("boolean", Refused, (), (*_whole(2), ("BYTES", "true"))),
    Meaning("category", "a", **_texts("a")),
    Meaning("category", None, ("null", '""'), (("BYTES", ""),)),
    Meaning("category", Refused, ("1", "true", '"A"', '" a"', "NaN"), (*_whole(1), ("BYTES", "A"))),
    Meaning("text", "é b", **_texts("é b")),
    Meaning("text", None, ("null", '""'), (("BYTES", ""),)),
    Meaning("text", Refused, ("1", "true", "{}", "NaN"), (*_whole(1), ("BOOL", True))),
    Meaning(
        "datetime",
        NOON,
        **_texts(
            *("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z", "2026-01-31T13:00:00+01:00"),
            *("2026-01-31T12:00:00", "2026-01-31 12:00", " 2026-01-31T12:00:00Z "),
            *("31.01.2026 12:00", "31 Jan 2026 12:00", "20260131T120000Z"),
        ),
    ),
    Meaning("datetime", dt.datetime(2026, 1, 31, tzinfo=dt.UTC), **_texts("2026-01-31")),
    Meaning("datetime", None, ("null", '""'), (("BYTES", ""),)),
    Meaning("datetime", Refused, **_texts("soon", "2026-02-30", "01/02/2026 10:00")),
    Meaning("datetime", Refused, ("1769860800", "true", "NaN"), (*_floats(3.0), *_whole(3))),
    Meaning(
        "date",
        DAY,
        **_texts(
            *("2026-01-31", "2026/01/31", "31.01.2026", "Jan 31, 2026", "20260131"),
            *("2026-01-31T00:00:00Z", " 2026-01-31 "),
        ),
    ),
    Meaning("date", None, ("null", '""'), (("BYTES", ""),)),
    Meaning("date", Refused, **_texts("soon", "2026-02-30", "01/02/2026", "2026-01-31T12:00:00Z")),
    Meaning("date", Refused, ("20260131", "false", "NaN"), (*_floats(3.0), *_whole(3))),
]


def signature(kind: Kind) -> Signature:
    """Return what a model takes whose one column `x` is of a kind."""
    encoding: Encoding = "string" if kind in {"category", "text"} else "double"
    column = Column(
        "x",
        kind,
        levels=["a", "b"] if kind == "category" else None,
        date_format="%d.%m.%Y %H:%M" if kind == "datetime" else None,
    )
    return Signature("regression", "y", [column], [Feature("x", "x0", encoding)])


def forms(field: str) -> list[tuple[Kind, Any, Any]]:
    """Return each way of writing of one form: the kind, what is written, what it means."""
    return [
        (meaning.kind, written, meaning.means)
        for meaning in MEANINGS
        for written in getattr(meaning, field)
    ]
