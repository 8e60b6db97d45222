"""References: rows of then in bins and words, into which rows of now are counted alike."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.contract.models.reference import (
    BINS,
    MOST_WORDS,
    ColumnReference,
    Numbers,
    Reference,
    Unreadable,
    counted,
    from_bytes,
    numbers_of,
    words_of,
)

MANY = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=300)


def binned(values: list[float]) -> Numbers:
    found = numbers_of(np.array(values, np.float64))
    assert found is not None
    return found


@given(MANY)
def test_any_numbers_are_binned_and_come_back_as_they_were(values: list[float]) -> None:
    found = binned(values)
    assert sum(found.counts) == len(values)
    assert len(found.counts) == len(found.edges) + 1 <= BINS
    assert found.edges == sorted(set(found.edges))
    assert (found.low, found.high) == (min(values), max(values))
    assert found.low <= found.mean <= found.high
    assert math.isfinite(found.std)
    assert counted(found.edges, np.array(values)).tolist() == found.counts
    whole = Reference(len(values), [ColumnReference("a", "number", len(values), 0, found)])
    assert from_bytes(whole.to_bytes()) == whole


@given(st.lists(st.integers(-5, 5), min_size=1))
def test_few_different_numbers_have_a_bin_each(values: list[int]) -> None:
    found = binned([*map(float, values)])
    assert found.counts == [values.count(one) for one in sorted(set(values))]


def test_bins_of_many_numbers_hold_alike_many() -> None:
    found = binned(np.random.default_rng(1).lognormal(size=64_000).tolist())
    assert len(found.counts) == BINS
    assert max(found.counts) - min(found.counts) <= 2


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf, -math.inf, math.nan]])
def test_no_numbers_have_no_bins(values: list[float]) -> None:
    assert numbers_of(np.array(values, np.float64)) is None


def test_words_are_counted_the_frequent_ones_by_themselves() -> None:
    few = words_of(["b", "a", "c"], [2, 2, 1])
    assert (few.counts, few.rest, few.once, few.is_whole) == ({"a": 2, "b": 2, "c": 1}, 0, 1, True)
    many = words_of([f"w{n}" for n in range(MOST_WORDS + 5)], [1] * 5 + [3] * MOST_WORDS)
    assert (len(many.counts), many.rest, many.once, many.is_whole) == (MOST_WORDS, 5, 5, False)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"{}", b'{"rows": 1, "columns": [], "format": 9}',
     (b'{"rows": 1, "columns": [], "values": {"edges": [1.0], "counts": [1], "low": 0, "high": 1,'
     b' "mean": 0, "std": 0, "sample": []}}'),
     b'{"rows": 2, "columns": [], "sample": {"a": [1, 2], "b": [1]}}'],
)  # fmt: skip
def test_what_is_no_reference_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(Unreadable, match="Not a reference"):
        from_bytes(data)
