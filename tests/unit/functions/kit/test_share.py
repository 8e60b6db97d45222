"""The rule of quotas: never more; exactly the quota while no replica dies; then their leases fewer.

Each test runs worlds of 50 callers and 3 replicas around the edges of windows.
"""

import pytest

from tests.support.quota_world import World

SEEDS = range(100)
UNTIL = 8.9
"""The world begins 0.7 s before a window's end, so this is 0.2 s into the third whole one."""


@pytest.mark.parametrize("limit", [5, 50])
def test_exactly_the_quota_while_no_replica_dies(limit: int) -> None:
    for seed in SEEDS:
        world = World(seed, limit)
        world.run(UNTIL)
        whole = sorted(world.used)[1:3]
        assert [world.used[window] for window in whole] == [limit, limit], seed


def test_after_deaths_at_most_their_leases_fewer() -> None:
    for seed in SEEDS:
        world = World(seed, 50, deaths=3)
        world.run(UNTIL)
        for window in sorted(world.used)[1:3]:
            assert 50 - world.lost(window) <= world.used[window] <= 50, seed


def test_a_call_of_many_rows_takes_all_or_none() -> None:
    for seed in SEEDS:
        world = World(seed, 50, rows=7)
        world.run(UNTIL)
        for window in sorted(world.used)[1:3]:
            assert world.used[window] + world.least_refused[window] > 50, seed


def test_what_fails_is_given_back() -> None:
    for seed in SEEDS:
        world = World(seed, 20, failing=0.3)
        world.run(UNTIL)
        for window in sorted(world.used)[1:3]:
            assert world.used[window] == 20, seed


def test_lost_answers_give_nobody_more() -> None:
    for seed in SEEDS:
        world = World(seed, 50, lossy=0.2, deaths=2)
        world.run(UNTIL)  # it asserts at each use


def test_a_ledger_s_clock_that_is_set_back_gives_nobody_more() -> None:
    for seed in SEEDS:
        World(seed, 5, step_back=3).run(UNTIL)


def test_few_asks_a_window() -> None:
    world = World(1, 50)
    world.run(UNTIL)
    assert world.asked < 2 * 50
