"""Records value by value: every flaw is told, and what can mean but one thing is taken."""

import datetime as dt
import json
from typing import Any

import msgspec
import pytest

from functions.kit.contract.records import dates
from functions.kit.contract.records.columns import Column, record_type
from functions.kit.contract.records.one_by_one import OneByOne
from functions.kit.contract.requests.decoding import MOST_FLAWS, Flaws, loaded

COLUMNS = [
    Column("age", "number", minimum=0, maximum=120),
    Column("chest pain", "category", required=True, levels=["typical", "none"]),
    Column("siblings", "integer"),
    Column("alive", "boolean"),
    Column("seen", "datetime"),
    Column("born", "date"),
    Column("us", "date", date_format="%m/%d/%Y"),
    Column("at", "datetime", date_format="%d.%m.%Y %H:%M"),
    Column("name", "text"),
]
GOOD = {"chest pain": "none"}
JAN_2 = dt.date(2026, 1, 2)
READS = OneByOne(COLUMNS, record_type(COLUMNS))


def raw(row: Any) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(row).encode())


def flaws(*rows: Any) -> list[tuple[int | None, str | None, str]]:
    """Return the flaws of rows, which are the same in JSON and as plain values."""
    both = []
    for given in ([raw(row) for row in rows], rows):
        found = Flaws()
        READS.rows(given, found)
        assert found.count == len(found.shown)
        both.append([(one.row, one.column, one.reason) for one in found.shown])
    assert both[0] == both[1]
    return both[0]


def value(name: str, given: Any) -> Any:
    """Return what a value becomes, the same in JSON and as a plain one."""
    row, both = {**GOOD, name: given}, []
    for one in (raw(row), row):
        found = Flaws()
        [record] = READS.rows([one], found).records
        assert not found.count
        both.append(getattr(record, f"c{[column.name for column in COLUMNS].index(name)}"))
    assert both[0] == both[1]
    assert type(both[0]) is type(both[1])
    return both[0]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({}, "chest pain", "Object missing required field `chest pain`"),
        ({"chest pain": None}, "chest pain", "Expected `str`, got `null`"),
        ({"chest pain": "odd"}, "chest pain", "Invalid enum value 'odd'; there are none, typical"),
        ({**GOOD, "age": 200}, "age", "Expected `float` <= 120.0"),
        ({**GOOD, "age": "x"}, "age", "Expected `float | null`, got `str`"),
        ({**GOOD, "age": True}, "age", "Expected `float | null`, got `bool`"),
        ({**GOOD, "siblings": 1.5}, "siblings", "Expected `int | null`, got `float`"),
        ({**GOOD, "siblings": 2.0**63}, "siblings", "Expected `int | null`, got `float`"),
        ({**GOOD, "siblings": True}, "siblings", "Expected `int | null`, got `bool`"),
        ({**GOOD, "alive": 2}, "alive", "Expected `bool | null`, got `int`"),
        ({**GOOD, "alive": "true"}, "alive", "Expected `bool | null`, got `str`"),
        ({**GOOD, "name": 1}, "name", "Expected `str | null`, got `int`"),
        ({**GOOD, "x": 1}, "x", "Object contains unknown field `x`"),
        ({**GOOD, "sibling": 1}, "sibling", "(did you mean `siblings`?)"),
        ({**GOOD, "seen": "today"}, "seen", "a moment that can mean but one"),
        ({**GOOD, "born": "01/02/2026"}, "born", "a day that can mean but one"),
        ({**GOOD, "born": "2026-01-02T10:00:00Z"}, "born", "a day that can mean but one"),
        ({**GOOD, "us": "13/32/2026"}, "us", "a day that can mean but one"),
        (3, None, "Expected `object`, got `int`"),
    ],
)
def test_a_flaw_names_row_column_and_reason(row: Any, column: str | None, reason: str) -> None:
    [(place, name, told)] = flaws(GOOD, row)
    assert (place, name) == (2, column)
    assert reason in told


def test_every_flaw_of_every_row_is_told() -> None:
    bad = {"age": -1, "siblings": "x", "colour": 1}
    names = ["age", "siblings", "chest pain", "colour"]
    assert [(row, column) for row, column, _ in flaws(bad, GOOD, {}, bad)] == [
        *((1, name) for name in names),
        (3, "chest pain"),
        *((4, name) for name in names),
    ]


def test_what_is_beyond_the_first_is_counted() -> None:
    found = Flaws()
    read = READS.rows([raw({"age": -1, "x": 1})] * 50 + [raw(GOOD)], found)
    assert (len(found.shown), found.count, len(read.records)) == (MOST_FLAWS, 150, 1)


