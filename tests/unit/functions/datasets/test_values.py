import datetime as dt

import msgspec
import pytest

from functions.datasets.model.values import values_of
from functions.kit.contract.errors import DomainError, Invalid, Unreadable
from functions.kit.contract.records.columns import Column

json_of = msgspec.json.encode

COLUMNS = [
    Column("age", "number", minimum=0),
    Column("sex", "category", required=True),
    Column("seen", "datetime"),
]


def test_a_record_is_checked_and_completed():
    values = values_of(COLUMNS)
    found = values.whole(b'{"sex": "f", "seen": "2026-01-31T12:00:00+01:00"}')
    moment = dt.datetime(2026, 1, 31, 11, tzinfo=dt.UTC)
    assert found == {"age": None, "sex": "f", "seen": moment}
    assert values.whole(b'{"sex": "new level", "age": 3}')["sex"] == "new level"


def test_a_change_names_only_what_it_changes():
    stored = {"age": 3.0, "sex": "f", "seen": None}
    assert values_of(COLUMNS).changed(stored, b'{"age": null}') == {**stored, "age": None}


def test_a_record_fits_a_document():
    values = values_of([Column(name, "text") for name in "abcdefghijk"])
    stored = values.whole(json_of(dict.fromkeys("abcdefghi", "x" * 100_000)))
    with pytest.raises(DomainError) as caught:
        values.changed(stored, json_of({"j": "x" * 99_999, "k": "é" * 50_000}))
    assert isinstance(caught.value, Invalid)
    assert "1,000,000" in caught.value.detail


@pytest.mark.parametrize(
    "body",
    [
        b'{"sex": 1, "seen": "\xff"}',
        b'{"sex": "\xff", "seen": "5 Jan 2024"}',
        b'{"seen": "5 Jan 2024", "sex": "\xff"}',
        b'{"seen": "\xff", "sex": "f"}',
    ],
)
def test_bytes_that_are_no_text_are_no_failure_of_ours(body):
    for read in (values_of(COLUMNS).whole, values_of(COLUMNS).given):
        with pytest.raises((Invalid, Unreadable)):
            read(body)


@pytest.mark.parametrize(
    ("body", "column", "reason"),
    [
        (b'{"age": 3}', "sex", "missing required"),
        (b'{"sex": "f", "size": 3}', "size", "unknown field"),
        (b'{"sex": "f", "age": "3"}', "age", "got `str`"),
        (b'{"sex": "f", "age": -1}', "age", ">= 0"),
        (b'{"sex": " "}', "sex", "required"),
        (b'{"sex": null}', "sex", "got `null`"),
        (b'{"sex": "a\\u0000"}', "sex", "NUL"),
        (b'{"sex": "f", "seen": "5/1/2024"}', "seen", "a moment that can mean but one, such as"),
        (b'{"sex": "f", "seen": "0001-01-01T00:00:00+05:00"}', "seen", "years 1 to 9999"),
        (b'{"sex": "f", "seen": "9999-12-31T23:59:59-05:00"}', "seen", "years 1 to 9999"),
        (b'{"sex": "' + b"x" * 100_001 + b'"}', "sex", "longer than"),
    ],
)
def test_a_refused_value_names_its_column(body, column, reason):
    with pytest.raises(DomainError) as caught:
        values_of(COLUMNS).whole(body)
    assert isinstance(caught.value, Invalid)
    [flaw] = caught.value.flaws
    assert flaw.column == column
    assert reason in flaw.reason


@pytest.mark.parametrize("body", [b'{"sex": "f", "age": NaN}', b'{"sex": "f", "age": Infinity}'])
def test_what_json_does_not_have(body):
    with pytest.raises(DomainError) as caught:
        values_of(COLUMNS).whole(body)
    assert isinstance(caught.value, Unreadable)


def test_stored_values_are_given_back_as_the_columns_are_now():
    columns = [Column("b", "category"), Column("a", "number"), Column("new", "text")]
    assert values_of(columns).shown({"a": 3, "b": 1}) == {"b": "1", "a": 3.0, "new": None}
