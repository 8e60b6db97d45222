from decimal import Decimal

import pytest
from google.cloud.firestore_v1.order import Order
from hypothesis import given
from hypothesis import strategies as st

from emulators.firestore.model.encoding import descending, encode
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.protocol import Value
from tests.unit.emulators.firestore.values import NUMBERS, VALUES, single


def sign(left, right):
    return (left > right) - (left < right)


@given(VALUES, VALUES)
def test_codes_sort_as_the_official_client_sorts_values(left, right):
    assert sign(encode(left), encode(right)) == Order.compare(left, right)


@given(NUMBERS, NUMBERS)
def test_numbers_of_both_kinds_sort_exactly(left, right):
    assert sign(encode(left), encode(right)) == Order.compare(left, right)


@given(VALUES, VALUES)
def test_no_code_begins_another(left, right):
    one, other = encode(left), encode(right)
    assert one == other or not other.startswith(one)


@given(VALUES, VALUES)
def test_descending_codes_sort_the_other_way_round(left, right):
    assert sign(descending(encode(left)), descending(encode(right))) == -sign(
        encode(left), encode(right)
    )


@given(VALUES, VALUES, VALUES, VALUES)
def test_joined_codes_compare_column_by_column(a, b, c, d):
    joined = sign(encode(a) + encode(b), encode(c) + encode(d))
    assert joined == (Order.compare(a, c) or Order.compare(b, d))


DECIMALS = st.decimals(allow_nan=False, allow_infinity=True, places=3) | st.sampled_from(
    [Decimal("1e400"), Decimal("-1e400"), Decimal("1e-400"), Decimal("0.1"), Decimal(2**63)]
)


def decimal_value(number):
    return single("__decimal128__", Value(string_value=str(number)))


@given(DECIMALS, DECIMALS)
def test_decimals_sort_exactly(left, right):
    assert sign(encode(decimal_value(left)), encode(decimal_value(right))) == sign(left, right)


@given(DECIMALS, st.integers(-(2**63), 2**63 - 1))
def test_decimals_sort_among_integers(left, right):
    codes = sign(encode(decimal_value(left)), encode(Value(integer_value=right)))
    assert codes == sign(left, right)


def test_ids_with_numbers_sort_first_and_by_number():
    names = ["__id-3__", "__id7__", "__id10__", "A", "a"]
    codes = [
        encode(Value(reference_value=f"projects/p/databases/d/documents/c/{name}"))
        for name in names
    ]
    assert codes == sorted(codes)


def test_a_value_without_type_is_refused():
    with pytest.raises(InvalidArgumentError, match="no type"):
        encode(Value())