def test_unknown_fields_are_told_where_they_are_passed_over() -> None:
    found = Flaws()
    rows = [{**GOOD, "b": 1, "a": 2}, {**GOOD, "a": float("nan"), "c": "x"}]
    read = READS.rows(rows, found, ignore=True)
    assert read.unknown == ["b", "a", "c"]
    assert (len(read.records), found.count) == (2, 0)


@pytest.mark.parametrize(
    ("name", "given", "meant"),
    [
        ("siblings", 3.0, 3),
        ("siblings", -0.0, 0),
        ("siblings", 2**53 + 1, 2**53 + 1),
        ("age", 3, 3.0),
        ("alive", 1, True),
        ("alive", 0.0, False),
        ("alive", None, None),
        ("born", "", None),
        ("seen", "", None),
        ("name", "", ""),
        ("us", "01/02/2026", JAN_2),
        ("us", "2026-01-02", JAN_2),
        ("us", "Jan 2, 2026", JAN_2),
        ("born", "2026/01/02", JAN_2),
        ("born", "2 Jan 2026", JAN_2),
        ("born", "20260102", JAN_2),
        ("born", "2026-01-02T00:00:00Z", JAN_2),
        ("at", "02.01.2026 12:00", dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)),
        ("seen", "2026-01-02", dt.datetime(2026, 1, 2, tzinfo=dt.UTC)),
        ("seen", "2026-01-02T12:00:00+02:00", dt.datetime(2026, 1, 2, 10, tzinfo=dt.UTC)),
    ],
)
def test_what_can_mean_but_one_thing_is_taken(name: str, given: Any, meant: Any) -> None:
    found = value(name, given)
    assert found == meant
    assert type(found) is type(meant)


@pytest.mark.parametrize(
    ("name", "given", "meant"),
    [
        ("age", float("nan"), None),
        ("siblings", float("nan"), None),
        ("born", dt.datetime(2026, 1, 2, tzinfo=dt.UTC), JAN_2),
        ("seen", JAN_2, dt.datetime(2026, 1, 2, tzinfo=dt.UTC)),
    ],
)
def test_plain_values_may_be_what_json_has_not(name: str, given: Any, meant: Any) -> None:
    found = Flaws()
    [record] = READS.rows([{**GOOD, name: given}], found).records
    assert getattr(record, f"c{[one.name for one in COLUMNS].index(name)}") == meant


def test_rows_without_a_flaw_are_read_at_once_with_the_same_result() -> None:
    written = {"siblings": 3.0, "alive": 1, "born": "31.01.2026", "at": "02.01.2026 12:00"}
    rows = [GOOD | written | {"age": 2}, GOOD | {"seen": "2026-01-02", "alive": True}]
    assert READS.at_once([dict(row) for row in rows]) == READS.rows(rows, Flaws()).records
    assert READS.at_once([GOOD, {**GOOD, "siblings": 3.5}]) is None
    assert OneByOne([Column('"', "text")], record_type([])).at_once([]) is None


def test_a_right_day_does_not_hide_another_flaw() -> None:
    assert [name for _, name, _ in flaws({**GOOD, "us": "01/02/2026", "age": "x"})] == ["age"]


def test_a_row_that_is_no_text_is_named_with_the_others() -> None:
    found = Flaws()
    rows = [msgspec.Raw(b"{}"), msgspec.Raw(b'{"chest pain": "none", "name": "\xff"}')]
    READS.rows(rows, found)
    assert [(one.row, one.column) for one in found.shown] == [(1, "chest pain"), (2, "name")]


def test_what_is_no_finite_number_is_named_with_the_other_flaws() -> None:
    body = b'[{"age": 1}, {"age": NaN, "chest pain": "none", "name": Infinity}]'
    found = Flaws()
    READS.rows(loaded(body), found)
    assert [(one.row, one.column, one.value) for one in found.shown] == [
        (1, "chest pain", None),
        (2, "age", "NaN"),
        (2, "name", "Infinity"),
    ]


@pytest.mark.parametrize("gaps", [True, False])
def test_a_required_value_may_be_missing_where_gaps_are_allowed(gaps: bool) -> None:
    found = Flaws()
    OneByOne(COLUMNS, record_type(COLUMNS, gaps=gaps), gaps=gaps).rows(
        [{"chest pain": None}], found
    )
    assert found.count == (not gaps)


def test_what_is_left_out_of_a_partial_record_is_unset() -> None:
    kind = record_type(COLUMNS, partial=True)
    record = OneByOne(COLUMNS, kind, partial=True).one({"age": None}, Flaws())
    assert (record.c0, record.c1) == (None, msgspec.UNSET)


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
