import math

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.latlng_pb2 import LatLng

from emulators.firestore.model import writes
from emulators.firestore.model.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
)
from emulators.firestore.model.protocol import (
    ArrayValue,
    Document,
    DocumentMask,
    DocumentTransform,
    MapValue,
    Precondition,
    Value,
    Write,
    timestamp,
)

NAME = "projects/p/databases/d/documents/c/a"
THEN, NOW = timestamp(1_000_000), timestamp(2_000_000)


def integer(number):
    return Value(integer_value=number)


def double(number):
    return Value(double_value=number)


def array(*values):
    return Value(array_value=ArrayValue(values=values))


def mapping(**fields):
    return Value(map_value=MapValue(fields=fields))


def stored(**fields):
    return Document(name=NAME, fields=fields, create_time=THEN, update_time=THEN)


def update(mask=None, transforms=(), condition=None, **fields):
    return Write(
        update=Document(name=NAME, fields=fields),
        update_mask=None if mask is None else DocumentMask(field_paths=mask),
        update_transforms=transforms,
        current_document=condition,
    )


def field_transform(path="n", **kind):
    return DocumentTransform.FieldTransform(field_path=path, **kind)


def transformed(current, **kind):
    outcome = writes.apply(update([], [field_transform(**kind)]), current, NOW)
    return outcome.document.fields["n"], outcome.transform_results[0]


def test_a_new_document_gets_both_times():
    document = writes.apply(update(x=integer(1)), None, NOW).document
    assert document == Document(
        name=NAME, fields={"x": integer(1)}, create_time=NOW, update_time=NOW
    )


def test_an_overwrite_keeps_the_create_time_and_replaces_all():
    document = writes.apply(update(y=integer(2)), stored(x=integer(1)), NOW).document
    assert (document.create_time, document.update_time) == (THEN, NOW)
    assert dict(document.fields) == {"y": integer(2)}


def test_a_write_that_changes_nothing_keeps_the_update_time():
    current = stored(x=integer(1))
    assert writes.apply(update(x=integer(1)), current, NOW).document.update_time == THEN


def test_a_mask_sets_and_deletes_what_it_lists():
    current = stored(x=integer(1), y=integer(2), m=mapping(a=integer(1), b=integer(2)))
    write = update(["x", "y", "m.a"], x=integer(9), z=integer(5), m=mapping(a=integer(7)))
    fields = writes.apply(write, current, NOW).document.fields
    assert dict(fields) == {"x": integer(9), "m": mapping(a=integer(7), b=integer(2))}


def test_a_mask_on_a_missing_document_makes_it():
    assert writes.apply(update(["x"], x=integer(1)), None, NOW).document.fields["x"] == integer(1)


def test_a_delete_leaves_no_document():
    assert writes.apply(Write(delete=NAME), stored(), NOW).document is None


def test_the_stored_document_is_not_changed():
    current = stored(x=integer(1))
    writes.apply(update(["x"], x=integer(2)), current, NOW)
    assert current == stored(x=integer(1))


@pytest.mark.parametrize(
    ("condition", "current", "error", "text"),
    [
        (
            Precondition(exists=False),
            stored(),
            AlreadyExistsError,
            f"Document already exists: {NAME}",
        ),
        (Precondition(exists=True), None, NotFoundError, f"No document to update: {NAME}"),
        (Precondition(update_time=NOW), None, FailedPreconditionError, "No document"),
        (Precondition(update_time=timestamp(3_000_000)), stored(), InvalidArgumentError, "future"),
        (
            Precondition(update_time=timestamp(5)),
            stored(),
            FailedPreconditionError,
            r"the stored version \(1000000\) does not match the required base version \(5\)",
        ),
    ],
)
def test_preconditions_that_fail(condition, current, error, text):
    with pytest.raises(error, match=text):
        writes.apply(update(condition=condition), current, NOW)


def test_preconditions_that_hold():
    writes.apply(update(condition=Precondition(exists=True)), stored(), NOW)
    writes.apply(update(condition=Precondition(exists=False)), None, NOW)
    writes.apply(update(condition=Precondition(update_time=THEN)), stored(), NOW)


@pytest.mark.parametrize(
    ("current", "operand", "wanted"),
    [
        (integer(1), integer(2), integer(3)),
        (integer(16), double(-32.1), double(-16.1)),
        (integer(2**63 - 1), integer(5), integer(2**63 - 1)),
        (integer(-(2**63)), integer(-5), integer(-(2**63))),
        (Value(string_value="x"), integer(5), integer(5)),
        (None, integer(5), integer(5)),
    ],
)
def test_increment(current, operand, wanted):
    document = stored() if current is None else stored(n=current)
    assert transformed(document, increment=operand) == (wanted, wanted)


