"""Which filters stand together, as Google's "Query limitations" have it.

"You can use at most one array-contains clause per disjunction (or group). You can't combine
array-contains with array-contains-any in the same disjunction." An array-contains-any is a
disjunction of array-contains itself, so that two of them are no better.
"""

import time

import pytest
from google.cloud.firestore_v1.base_query import And, FieldFilter, Or

from emulators.firestore.model.errors import InvalidArgumentError
from tests.unit.emulators.firestore.declared import C, compiled

TEXT = "A maximum of 1 'ARRAY_CONTAINS' filter is allowed per disjunction."
MANY = list(range(15))


def has(field, value=1):
    return FieldFilter(field, "array_contains", value)


def has_any(field, values=(1, 2)):
    return FieldFilter(field, "array_contains_any", list(values))


def is_in(field, values):
    return FieldFilter(field, "in", values)


EQUAL = FieldFilter("e", "==", 1)


@pytest.mark.parametrize(
    "filters",
    [
        And([has("a"), has("b")]),
        And([has("a"), has("a", 2)]),
        And([has("a"), has_any("b")]),
        And([has("a"), has_any("a")]),
        And([has_any("a"), has_any("b")]),
        And([has("a"), EQUAL, And([EQUAL, has("b")])]),
        And([has("a"), Or([EQUAL, has("b")])]),
        And([Or([EQUAL, has("a")]), Or([EQUAL, has_any("b")])]),
        And([has("a"), has_any("b", [None])]),
        And([has("a"), has("b"), is_in("e", [None])]),
    ],
)
def test_two_array_filters_in_one_disjunction_are_refused(filters):
    with pytest.raises(InvalidArgumentError) as refused:
        compiled(C.where(filter=filters))
    assert str(refused.value) == TEXT


@pytest.mark.parametrize(
    ("filters", "alternatives"),
    [
        (And([has("a"), EQUAL, is_in("b", [1, 2])]), 1),
        (And([has_any("a"), EQUAL, is_in("b", [1, 2])]), 1),
        (Or([has("a"), has("b")]), 2),
        (Or([has("a"), has_any("b"), has_any("d")]), 3),
        (And([EQUAL, Or([has("a"), has_any("b")])]), 2),
        (Or([And([has("a"), EQUAL]), And([has_any("a"), EQUAL])]), 2),
    ],
)
def test_one_array_filter_in_each_disjunction_is_answered(filters, alternatives):
    assert len(compiled(C.where(filter=filters)).where.alternatives()) == alternatives


@pytest.mark.parametrize(
    "filters",
    [
        And([is_in("a", MANY), is_in("b", [1, 2, 3])]),
        And([is_in("z", [None]), *[Or([EQUAL, has("a")])] * 5]),
        And([is_in("z", [None]), *[Or([EQUAL, FieldFilter("f", "==", 1)])] * 60]),
    ],
)
def test_what_cannot_pass_is_counted_and_takes_no_time(filters):
    """An `in` of nothing but null has no value that passes; the rest may still be without end."""
    started = time.process_time()
    with pytest.raises(InvalidArgumentError):
        compiled(C.where(filter=filters))
    assert time.process_time() - started < 1.0
