"""Is the history of one register with compare-and-set linearizable?

Just-in-time linearization (G. Lowe, "Testing for linearizability", 2017, after J. M. Wing and
C. Gong, 1993): the calls and returns are gone through in the order of time, with every state that
the register may be in. An operation takes effect at the latest when its return is met; those that
are pending may take theirs before it. Two ways that led to the same state, with the same operations
done, are one (memoisation). A history is linearizable as long as one state is left.
"""

import math
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["read", "write", "cas"]
# More states than this at one moment: the answer would not come within the time of a test.
MOST_STATES = 200_000


@dataclass(frozen=True)
class Operation:
    """One operation on the register, as its caller saw it.

    Attributes:
        kind: what was asked for.
        called: when, in seconds of a clock that never goes back.
        returned: when the answer came; infinity where none came, or one that leaves open whether
            it was done: then it took effect once at any time after the call, or never.
        value: what a read gave; what a write or cas was to store.
        expected: what a cas was to find.
        refused: whether a cas was told that it found something else.
    """

    kind: Kind
    called: float
    returned: float
    value: Hashable
    expected: Hashable = None
    refused: bool = False


class UndecidedError(Exception):
    """There are too many possible states to go through."""


@dataclass(frozen=True)
class _State:
    """What the register may hold, and which pending operations have then been done."""

    value: Hashable
    done: frozenset[int]


def violation(history: Iterable[Operation], initial: Hashable) -> Operation | None:
    """Return the first operation whose answer no order explains; None if the history is right.

    Raises:
        UndecidedError: too many operations of unknown outcome at the same time.
    """
    operations = list(history)
    states = {_State(initial, frozenset())}
    pending: set[int] = set()
    for number, returns in _events(operations):
        if not returns:
            pending.add(number)
            continue
        explained = {state for state in _reach(states, pending, operations) if number in state.done}
        if not explained:
            return operations[number]
        pending.discard(number)
        states = {_State(state.value, state.done - {number}) for state in explained}
    return None


def _events(operations: list[Operation]) -> Iterator[tuple[int, bool]]:
    """Yield each call and return, by number, in the order of time; at one moment calls first."""
    calls = [(each.called, False, number) for number, each in enumerate(operations)]
    returns = [
        (each.returned, True, number)
        for number, each in enumerate(operations)
        if each.returned < math.inf
    ]
    for _, is_return, number in sorted(calls + returns):
        yield number, is_return


def _reach(states: set[_State], pending: set[int], operations: list[Operation]) -> set[_State]:
    """Return the states that pending operations, in whatever order, lead to."""
    found, fresh = set(states), list(states)
    while fresh:
        state = fresh.pop()
        for number in pending - state.done:
            if not _possible(operations[number], state.value):
                continue
            after = _State(_after(operations[number], state.value), state.done | {number})
            if after not in found:
                found.add(after)
                fresh.append(after)
        if len(found) > MOST_STATES:
            raise UndecidedError(f"more than {MOST_STATES} possible states at one moment")
    return found


def _possible(operation: Operation, value: Hashable) -> bool:
    """Tell whether a register with this value gives the answer that was seen."""
    match operation.kind:
        case "read":
            return value == operation.value
        case "write":
            return True
        case "cas":
            return (value == operation.expected) != operation.refused


def _after(operation: Operation, value: Hashable) -> Hashable:
    changes = operation.kind != "read" and not operation.refused
    return operation.value if changes else value
