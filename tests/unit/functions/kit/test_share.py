"""The rule of quotas: never more; exactly the quota while no replica dies; then their leases fewer.

Each test runs worlds of 50 callers and 3 replicas around the edges of windows.
"""

import pytest

from functions.kit.contract.access.over_quota import Standing
from functions.kit.contract.access.quotas import Answer, Ask
from functions.kit.service.share import Share
from tests.support.quota_world import World

SEEDS = range(100)
FEWER = range(30)
UNTIL = 8.9
"""The world begins 0.7 s before a window's end, so this is 0.2 s into the third whole one."""


@pytest.mark.parametrize("limit", [5, 50])
def test_exactly_the_quota_while_no_replica_dies(limit: int) -> None:
    for seed in SEEDS:
        world = World(seed, limit)
        world.run(UNTIL)
        whole = sorted(world.used)[1:3]
        assert [world.used[window] for window in whole] == [limit, limit], seed
        assert world.too_early == 0, seed  # not one was refused that was left


def test_after_deaths_at_most_their_leases_fewer() -> None:
    lost = []
    for seed in SEEDS:
        world = World(seed, 50, deaths=3)
        world.run(UNTIL)
        for window in sorted(world.used)[1:3]:
            lost.append(world.lost(window))
            assert 50 - lost[-1] <= world.used[window] <= 50, seed
    assert sum(lost) > 50  # or nobody who died held anything


def test_a_call_of_many_rows_takes_all_or_none() -> None:
    for seed in FEWER:
        world = World(seed, 50, rows=7)
        world.run(UNTIL)
        for window in sorted(world.used)[1:3]:
            assert world.used[window] + world.least_refused[window] > 50, seed


def test_what_fails_is_given_back() -> None:
    for seed in FEWER:
        world = World(seed, 20, failing=0.3)
        world.run(UNTIL)
        for window in sorted(world.used)[1:3]:
            assert world.used[window] == 20, seed
        assert world.too_early == 0, seed


def test_lost_answers_give_nobody_more() -> None:
    for seed in FEWER:
        world = World(seed, 50, lossy=0.2, deaths=2)
        world.run(UNTIL)  # it asserts at each use


def test_a_ledger_s_clock_that_is_set_back_gives_nobody_more() -> None:
    for seed in FEWER:
        World(seed, 5, step_back=3).run(UNTIL)


def test_few_asks_a_window() -> None:
    world = World(1, 50)
    world.run(UNTIL)
    assert world.asked < 2 * 50


class Alone:
    """A share of 100 rows, and what it asked."""

    def __init__(self) -> None:
        self.asked: list[Ask] = []
        self.share = Share("one", 100, 60, self.asked.append)

    def granted(self, rows: int, at: float) -> None:
        """Answer the last ask; its window is 600 to 660, its lease a second."""
        ends = {"lease_ends": 1.0 if rows else 0.0, "window_ends": 50.0, "others_end": 0.0}
        ceiling = self.asked[-1].kept + rows
        answer = Answer(window=600, ceiling=ceiling, free=100 - ceiling, settled=True, **ends)
        self.share.settle(answer, at)


def test_what_is_unused_goes_back_when_nobody_calls_for_a_while() -> None:
    # Given a share that got four rows, of which it used one
    alone = Alone()
    assert next(alone.share.taking(1, lambda: 10.0)) > 0
    alone.granted(4, 10.01)
    assert alone.share.take(1, 10.02)
    alone.share.running -= 1
    # When nobody calls for a while
    assert alone.share.tend(10.2)
    assert len(alone.asked) == 1
    assert alone.share.tend(10.23)
    # Then three go back, and are not used any more
    assert (alone.asked[1].kept, alone.asked[1].open, alone.asked[1].wanted) == (1, False, 0)
    assert not alone.share.take(1, 10.24)
    alone.granted(0, 10.25)
    assert not alone.share.tend(10.3)


def test_a_lease_is_not_used_after_its_end() -> None:
    alone = Alone()
    assert next(alone.share.taking(1, lambda: 10.0)) > 0
    alone.granted(4, 10.5)  # the answer took its time, and the lease counts from before
    assert alone.share.take(1, 10.99)
    assert not alone.share.take(1, 11.0)


def test_where_an_account_stands() -> None:
    alone = Alone()
    assert alone.share.standing(10.0) == Standing(100, 100, 60)
    assert next(alone.share.taking(1, lambda: 10.0)) > 0
    alone.granted(4, 10.5)
    assert alone.share.take(3, 10.6)
    assert alone.share.standing(10.6) == Standing(100, 97, 50)
    assert alone.share.standing(60.4) == Standing(100, 97, 1)
