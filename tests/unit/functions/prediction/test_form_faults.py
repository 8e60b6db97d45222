"""What is wrong with a body of each form is told, with its place; what only looks odd is taken."""

import datetime as dt
import decimal
import json
import struct

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.in_memory.predicting import House
from tests.support.models.mixed import COLUMNS, mixed
from tests.support.rows import forms
from tests.support.rows.forms import ARROW, CSV, JSON, LINES, PROTOBUF
from tests.support.wsgi import environment

PATH = "/models/values/predict"
CHILD = pa.array([[1]])
NESTED = pa.DictionaryArray.from_arrays([0], CHILD)
# A thousand texts of a hundred kilobytes, of the very same bytes.
LONG, TIMES = b"x" * 100_000, 1000
VIEWS = struct.pack("<i4sii", len(LONG), LONG[:4], 0, 0) * TIMES
REPEATED = pa.DictionaryArray.from_arrays(pa.array([0] * TIMES), pa.array(["x" * 100_000]))
OVERLAPPING = pa.Array.from_buffers(
    pa.string_view(), TIMES, [None, pa.py_buffer(VIEWS), pa.py_buffer(LONG)]
)


@pytest.fixture(scope="module")
def house() -> House:
    """Return a house that takes bodies of a few hundred kilobytes."""
    return House({"values": mixed("regression")}, most_bytes=500_000)


@pytest.fixture(scope="module")
def schema(house, tmp_path_factory):
    text = house.whole(environment("/models/values/schema.proto", b"", REQUEST_METHOD="GET")).body
    return forms.compiled(text.decode(), tmp_path_factory.mktemp("schema"), "values")


def ask(house, form, body, query=""):
    return house.whole(environment(PATH, body, CONTENT_TYPE=form, QUERY_STRING=query))


def values(house, form, body, query=""):
    """Return what is predicted, asked for as JSON."""
    head = {"CONTENT_TYPE": form, "HTTP_ACCEPT": JSON, "QUERY_STRING": query}
    answered = house.whole(environment(PATH, body, **head))
    assert answered.status == "200 OK", answered.body
    return [one["value"] for one in json.loads(answered.body)["predictions"]]


def flaws(answered, status):
    problem = json.loads(answered.body)
    assert problem["status"] == status, problem
    return problem["detail"], [
        (flaw.get("row"), flaw.get("column")) for flaw in problem.get("errors", [])
    ]


def json_value(house, **row):
    return values(house, JSON, forms.as_json([{"rooms": None, **row}]))


@pytest.mark.parametrize(
    ("cells", "row"),
    [
        (b"rooms\r\n3\r\n", {"rooms": 3}),
        (b"\xef\xbb\xbfrooms\n3\n", {"rooms": 3}),
        (b"rooms\n\n3", {"rooms": 3}),
        (b'"rooms"\n" 3 "\n', {"rooms": 3}),
        (b"rooms\n3.0\n", {"rooms": 3}),
        (b"rooms\n+3\n", {"rooms": 3}),
        (b'rooms\n""\n', {}),
        (b"rooms\nNaN\n", {}),
        (b"rooms,amount\n,nan\n", {}),
        (b"rooms,amount\n,1e2\n", {"amount": 100}),
        (b"rooms,amount\n,.5\n", {"amount": 0.5}),
        (b'rooms,"owns, or not"\n,TRUE\n', {"owns, or not": True}),
        (b'rooms,"owns, or not"\n,no\n', {"owns, or not": False}),
        (b'rooms,"owns, or not"\n,0\n', {"owns, or not": False}),
        (b'rooms,note\n,"say ""so"""\n', {"note": 'say "so"'}),
        (b"rooms,note\n,NaN\n", {"note": "NaN"}),
        (b"rooms,born\n,1990-02-28\n", {"born": "1990-02-28"}),
        (b"rooms,born\n, 28.02.1990\n", {"born": "1990-02-28"}),
        (b"rooms,seen\n,2026-01-31T12:00:00Z\n", {"seen": "2026-01-31T12:00:00Z"}),
    ],
)
def test_a_cell_means_what_the_same_means_in_json(house, cells, row):
    assert values(house, CSV, cells) == json_value(house, **row)