@pytest.mark.parametrize(
    ("kind", "current", "operand", "wanted"),
    [
        ("maximum", integer(1), double(2.5), double(2.5)),
        ("maximum", integer(3), double(3.0), integer(3)),
        ("maximum", double(0.0), integer(0), double(0.0)),
        ("minimum", integer(3), integer(1), integer(1)),
        ("minimum", integer(3), double(3.0), integer(3)),
        ("minimum", None, integer(7), integer(7)),
        ("maximum", Value(boolean_value=True), integer(7), integer(7)),
    ],
)
def test_maximum_and_minimum(kind, current, operand, wanted):
    document = stored() if current is None else stored(n=current)
    assert transformed(document, **{kind: operand})[0] == wanted


@pytest.mark.parametrize("kind", ["maximum", "minimum"])
@pytest.mark.parametrize("values", [(math.nan, 1.0), (1.0, math.nan)])
def test_nan_wins_both(kind, values):
    new, _ = transformed(stored(n=double(values[0])), **{kind: double(values[1])})
    assert math.isnan(new.double_value)


def test_array_union_and_remove_compare_by_value():
    nan = double(math.nan)
    current = stored(n=array(integer(3), integer(1)))
    added = ArrayValue(values=[double(3.0), nan, nan, Value(null_value=0)])
    union, result = transformed(current, append_missing_elements=added)
    assert [str(one) for one in union.array_value.values] == [
        str(one) for one in (integer(3), integer(1), nan, Value(null_value=0))
    ]
    assert result == Value(null_value=0)
    rest, _ = transformed(current, remove_all_from_array=ArrayValue(values=[double(3.0)]))
    assert rest == array(integer(1))


def test_array_transforms_of_what_is_no_array():
    new, _ = transformed(
        stored(n=integer(1)), append_missing_elements=ArrayValue(values=[integer(2)])
    )
    assert new == array(integer(2))
    new, _ = transformed(stored(), remove_all_from_array=ArrayValue(values=[integer(2)]))
    assert new == array()


def test_the_server_time_has_milliseconds():
    write = update([], [field_transform(set_to_server_value=1)])
    document = writes.apply(write, None, timestamp(1_234_567)).document
    assert document.fields["n"].timestamp_value == timestamp(1_234_000)


def test_transforms_come_after_the_mask_in_order():
    write = update(
        ["n"],
        [field_transform(increment=integer(1)), field_transform(increment=integer(2))],
        n=integer(10),
    )
    outcome = writes.apply(write, stored(n=integer(0)), NOW)
    assert outcome.transform_results == [integer(11), integer(13)]


def test_a_transform_write_makes_a_missing_document():
    transform = DocumentTransform(
        document=NAME, field_transforms=[field_transform(increment=integer(1))]
    )
    assert writes.apply(Write(transform=transform), None, NOW).document.fields["n"] == integer(1)


def test_times_are_cut_to_microseconds():
    value = Value(timestamp_value=Timestamp(seconds=1, nanos=1999))
    document = writes.apply(update(t=value), None, NOW).document
    assert document.fields["t"].timestamp_value.nanos == 1000


def time(seconds, nanos=0):
    return Value(timestamp_value=Timestamp(seconds=seconds, nanos=nanos))


def place(latitude, longitude):
    return Value(geo_point_value=LatLng(latitude=latitude, longitude=longitude))


def deep(levels):
    value = integer(1)
    for _ in range(levels):
        value = mapping(a=value)
    return value


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"a": array(array())}, "Cannot convert an array value in an array value."),
        ({"__x__": integer(1)}, '"__x__" is reserved'),
        ({"": integer(1)}, "1 to 1500 bytes"),
        ({"x" * 1501: integer(1)}, "1 to 1500 bytes"),
        ({"a": deep(20)}, "nested deeper than 20"),
        ({"a": Value()}, "Cannot convert firestore.v1.Value with type unset."),
        ({"a": time(253_402_300_800)}, "timestamp is out of range"),
        ({"a": time(-62_135_596_801)}, "timestamp is out of range"),
        ({"a": time(0, -1)}, "timestamp is out of range"),
        ({"a": array(place(91, 0))}, "latitude 91.0"),
        ({"a": place(0, -180.5)}, "longitude -180.5"),
        ({"a": place(math.nan, 0)}, "geo point is out of range"),
        ({"a": Value(string_value="x" * 1_048_487)}, 'property "a" is longer than 1048487 bytes'),
        (
            {"a": Value(string_value="x" * 600_000), "b": Value(string_value="x" * 600_000)},
            r"its size \(1,200,\d+ bytes\) exceeds the maximum allowed size of 1,048,576 bytes",
        ),
    ],
)
def test_what_cannot_be_stored(fields, text):
    with pytest.raises(InvalidArgumentError, match=text):
        writes.apply(update(**fields), None, NOW)


def test_what_is_at_the_limit_is_stored():
    writes.apply(update(a=deep(19)), None, NOW)
    writes.apply(update(a=time(253_402_300_799, 999_999_999), b=place(-90, 180)), None, NOW)
    writes.apply(update(a=Value(string_value="x" * 1_048_486)), None, NOW)
    writes.apply(update(__=integer(1)), None, NOW)


def test_a_write_without_operation_is_refused():
    with pytest.raises(InvalidArgumentError, match="no operation"):
        writes.apply(Write(), None, NOW)
