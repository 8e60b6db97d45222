"""A rule goes ok → pending → firing → resolved, by what its last windows say and nothing else."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.monitoring.model.alerts.states import RuleState, Verdict, advance
from functions.monitoring.model.windows.measures import Point

NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
WORDS = st.lists(st.booleans(), min_size=1, max_size=40)
NEED = st.integers(1, 5)


def verdicts(word: str) -> list[Verdict]:
    """Return what windows say, one a letter: `x` out of order, `.` in order."""
    return [
        Verdict(
            Point(NOON + n * MINUTE, NOON + (n + 1) * MINUTE, 9, n, None, None, alarm=False),
            one == "x",
        )
        for n, one in enumerate(word)
    ]


def walked(word: str, need: int = 1, clear: int = 1) -> tuple[RuleState, list[str]]:
    """Look after each window; return the last state, and each status that it came to."""
    state = RuleState()
    statuses: list[str] = []
    for end in range(1, len(word) + 1):
        state, turns = advance(state, verdicts(word[:end]), need, clear, NOON)
        statuses += [turn.after for turn in turns]
    return state, statuses


@pytest.mark.parametrize(
    ("word", "need", "clear", "statuses"),
    [
        ("...", 1, 1, []),
        ("x", 1, 1, ["firing"]),
        (".x.", 1, 1, ["firing", "resolved"]),
        ("xx", 3, 1, ["pending"]),
        ("xx.", 3, 1, ["pending", "ok"]),
        ("xxx", 3, 1, ["pending", "firing"]),
        ("xx.xxx", 3, 1, ["pending", "ok", "pending", "firing"]),
        ("xxx.", 3, 1, ["pending", "firing", "resolved"]),
        ("xxx.x..", 3, 2, ["pending", "firing", "resolved"]),
        ("xxx..x.", 3, 2, ["pending", "firing", "resolved", "pending", "ok"]),
        ("x.x.x", 1, 2, ["firing"]),
        ("x..x", 1, 2, ["firing", "resolved", "firing"]),
    ],
)
def test_the_table(word: str, need: int, clear: int, statuses: list[str]) -> None:
    assert walked(word, need, clear)[1] == statuses


def test_what_is_needed_is_counted_in_a_row() -> None:
    state, _ = walked("xx.xx", 3)
    assert (state.status, state.run) == ("pending", 2)


@given(WORDS, NEED, NEED)
def test_the_same_windows_again_change_nothing(said: list[bool], need: int, clear: int) -> None:
    found = verdicts("".join(".x"[one] for one in said))
    state, _ = advance(RuleState(), found, need, clear, NOON)
    assert advance(state, found, need, clear, NOON + MINUTE) == (state, [])


@given(WORDS, NEED, NEED, st.data())
def test_looks_may_be_few_or_many(
    said: list[bool], need: int, clear: int, data: st.DataObject
) -> None:
    word = "".join(".x"[one] for one in said)
    first = data.draw(st.integers(1, len(word)))
    once, turns = advance(RuleState(), verdicts(word[:first]), need, clear, NOON)
    state, rest = advance(once, verdicts(word), need, clear, NOON)
    many, found = once, list(turns)
    for end in range(first, len(word) + 1):
        many, more = advance(many, verdicts(word[:end]), need, clear, NOON)
        found += more
    assert (many, found) == (state, turns + rest)


@given(WORDS, NEED, NEED)
def test_it_fires_after_so_many_and_stops_after_so_many(
    said: list[bool], need: int, clear: int
) -> None:
    word, firing = "", False
    state = RuleState()
    for one in said:
        word += ".x"[one]
        state, _ = advance(state, verdicts(word), need, clear, NOON)
        if word.endswith("x" * need):
            firing = True
        elif word.endswith("." * clear):
            firing = False
        assert state.is_firing == firing


def test_a_new_rule_fires_for_what_is_now_and_not_for_what_was() -> None:
    assert advance(RuleState(), verdicts("xxx.."), 3, 1, NOON)[1] == []
    _, [turn] = advance(RuleState(), verdicts("..xxx"), 3, 1, NOON)
    assert (turn.before, turn.after, turn.run) == ("ok", "firing", 3)


def test_a_late_label_corrects_the_last_window() -> None:
    state, _ = advance(RuleState(), verdicts(".x"), 1, 1, NOON)
    assert state.is_firing
    state, [turn] = advance(state, verdicts(".."), 1, 1, NOON)
    assert (turn.after, state.status) == ("resolved", "resolved")


def test_no_windows_say_nothing() -> None:
    assert advance(RuleState(), [], 1, 1, NOON) == (RuleState(), [])