@pytest.mark.parametrize(
    ("body", "status", "told", "places"),
    [
        (b"", 400, "empty", []),
        (b"\n\n", 400, "empty", []),
        (b"rooms\n", 422, "No records", [(None, None)]),
        (b"rooms\n\xff\n", 400, "not UTF-8", []),
        (b'rooms\n"3\n', 400, "line 2", []),
        (b"rooms,rooms\n3,3\n", 400, "'rooms' is there twice", [(None, "rooms")]),
        (b"rooms,colour\n3,red\n", 422, "no such column", [(None, "colour")]),
        (b"amount\n3\n", 422, "lacking", [(None, "rooms")]),
        (b"rooms,amount\n3,1\n3\n", 422, "Expected 2 cells, got 1", [(2, None)]),
        (b"rooms\n3\nx\n", 422, "got `str`", [(2, "rooms")]),
        (b"rooms\n3.5\n", 422, "Expected `int", [(1, "rooms")]),
        (b"rooms,amount\n3,inf\n", 422, "got `str`", [(1, "amount")]),
        (b"rooms,amount\n3,1_000\n", 422, "got `str`", [(1, "amount")]),
        (b"rooms,amount\n3,-2e6\n", 422, ">= -1000000", [(1, "amount")]),
        (b"rooms,sex\n3,other\n", 422, "Invalid enum value", [(1, "sex")]),
        (b'rooms,"owns, or not"\n3,perhaps\n', 422, "got `str`", [(1, "owns, or not")]),
        (b"rooms\n" + b"1\n" * 1001, 422, "1,001 records", [(None, None)]),
    ],
)
def test_what_is_wrong_with_a_csv_is_told(house, body, status, told, places):
    detail, found = flaws(ask(house, CSV, body), status)
    assert told in detail
    assert found == places


def test_of_many_unknown_columns_some_are_told(house):
    """To look for each name among all others would take minutes for so many."""
    names = b",".join(b"%x" % place for place in range(80_000))
    _, found = flaws(ask(house, CSV, names + b",rooms\n3\n"), 422)
    assert len(found) == 20


def test_of_many_unknown_fields_some_are_told(house, schema):
    record = schema.Record(rooms=3).SerializeToString() + b"\xa0\x06\x01" * 100_000
    size = len(record)
    varint = bytes([size & 127 | 128, size >> 7 & 127 | 128, size >> 14])
    _, found = flaws(ask(house, PROTOBUF, b"\x0a" + varint + record), 422)
    assert found == [(1, "field 100")] * 20


UNITS = [
    pa.array([3], kind)
    for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16())
]
UNITS += [pa.array([3], kind) for kind in (pa.uint32(), pa.uint64(), pa.float32(), pa.float64())]
UNITS += [pa.array([np.float16(3)]), pa.array([decimal.Decimal(3)])]
UNITS += [pa.array([3]).dictionary_encode(), pa.array([3.0]).dictionary_encode()]
MOMENT = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize("array", UNITS, ids=lambda array: str(array.type))
@pytest.mark.parametrize("name", ["rooms", "amount"])
def test_numbers_of_any_width_are_the_same_number(house, array, name):
    table = pa.table({"rooms": pa.nulls(1), name: array})
    if name == "rooms":
        table = pa.table({"rooms": array})
    assert values(house, ARROW, forms.arrow_stream(table)) == json_value(house, **{name: 3})


@pytest.mark.parametrize(
    ("name", "array", "same"),
    [
        ("note", pa.array(["x"], pa.large_string()), "x"),
        ("note", pa.array(["x"], pa.string_view()), "x"),
        ("sex", pa.array(["male"]).dictionary_encode(), "male"),
        ("sex", pa.DictionaryArray.from_arrays([1], ["nobody", "male"]), "male"),
        ('the "town"', pa.DictionaryArray.from_arrays([0], pa.array([None, "x"])), None),
        ('the "town"', pa.DictionaryArray.from_arrays(pa.array([None], pa.int8()), ["x"]), None),
        ("amount", pa.array([float("nan")]), None),
        ("amount", pa.array([None], pa.int64()), None),
        ("owns, or not", pa.array([True]), True),
        ("owns, or not", pa.array([1]), 1),
        ("sex", pa.array([""]), ""),
        ("owns, or not", pa.array([None], pa.bool_()), None),
        ("owns, or not", pa.nulls(1), None),
        ("note", pa.nulls(1), None),
        ("born", pa.nulls(1), None),
        ("born", pa.array([dt.date(1990, 2, 28)], pa.date64()), "1990-02-28"),
        (
            "born",
            pa.array([dt.datetime(1990, 2, 28, tzinfo=dt.UTC)], pa.timestamp("s")),
            "1990-02-28",
        ),
        ("born", pa.array(["28.02.1990"]), "1990-02-28"),
        ("seen", pa.array([MOMENT], pa.timestamp("s")), "2026-01-31T12:00:00Z"),
        ("seen", pa.array([MOMENT], pa.timestamp("ms")), "2026-01-31T12:00:00Z"),
        ("seen", pa.array([MOMENT], pa.timestamp("ns")), "2026-01-31T12:00:00Z"),
        ("seen", pa.array([MOMENT], pa.timestamp("us", "Europe/Oslo")), "2026-01-31T12:00:00Z"),
        ("seen", pa.array([dt.date(2026, 1, 31)]), "2026-01-31T00:00:00Z"),
    ],
)
def test_an_arrow_type_means_what_the_same_means_in_json(house, name, array, same):
    table = pa.table({"rooms": pa.array([None], pa.int64()), name: array})
    assert values(house, ARROW, forms.arrow_stream(table)) == json_value(house, **{name: same})


