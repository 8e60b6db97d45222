"""The checker of histories accepts what a register does, and refuses what none does."""

import itertools
import math
from collections.abc import Hashable, Sequence
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.faults import linearizable
from benchmarks.faults.linearizable import Kind, Operation, UndecidedError, violation

UNKNOWN = math.inf


def read(called: float, returned: float, value: Hashable) -> Operation:
    return Operation("read", called, returned, value)


def cas(
    called: float, returned: float, expected: Hashable, value: Hashable, *, refused: bool = False
) -> Operation:
    return Operation("cas", called, returned, value, expected, refused)


def write(called: float, returned: float, value: Hashable) -> Operation:
    return Operation("write", called, returned, value)


def by_trying_all(history: Sequence[Operation], initial: Hashable) -> bool:
    """Wing and Gong's definition itself: is there an order, of all that returned and of any of
    the rest, that keeps to time and gives each its answer?"""
    known = [each for each in history if each.returned < UNKNOWN]
    unknown = [each for each in history if each.returned == UNKNOWN]
    return any(
        explains(order, initial)
        for count in range(len(unknown) + 1)
        for some in itertools.combinations(unknown, count)
        for order in itertools.permutations([*known, *some])
    )


def explains(order: Sequence[Operation], value: Hashable) -> bool:
    for later, each in enumerate(order):
        if any(after.returned < each.called for after in order[later + 1 :]):
            return False
        if each.kind == "read" and each.value != value:
            return False
        if each.kind == "cas" and (each.expected == value) == each.refused:
            return False
        if each.kind != "read" and not each.refused:
            value = each.value
    return True


values = st.integers(0, 2)


@st.composite
def any_operation(draw: st.DrawFn) -> Operation:
    kind: Kind = draw(st.sampled_from(get_args(Kind)))
    called = draw(st.integers(0, 8))
    returned = draw(st.one_of(st.integers(called, 9), st.just(UNKNOWN)))
    refused = kind == "cas" and returned < UNKNOWN and draw(st.booleans())
    return Operation(kind, called, returned, draw(values), draw(values), refused)


@given(st.lists(any_operation(), max_size=6), values)
def test_it_agrees_with_the_definition(history: list[Operation], initial: int) -> None:
    assert (violation(history, initial) is None) == by_trying_all(history, initial)


@st.composite
def real_history(draw: st.DrawFn) -> list[Operation]:
    """Return what callers of a real register saw: each effect lies between call and return."""
    register, history = 0, []
    for moment in range(draw(st.integers(1, 60))):
        called = moment - draw(st.floats(0, 4))
        returned = moment + draw(st.floats(0, 4))
        kind = draw(st.sampled_from(["read", "write", "cas", "lost"]))
        expected = draw(st.sampled_from([register, -1]))
        if kind == "read":
            history.append(read(called, returned, register))
        elif kind == "write":
            register = moment + 1
            history.append(write(called, returned, register))
        else:
            fits = expected == register
            arrives = kind == "cas" or draw(st.booleans())
            end = returned if kind == "cas" else UNKNOWN
            refused = kind == "cas" and not fits
            history.append(cas(called, end, expected, moment + 1, refused=refused))
            register = moment + 1 if fits and arrives else register
    return draw(st.permutations(history))


@given(real_history())
def test_what_a_register_does_is_accepted(history: list[Operation]) -> None:
    assert violation(history, 0) is None


@given(real_history())
def test_a_lost_update_in_a_real_history_is_refused(history: list[Operation]) -> None:
    end = max(each.called for each in history) + 10
    seeded = [cas(end, end + 1, 99, 100), cas(end + 2, end + 3, 99, 101)]
    before = write(end - 1, end - 0.5, 99)
    assert violation([*history, before, *seeded], 0) == seeded[1]


@given(real_history())
def test_a_stale_read_after_an_acknowledged_write_is_refused(history: list[Operation]) -> None:
    end = max(each.called for each in history) + 10
    seeded = [write(end, end + 1, 99), write(end + 2, end + 3, 100), read(end + 4, end + 5, 99)]
    assert violation([*history, *seeded], 0) == seeded[2]


def test_an_effect_that_comes_twice_is_refused() -> None:
    doubled = [write(0, UNKNOWN, 1), read(1, 2, 1), cas(3, 4, 1, 2), read(5, 6, 1)]
    assert violation(doubled, 0) == doubled[3]


def test_an_effect_before_its_call_is_refused() -> None:
    early = [read(0, 1, 7), write(2, 3, 7)]
    assert violation(early, 0) == early[0]


def test_a_refusal_without_a_reason_is_refused() -> None:
    refusal = cas(0, 1, 0, 1, refused=True)
    assert violation([refusal], 0) == refusal


def test_an_unknown_outcome_may_come_late_or_never() -> None:
    late = [cas(0, UNKNOWN, 0, 1), read(1, 2, 0), read(3, 4, 1)]
    never = [cas(0, UNKNOWN, 0, 1), cas(1, 2, 0, 2), read(3, 4, 2)]
    assert violation(late, 0) is None
    assert violation(never, 0) is None


def test_two_at_once_cannot_both_win() -> None:
    both = [cas(0, 5, 0, 1), cas(1, 6, 0, 2)]
    assert violation(both, 0) == both[1]


def test_a_long_history_with_many_unknown_outcomes_is_decided() -> None:
    history = []
    for number in range(2_000):
        history.append(cas(4 * number, 4 * number + 3, number, number + 1))
        if number % 5 == 0:
            history.append(cas(4 * number + 1, UNKNOWN, number, -number - 1))
        history.append(read(4 * number + 3.2, 4 * number + 3.5, number + 1))
    assert violation(history, 0) is None
    assert violation([*history, read(9_000, 9_001, 1_999)], 0) == read(9_000, 9_001, 1_999)


def test_too_many_possibilities_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linearizable, "MOST_STATES", 100)
    history = [write(0, UNKNOWN, number) for number in range(20)]
    with pytest.raises(UndecidedError):
        violation([*history, read(1, 2, 0)], None)
