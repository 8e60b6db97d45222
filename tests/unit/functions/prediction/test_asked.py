"""What a JSON body asks: records and options, and all that is wrong with both at once."""

import json
from typing import Any

import pytest

from functions.kit.contract.errors import DomainError, Invalid, Unreadable
from functions.kit.contract.records.columns import Column
from functions.prediction.model.options import USUAL, Options, of_query
from functions.prediction.model.records import MOST_RECORDS, Reader

COLUMNS = [
    Column("age", "number", minimum=0),
    Column("rooms", "integer", required=True),
    Column('"odd"', "integer"),
]
GOOD = {"age": 1, "rooms": 2}


def fault(level: float | None) -> str | None:
    return None if level in {None, 0.8} else "only 0.8"


@pytest.fixture(params=["plain", "odd"])
def reader(request: pytest.FixtureRequest) -> Reader:
    """Columns that C reads by itself, and such that it does not."""
    return Reader(COLUMNS[:2] if request.param == "plain" else COLUMNS, fault)


def refusal(reader: Reader, body: Any, query: Options | None = None) -> DomainError:
    with pytest.raises(DomainError) as caught:
        reader.read_whole(body if isinstance(body, bytes) else json.dumps(body).encode(), query)
    return caught.value


def places(error: DomainError) -> list[tuple[int | None, str | None]]:
    assert isinstance(error, Invalid)
    return [(one.row, one.column) for one in error.flaws]


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ({}, USUAL),
        ({"options": {}}, USUAL),
        ({"options": {"certainty": 0.8}}, Options(certainty=0.8)),
        (
            {"options": {"unknown": "ignore", "explain": True, "warnings": False}},
            Options(unknown="ignore", explain=True, warnings=False),
        ),
    ],
)
def test_options_stand_beside_the_records(
    reader: Reader, given: dict[str, Any], options: Options
) -> None:
    whole = reader.read_whole(json.dumps({"records": [GOOD], **given}).encode(), None)
    assert whole.options == options
    assert (whole.records[0].c0, whole.records[0].c1, *whole.unknown) == (1, 2)


def test_those_of_the_query_count_where_the_body_has_none(reader: Reader) -> None:
    query = Options(explain=True)
    assert reader.read_whole(json.dumps({"records": [GOOD]}).encode(), query).options is query
    error = refusal(reader, {"records": [GOOD], "options": {}}, query)
    assert places(error) == [(None, "options")]
    assert "query" in error.flaws[0].reason


def test_wrong_options_and_bad_records_are_told_together(reader: Reader) -> None:
    wrong = {"certainty": 2, "warning": True, "unknown": "skip", "explain": True}
    rows = [GOOD, {"age": -1, "room": 1}, {}]
    assert sorted(map(str, places(refusal(reader, {"records": rows, "options": wrong})))) == sorted(
        map(
            str,
            [
                (None, "options.certainty"),
                (None, "options.warning"),
                (None, "options.unknown"),
                (2, "age"),
                (2, "room"),
                (2, "rooms"),
                (3, "rooms"),
            ],
        )
    )


def test_a_level_that_is_not_stated_is_told_with_the_records(reader: Reader) -> None:
    options = {"certainty": 0.9}
    for rows, others in ([GOOD], []), ([{}], [(1, "rooms")]):
        error = refusal(reader, {"records": rows, "options": options})
        assert places(error) == [(None, "options.certainty"), *others]
        assert error.flaws[0].reason == "only 0.8"
    assert places(refusal(reader, {"records": [GOOD]}, Options(certainty=0.9)))


@pytest.mark.parametrize("options", [3, None, [], "x"])
def test_options_that_are_no_object_are_refused(reader: Reader, options: Any) -> None:
    assert places(refusal(reader, {"records": [GOOD], "options": options})) == [(None, "options")]


def test_more_flaws_than_are_told_are_counted(reader: Reader) -> None:
    error = refusal(reader, {"records": [{"age": -1}] * 30})
    assert len(error.flaws) == 20
    assert error.detail.endswith("(19 more in errors, 40 beside them).")


@pytest.mark.parametrize("count", [0, MOST_RECORDS + 1])
def test_a_wrong_number_of_records_is_told_with_wrong_options(reader: Reader, count: int) -> None:
    error = refusal(reader, {"records": [GOOD] * count, "options": {"explain": 1}})
    assert [one.column for one in error.flaws] == [None, "options.explain"]
    assert "one call takes 1 to 1,000" in error.detail


def test_numbers_that_are_none_hide_nothing_else(reader: Reader) -> None:
    body = b'{"records": [{"rooms": NaN, "age": -1}, {}], "options": {"certainty": Infinity}}'
    assert places(refusal(reader, body)) == [
        (None, "options.certainty"),
        (1, "rooms"),
        (1, "age"),
        (2, "rooms"),
    ]


def test_unknown_fields_may_be_passed_over(reader: Reader) -> None:
    rows = [GOOD | {"b": 1}, GOOD | {"a": {"deep": [1]}, "b": None}]
    body = json.dumps({"records": rows, "options": {"unknown": "ignore"}}).encode()
    whole = reader.read_whole(body, None)
    assert (len(whole.records), whole.unknown) == (2, ["b", "a"])
    assert reader.read_whole(json.dumps({"records": rows}).encode(), whole.options).unknown
    assert places(refusal(reader, {"records": rows})) == [(1, "b"), (2, "a"), (2, "b")]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", Unreadable),
        (b"{", Unreadable),
        (b"\xff", Unreadable),
        (b'{"records": [}', Unreadable),
        (b'{"rows": []}', Invalid),
        (b'{"records": {}}', Invalid),
        (b"[]", Invalid),
        (b"NaN", Invalid),
        (b'{"records": NaN}', Invalid),
        (b'{"records": [1, {}]}', Invalid),
        (b'{"records": ' + b"[" * 100_000, DomainError),
        (b'{"records": [], "options": {}, "more": 1}', Invalid),
    ],
)
def test_other_bodies_are_refused(reader: Reader, body: bytes, kind: type[DomainError]) -> None:
    assert isinstance(refusal(reader, body), kind)


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("explain=true&certainty=0.95", Options(explain=True, certainty=0.95)),
        ("unknown=ignore&warnings=false", Options(unknown="ignore", warnings=False)),
        ("explain=0&warnings=1", USUAL),
        ("", USUAL),
    ],
)
def test_a_query_says_the_same(query: str, options: Options) -> None:
    assert of_query(query) == options


def test_every_wrong_parameter_is_told() -> None:
    with pytest.raises(Invalid) as caught:
        of_query("explain=perhaps&certainty=1&unknwon=ignore&warnings=1&warnings=1")
    told = {one.column: one.reason for one in caught.value.flaws}
    assert list(told) == ["explain", "certainty", "unknwon", "warnings"]
    assert "did you mean `unknown`?" in told["unknwon"]
    assert told["warnings"] == "it is there twice"
    assert "explain" in caught.value.detail