@pytest.mark.parametrize(
    ("columns", "status", "told", "places"),
    [
        ({"rooms": pa.array([], pa.int8())}, 422, "No records", [(None, None)]),
        ({"rooms": [1] * 1001}, 422, "1,001 records", [(None, None)]),
        ({"rooms": [1], "colour": [1]}, 422, "no such column", [(None, "colour")]),
        ({"amount": [1.0]}, 422, "lacking", [(None, "rooms")]),
        ({"rooms": [1, 2.5]}, 422, "got `float`", [(2, "rooms")]),
        ({"rooms": [True]}, 422, "got `bool`", [(1, "rooms")]),
        ({"rooms": ["1"]}, 422, "got `str`", [(1, "rooms")]),
        ({"rooms": CHILD}, 422, "got list<item: int64>", [(None, "rooms")]),
        ({"rooms": [1], "owns, or not": [2]}, 422, "got `int`", [(1, "owns, or not")]),
        ({"rooms": [1], "amount": [True]}, 422, "got `bool`", [(1, "amount")]),
        ({"rooms": [1], "amount": [float("inf")]}, 422, "<= 3.4", [(1, "amount")]),
        ({"rooms": [1], "sex": ["other"]}, 422, "Invalid enum", [(1, "sex")]),
        ({"rooms": [1], "note": pa.array([b"x"])}, 422, "got binary", [(None, "note")]),
        ({"rooms": [1] * TIMES, "note": OVERLAPPING}, 422, "at most 16,777,216", [(None, "note")]),
        ({"rooms": [1] * TIMES, "note": REPEATED}, 422, "at most 16,777,216", [(None, "note")]),
        ({"rooms": [1], "note": NESTED}, 422, "got list<item: int64>", [(None, "note")]),
        ({"rooms": [1], "born": [MOMENT]}, 422, "`date", [(1, "born")]),
        (
            {"rooms": [1], "seen": pa.array([2**62], pa.timestamp("s"))},
            400, "'seen' cannot be read", [(None, "seen")],
        ),
        (
            {"rooms": [1], "seen": pa.array([2**60], pa.timestamp("us"))},
            400, "'seen' cannot be read", [(None, "seen")],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_arrow_table_is_told(house, columns, status, told, places):
    detail, found = flaws(ask(house, ARROW, forms.arrow_stream(pa.table(columns))), status)
    assert told in detail
    assert found == places


@pytest.mark.parametrize("codec", ["lz4", "zstd"])
@pytest.mark.parametrize("column", [[1] * 100, pa.array(["x"] * 100).dictionary_encode()])
def test_compressed_columns_are_refused_before_any_room_is_made(house, codec, column):
    body = forms.arrow_stream(pa.table({"rooms": column}), compression=codec)
    detail, _ = flaws(ask(house, ARROW, body), 400)
    assert detail == "The columns are compressed; send them as they are."


def test_arrow_of_the_format_before_0_15_is_read(house):
    body = forms.arrow_stream(pa.table({"rooms": [3]}), use_legacy_format=True)
    assert values(house, ARROW, body) == json_value(house, rooms=3)


ROWS = [{"rooms": 3, "note": "x", "sex": "male"}] * 3
GOOD = forms.as_arrow(ROWS, COLUMNS)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.booleans())
def test_a_damaged_arrow_stream_is_refused_or_read(house, place, byte, cut):
    body = GOOD[:place] if cut else GOOD[:place] + bytes([byte]) + GOOD[place + 1 :]
    assert ask(house, ARROW, body).status[:3] in {"200", "400", "422"}


@settings(max_examples=50, deadline=None)
@given(st.sampled_from([CSV, LINES, ARROW, PROTOBUF]), st.binary(max_size=60))
def test_any_bytes_are_refused_or_read(house, form, body):
    assert ask(house, form, body).status[:3] in {"200", "400", "422"}


@pytest.mark.parametrize("form", [CSV, ARROW, PROTOBUF])
def test_unknown_columns_are_passed_over_on_request(house, schema, form):
    record = schema.Record(rooms=3).SerializeToString() + b"\xa2\x06\x03red"  # field 100
    bodies = {
        CSV: b"rooms,colour\n3,red\n",
        ARROW: forms.arrow_stream(pa.table({"rooms": [3], "colour": ["red"]})),
        PROTOBUF: b"\x0a" + bytes([len(record)]) + record,
    }
    _, places = flaws(ask(house, form, bodies[form]), 422)
    assert len(places) == 1
    assert values(house, form, bodies[form], "unknown=ignore") == json_value(house, rooms=3)


@pytest.mark.parametrize("form", [CSV, LINES, ARROW, PROTOBUF])
def test_a_level_that_is_not_stated_is_refused_in_every_form(house, form):
    bodies = {
        CSV: b"rooms\n3\n",
        LINES: b'{"rooms": 3}',
        ARROW: forms.arrow_stream(pa.table({"rooms": [3]})),
        PROTOBUF: b"\x0a\x02\x18\x03",
    }
    detail, _ = flaws(ask(house, form, bodies[form], "certainty=0.7"), 422)
    assert "0.8" in detail
    assert ask(house, form, bodies[form], "certainty=0.8").status == "200 OK"


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"", 422, "No records"),
        (b"\x0a\x00" * 1001, 422, "1,001 records"),
        (b"\x0a\x05abc", 400, "ends within a record"),
        (b"\x0a", 400, "ends within a number"),
        (b"\x12\x00", 400, "a field other than 'records'"),
        (b"\x0a\x02\x2a\x05", 400, "Row 1 is no Record"),
    ],
)
def test_what_is_wrong_with_a_message_is_told(house, body, status, told):
    detail, _ = flaws(ask(house, PROTOBUF, body), status)
    assert told in detail


