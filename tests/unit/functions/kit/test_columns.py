from typing import Any

import msgspec
import pytest

from functions.kit.contract.columns import Column, decode_records, record_type
from functions.kit.contract.errors import DomainError, Invalid, Unreadable

COLUMNS = [
    Column("age", "number", minimum=0, maximum=120),
    Column("chest pain", "category", required=True, levels=["typical", "none"]),
    Column("siblings", "integer"),
    Column("alive", "boolean"),
    Column("seen", "datetime"),
    Column("name", "text"),
]


def decoder():
    record: Any = record_type(COLUMNS)
    body = msgspec.defstruct("Body", [("records", list[record])], forbid_unknown_fields=True)
    return msgspec.json.Decoder(body)


def flaws(*records):
    with pytest.raises(DomainError) as caught:
        decode_records(msgspec.json.encode({"records": records}), decoder())
    assert isinstance(caught.value, Invalid)
    return [(flaw.row, flaw.column, flaw.reason) for flaw in caught.value.flaws]


def test_a_good_record():
    body = b'{"records":[{"chest pain":"none","age":3,"seen":"2026-01-02T03:04:05Z"}]}'
    [record] = decode_records(body, decoder()).records
    assert (record.c0, record.c1, record.c2) == (3.0, "none", None)


@pytest.mark.parametrize(
    ("record", "column", "reason"),
    [
        ({}, "chest pain", "Object missing required field `chest pain`"),
        (
            {"chest pain": "odd"},
            "chest pain",
            "Invalid enum value 'odd'; there are none, typical",
        ),
        ({"chest pain": "none", "age": 200}, "age", "Expected `float` <= 120.0"),
        ({"chest pain": "none", "age": "x"}, "age", "Expected `float | null`, got `str`"),
        ({"chest pain": "none", "siblings": 1.5}, "siblings", "Expected `int | null`, got `float`"),
        ({"chest pain": "none", "x": 1}, "x", "Object contains unknown field `x`"),
        (
            {"chest pain": "none", "seen": "today"},
            "seen",
            "Expected a moment that can mean but one, such as 2026-01-31T12:00:00Z",
        ),
    ],
)
def test_a_refused_value_names_row_column_and_reason(record, column, reason):
    assert flaws({"chest pain": "none"}, record) == [(2, column, reason)]


def test_a_row_that_is_no_text_behind_a_bad_one_is_named():
    body = b'{"records": [{}, {"chest pain": "none", "name": "\xff"}]}'
    with pytest.raises(Invalid) as caught:
        decode_records(body, decoder())
    assert [flaw.row for flaw in caught.value.flaws] == [1, 2]
    for seen in (b"\xff", b"5 Jan 2024"):
        body = b'{"records": [{"seen": "' + seen + b'", "chest pain": "none", "name": "\xff"}]}'
        with pytest.raises(Invalid):
            decode_records(body, decoder())


def test_every_bad_row_is_named():
    assert [row for row, _, _ in flaws({}, {"chest pain": "none"}, {})] == [1, 3]


def test_a_body_of_another_shape():
    with pytest.raises(DomainError) as caught:
        decode_records(b'{"rows": []}', decoder())
    assert isinstance(caught.value, Invalid)
    with pytest.raises(DomainError) as caught:
        decode_records(b'{"records": [', decoder())
    assert isinstance(caught.value, Unreadable)


def test_deep_nesting_is_refused():
    with pytest.raises(DomainError):
        decode_records(b'{"records": ' + b"[" * 100_000, decoder())


def test_what_is_no_finite_number_is_named():
    body = b'{"records": [{"age": 1}, {"age": NaN, "x": -Infinity}]}'
    with pytest.raises(DomainError) as caught:
        decode_records(body, decoder())
    assert isinstance(caught.value, Invalid)
    places = [(flaw.row, flaw.column, flaw.value) for flaw in caught.value.flaws]
    assert places == [(2, "age", "NaN"), (2, "x", "-Infinity")]


def test_a_partial_record_knows_what_was_left_out():
    record: Any = msgspec.json.decode(b'{"age": null}', type=record_type(COLUMNS, partial=True))
    assert record.c0 is None
    assert record.c1 is msgspec.UNSET
