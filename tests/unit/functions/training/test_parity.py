"""When two predictions agree, and what is said when they do not."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from functions.training.learning.graph.parity import (
    TOLERANCE,
    Mismatch,
    Scale,
    compare,
    prove,
)

SURE = np.array([[0.2, 0.8], [0.9, 0.1], [0.6, 0.4]])


def test_the_same_agrees() -> None:
    found = prove(SURE, SURE.astype(np.float32))
    assert (found.rows, found.agree, found.ties) == (3, True, 0)
    assert found.max_difference < 1e-7


def test_a_mismatch_names_the_row_and_both_predictions() -> None:
    other = SURE.copy()
    other[1] = [0.89, 0.11]
    with pytest.raises(Mismatch, match=r"held-out row 2 of 3 gives \[0.89 0.11\].*0.01 apart"):
        prove(SURE, other)


def test_another_label_is_a_mismatch_unless_it_was_a_tie() -> None:
    tie = np.array([[0.5000001, 0.4999999]])
    found = compare(tie, tie[:, ::-1])
    assert (found.agree, found.ties) == (True, 1)
    near = np.array([[0.5 + 2 * TOLERANCE, 0.5 - 2 * TOLERANCE]])
    assert not compare(near, near[:, ::-1]).agree


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_what_is_no_number_never_agrees(broken: float) -> None:
    other = SURE.copy()
    other[2, 0] = broken
    found = compare(SURE, other)
    assert (found.agree, found.row) == (False, 2)


def test_numbers_are_compared_in_proportion() -> None:
    far = np.array([1e6, 2e6])
    assert compare(far, far + 1).agree
    assert not compare(far, far + 100).agree


def test_numbers_of_a_large_offset_are_held_to_their_spread() -> None:
    far = np.array([1_700_000_001.0, 1_700_000_003.0])
    scale = Scale(1_700_000_002.0, 2.0)
    assert not compare(far, far + 0.001, scale=scale).agree
    assert compare(far, far + 0.00001, scale=scale).agree


def test_unequal_shapes_are_no_comparison() -> None:
    with pytest.raises(ValueError, match="shapes"):
        compare(SURE, SURE[:2])
    with pytest.raises(ValueError, match="shapes"):
        compare(SURE[:0], SURE[:0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(-0.5, 0.5))
def test_agreement_means_within_the_tolerance(positive: list[float], shift: float) -> None:
    assume(abs(abs(shift) - TOLERANCE) > 1e-9)
    one = np.array([[1 - p, p] for p in positive])
    assert compare(one, one + shift).agree == (abs(shift) < TOLERANCE)