def test_a_field_that_is_left_out_is_missing_and_nan_is_too(house, schema):
    request = schema.PredictRequest(records=[schema.Record(), schema.Record(amount=float("nan"))])
    missing = json_value(house)
    assert values(house, PROTOBUF, request.SerializeToString()) == missing * 2
    zero = schema.PredictRequest(records=[schema.Record(amount=0)])
    assert values(house, PROTOBUF, zero.SerializeToString()) == json_value(house, amount=0)


def test_a_moment_beyond_all_years_is_refused(house, schema):
    record = schema.Record(rooms=3)
    record.seen.seconds = 2**60
    body = schema.PredictRequest(records=[record]).SerializeToString()
    detail, places = flaws(ask(house, PROTOBUF, body), 422)
    assert places == [(1, "seen")]
    assert "moment" in detail


def test_records_of_two_bytes_are_counted_before_they_are_made(house):
    """A million of them are but 2 MB, and would be a hundred as objects."""
    body = b"\x0a\x00" * 9_000
    detail, _ = flaws(ask(house, PROTOBUF, body), 422)
    assert "1,001 records" in detail


@pytest.mark.parametrize(
    ("body", "status", "told", "places"),
    [
        (b"", 422, "No records", [(None, None)]),
        (b'{"rooms":3}\n\n[1]', 422, "Expected a JSON object", [(2, None)]),
        (b'{"rooms":3}\n{"rooms":,}', 400, "row 2: it is not JSON", [(2, None)]),
        (b'{"rooms":3},{"rooms":3}', 400, "row 1: it is not JSON", [(1, None)]),
        (b'{"rooms":3}\n{"rooms":"x"}', 422, "got `str`", [(2, "rooms")]),
        (b'{"rooms":3}\n{"rooms":NaN}', 422, "a finite number", [(2, "rooms")]),
        (b'{"rooms":3}\n{"rooms":3,"a":1}', 422, "unknown field", [(2, "a")]),
    ],
)
def test_what_is_wrong_with_lines_is_told(house, body, status, told, places):
    detail, found = flaws(ask(house, LINES, body), status)
    assert told in detail
    assert found == places


def test_a_head_of_arrow_that_points_anywhere_is_refused(house):
    body = struct.pack("<II", 0xFFFFFFFF, 64) + struct.pack("<I", 2**31) + bytes(60)
    assert ask(house, ARROW, body).status[:3] == "400"
