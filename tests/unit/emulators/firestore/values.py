"""Hypothesis strategies for Firestore values, as raw protobuf."""

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.latlng_pb2 import LatLng
from hypothesis import strategies as st

from emulators.firestore.model.protocol import ArrayValue, MapValue, Value

INTEGERS = (
    st.integers(-(2**63), 2**63 - 1)
    | st.integers(-4, 4)
    | st.sampled_from([2**53, 2**53 + 1, 2**53 - 1, -(2**53) - 1, 2**62 + 1, 2**63 - 1, -(2**63)])
)
DOUBLES = st.floats() | st.sampled_from([0.0, -0.0, 1.5, 2.0**53, 2.0**62, 2.0**63, -(2.0**63)])
TEXTS = st.text(max_size=4) | st.sampled_from(
    ["", "\0", "a", "a\0", "a\0b", "é", "\U0001f600", "\uffff"]
)
RAW = st.binary(max_size=4) | st.sampled_from([b"\0", b"\0\1", b"\xff", b"\0\xff"])
SEGMENTS = st.sampled_from(["a", "b", "ab", "a-b", "z"])


def vector(numbers):
    elements = ArrayValue(values=[Value(double_value=number) for number in numbers])
    fields = {"__type__": Value(string_value="__vector__"), "value": Value(array_value=elements)}
    return Value(map_value=MapValue(fields=fields))


def single(name, value):
    return Value(map_value=MapValue(fields={name: value}))


def bson_timestamp(seconds, increment):
    parts = {"seconds": Value(integer_value=seconds), "increment": Value(integer_value=increment)}
    return single("__request_timestamp__", Value(map_value=MapValue(fields=parts)))


def regex(pattern, options):
    parts = {"pattern": Value(string_value=pattern), "options": Value(string_value=options)}
    return single("__regex__", Value(map_value=MapValue(fields=parts)))


NUMBERS = st.builds(lambda n: Value(integer_value=n), INTEGERS) | st.builds(
    lambda n: Value(double_value=n), DOUBLES
)
SCALARS = st.one_of(
    st.just(Value(null_value=0)),
    st.builds(lambda flag: Value(boolean_value=flag), st.booleans()),
    NUMBERS,
    st.builds(
        lambda s, n: Value(timestamp_value=Timestamp(seconds=s, nanos=n)),
        st.integers(-(10**9), 10**10),
        st.integers(0, 999_999_999),
    ),
    st.builds(lambda text: Value(string_value=text), TEXTS),
    st.builds(lambda raw: Value(bytes_value=raw), RAW),
    st.builds(
        lambda collection, name: Value(
            reference_value=f"projects/p/databases/d/documents/{collection}/{name}"
        ),
        SEGMENTS,
        SEGMENTS,
    ),
    st.builds(
        lambda lat, lng: Value(geo_point_value=LatLng(latitude=lat, longitude=lng)),
        st.floats(-90, 90),
        st.floats(-180, 180),
    ),
)
BSON = st.one_of(
    st.just(single("__min__", Value(null_value=0))),
    st.just(single("__max__", Value(null_value=0))),
    st.builds(
        lambda n: single("__int__", Value(integer_value=n)), st.integers(-(2**31), 2**31 - 1)
    ),
    st.builds(lambda text: single("__oid__", Value(string_value=text)), TEXTS),
    st.builds(
        lambda raw: single("__binary__", Value(bytes_value=raw)), st.binary(min_size=1, max_size=3)
    ),
    st.builds(bson_timestamp, st.integers(0, 3), st.integers(0, 3)),
    st.builds(regex, TEXTS, st.sampled_from(["", "i", "im"])),
)


def _nested(children):
    arrays = st.lists(children, max_size=3).map(
        lambda values: Value(array_value=ArrayValue(values=values))
    )
    names = st.sampled_from(["a", "b", "ab", "\0", "é"])
    maps = st.dictionaries(names, children, max_size=3).map(
        lambda fields: Value(map_value=MapValue(fields=fields))
    )
    return arrays | maps


VECTORS = st.lists(DOUBLES.filter(lambda n: n == n), max_size=3).map(vector)
VALUES = st.recursive(SCALARS | BSON | VECTORS, _nested, max_leaves=6)
