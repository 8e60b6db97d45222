"""A step from due to done, as a table; and a lease under every order of what may happen to it."""

import datetime as dt
import random
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from functions.kit.adapters.manual_clock import START
from functions.kit.contract import steps
from functions.kit.contract.steps import (
    FAILED_GRACE,
    GRACE,
    LEASE,
    LONGEST_FAILED_GRACE,
    LONGEST_GRACE,
    MOST_DEATHS,
    DueStep,
    Step,
)

STEP = Step("training", "/jobs/1/steps/candidates/0")
FRESH = steps.due(STEP, START)
HELD = replace(FRESH, holder="we", until=START + LEASE, look_at=START + LEASE)
LAPSED = START + LEASE

Act = Callable[[DueStep, dt.datetime], DueStep | None]


def by(change: Callable[[DueStep, str, dt.datetime], DueStep | None], holder: str = "we") -> Act:
    return lambda found, now: change(found, holder, now)


def by_mark(holder: str) -> Act:
    return lambda found, now: steps.count_death(found, holder, "row 1", now)


@pytest.mark.parametrize(
    ("found", "act", "now", "expected"),
    [
        (FRESH, by(steps.take), START, HELD),
        (HELD, by(steps.take, "they"), START, None),
        (HELD, by(steps.take), START, HELD),  # the write whose answer was lost, made again
        (HELD, by(steps.take, "they"), LAPSED, ("they", LEASE + LEASE)),
        (HELD, by_mark("they"), LAPSED, None),
        (HELD, by(steps.renew), START + LEASE / 2, ("we", LEASE / 2 + LEASE)),
        (HELD, by(steps.renew), LAPSED + LEASE, ("we", LEASE * 3)),  # late, but nobody else came
        (HELD, by(steps.renew, "they"), START, None),
        (FRESH, by(steps.renew), START, None),
        (HELD, by(steps.give_back), START, ("", GRACE)),
        (HELD, by(steps.give_back, "they"), START, None),
        (HELD, by(steps.fail), START, ("", FAILED_GRACE)),
        (replace(HELD, failures=3), by(steps.fail), START, ("", FAILED_GRACE * 8)),
        (replace(HELD, failures=99), by(steps.fail), START, ("", LONGEST_FAILED_GRACE)),
        (HELD, by(steps.fail, "they"), START, None),
        (FRESH, steps.ask, START + GRACE / 2, None),
        (FRESH, steps.ask, START + GRACE, ("", GRACE + GRACE)),
        (replace(FRESH, asked=2), steps.ask, START + GRACE, ("", GRACE + 4 * GRACE)),
        (replace(FRESH, asked=99), steps.ask, START + GRACE, ("", GRACE + LONGEST_GRACE)),
        (HELD, steps.ask, START, None),
        (HELD, steps.ask, LAPSED, ("we", LEASE + GRACE)),
        (FRESH, steps.not_asked, START, None),
        (replace(FRESH, asked=1), steps.not_asked, START, ("", GRACE)),
        (replace(FRESH, asked=9), steps.not_asked, START, ("", GRACE)),
        (replace(HELD, asked=1), steps.not_asked, START, None),
        (replace(HELD, asked=1), steps.not_asked, LAPSED, ("we", LEASE + GRACE)),
        (FRESH, steps.resume, START, ("", GRACE)),
        (HELD, steps.resume, START, None),
        (HELD, steps.resume, LAPSED, ("we", LEASE + GRACE)),
    ],
)
def test_what_becomes_of_a_step(
    found: DueStep,
    act: Act,
    now: dt.datetime,
    expected: DueStep | tuple[str, dt.timedelta] | None,
) -> None:
    after = act(found, now)
    if expected is None or isinstance(expected, DueStep):
        assert after == expected
        return
    assert after is not None
    assert (after.holder, after.look_at - START) == expected


