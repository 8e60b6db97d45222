"""Days as people write them, in what callers send: taken where they can mean but one."""

import datetime as dt
import json
from typing import Any

import msgspec
import pytest

from functions.kit.contract import dates
from functions.kit.contract.columns import Column, decode_records, record_type
from functions.kit.contract.errors import Invalid

COLUMNS = [
    Column("day", "date"),
    Column("us", "date", date_format="%m/%d/%Y"),
    Column("at", "datetime", date_format="%d.%m.%Y %H:%M"),
    Column("n", "integer"),
]
RECORD = record_type(COLUMNS)
BODY = msgspec.defstruct("Body", [("records", list[RECORD])])  # type: ignore[valid-type] # made here
DECODER = msgspec.json.Decoder(BODY)
JAN_2 = dt.date(2026, 1, 2)


def decoded(**values: Any) -> tuple[Any, ...]:
    body = json.dumps({"records": [{"n": 2**53 + 1} | values]}).encode()
    [record] = decode_records(body, DECODER).records
    return msgspec.structs.astuple(record)[:3]


@pytest.mark.parametrize("written", ["2026-01-02", "01/02/2026", "1/2/2026", "Jan 2, 2026"])
def test_the_format_of_the_column_and_iso_are_taken(written: str) -> None:
    assert decoded(us=written) == (None, JAN_2, None)


@pytest.mark.parametrize("written", ["2026-01-02", "2026/01/02", "2 Jan 2026"])
def test_without_a_format_what_can_mean_but_one_day_is_taken(written: str) -> None:
    assert decoded(day=written) == (JAN_2, None, None)


def test_moments_too_and_other_values_stay_exact() -> None:
    noon = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)
    assert decoded(at="02.01.2026 12:00") == (None, None, noon)
    body = b'{"records": [{"us": "01/02/2026", "n": 9007199254740993}]}'
    assert decode_records(body, DECODER).records[0].c3 == 2**53 + 1


@pytest.mark.parametrize(
    ("written", "place"),
    [("01/02/2026", "day"), ("2026-01-02T10:00:00Z", "day"), ("soon", "us"), ("13/32/2026", "us")],
)
def test_what_may_mean_two_days_or_none_is_refused(written: str, place: str) -> None:
    with pytest.raises(Invalid) as caught:
        decoded(**{place: written})
    assert [(flaw.row, flaw.column) for flaw in caught.value.flaws] == [(1, place)]


def test_a_right_day_does_not_hide_another_flaw() -> None:
    with pytest.raises(Invalid) as caught:
        decoded(us="01/02/2026", n="x")
    assert [flaw.column for flaw in caught.value.flaws] == ["n"]


@pytest.mark.parametrize("text", ["%Q", "%d/%d/%Y", "%d/%m", "%H:%M", "%"])
def test_a_format_that_there_cannot_be_is_named(text: str) -> None:
    with pytest.raises(dates.BadFormat, match="is no date format"):
        dates.reader(text)


@pytest.mark.parametrize("form", [*dates.DATES, *dates.MOMENTS])
def test_every_format_reads_what_it_writes(form: str) -> None:
    at = dt.datetime(2031, 12, 25, 13, 45, 7, 120_000, tzinfo=dt.UTC)
    read = dates.reader(form)(at.strftime(form))
    assert read is not None
    assert at.strftime(form) == read.strftime(form)
    assert dates.reader(form)("x" + at.strftime(form)) is None