def test_counts_begin_anew_where_a_step_gets_on() -> None:
    worn = replace(FRESH, asked=5, failures=5)
    taken = steps.take(worn, "we", START)
    assert taken is not None
    assert (taken.asked, taken.failures) == (0, 5)
    left = steps.give_back(taken, "we", START)
    assert left is not None
    assert left.failures == 0


def inherited(found: DueStep, holder: str, now: dt.datetime) -> bool:
    taken = steps.take(found, holder, now)
    assert taken is not None
    again = steps.take(taken, holder, now)  # the write whose answer was lost, made again
    assert again is not None
    assert taken.is_inherited == again.is_inherited
    return taken.is_inherited


def test_a_step_is_inherited_from_who_neither_gave_it_back_nor_failed() -> None:
    assert not inherited(FRESH, "we", START)
    assert inherited(HELD, "they", LAPSED)
    for left in (steps.give_back(HELD, "we", START), steps.fail(HELD, "we", START)):
        assert left is not None
        assert not inherited(left, "they", START)


def test_deaths_are_counted_where_nothing_gets_further() -> None:
    found, counts = HELD, []
    for mark in ("row 0", "row 0", "row 9", "row 9", "row 9"):
        after = steps.count_death(found, "we", mark, START)
        assert after is not None
        found = after
        counts.append(found.deaths)
    assert counts == [1, 2, 1, 2, 3]


def test_a_step_that_kills_and_has_to_end_is_looked_for_ever_more_rarely() -> None:
    found, waits = HELD, []
    for _ in range(MOST_DEATHS + 9):
        after = steps.count_death(found, "we", "row 0", START)
        assert after is not None
        renewed = steps.renew(after, "we", START)  # while it is worked at
        assert renewed is not None
        assert renewed.until == LAPSED
        found = renewed
        waits.append(found.look_at - START)
    assert waits[:MOST_DEATHS] == [LEASE] * MOST_DEATHS
    assert waits[MOST_DEATHS : MOST_DEATHS + 2] == [2 * LEASE, 4 * LEASE]
    assert waits[-1] == LONGEST_GRACE
    taken = steps.take(found, "they", LAPSED)
    assert taken is not None
    assert taken.look_at == LAPSED + LEASE


def test_a_step_s_name_can_be_a_document_s() -> None:
    assert STEP.id == "jobs:1:steps:candidates:0"


def test_a_hint_that_no_queue_took_does_not_count() -> None:
    found = replace(FRESH, asked=3)
    asked = steps.ask(found, START + GRACE)
    assert asked is not None
    taken_back = steps.not_asked(asked, START + GRACE)
    assert taken_back == replace(found, look_at=START + 2 * GRACE)


LOOKS = (steps.ask, steps.not_asked, steps.resume)


@pytest.mark.parametrize("seed", range(50))
def test_at_every_moment_one_at_most_has_a_lease_and_nobody_is_forgotten(seed: int) -> None:
    """However calls of several holders and lookers fall, what is kept stays sound."""
    chance = random.Random(seed)
    kept, now = FRESH, START
    lease: tuple[str, dt.datetime] = ("", START)  # whose `take` was the last to succeed
    for _ in range(200):
        now += dt.timedelta(seconds=chance.choice([0.0, 0.1, 3.0, 16.0]))
        holder = chance.choice("abc")
        change = chance.choice([steps.take, steps.renew, steps.give_back, steps.fail])
        act = chance.choice([by(change, holder), by(change, holder), *LOOKS])
        after = act(kept, now)
        if after is None:
            continue
        if change is steps.take and after.holder == holder != kept.holder:
            assert now >= lease[1] or kept.until is None, "a lease that lasts was given away"
        if after.until is not None:
            lease = (after.holder, after.until)
        assert after.look_at > now, "it would be asked for again at once"
        assert after.look_at - now <= LONGEST_GRACE, "it would be forgotten"
        assert (after.holder == "") == (after.until is None)
        kept = after
