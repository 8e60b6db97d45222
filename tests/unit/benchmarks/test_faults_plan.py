"""The plan of a fault run: repeatable, in time, each kind and victim, and no crash loop."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.faults.plan import KINDS, MOST_IN_WINDOW, VICTIMS, WINDOW, Kind, plan

seeds = st.integers(0, 10**6)


@given(seeds, st.integers(1, 80), st.floats(10, 600))
def test_faults_come_in_order_within_the_time(seed: int, count: int, seconds: float) -> None:
    moments = [fault.at for fault in plan(seed, KINDS, count, seconds)]
    assert moments == sorted(moments)
    assert all(0 < at <= seconds for at in moments)
    assert len(moments) <= count


@given(seeds)
def test_a_seed_gives_one_plan(seed: int) -> None:
    assert plan(seed, KINDS, 20, 60) == plan(seed, KINDS, 20, 60)


@given(seeds)
def test_every_kind_comes_and_every_victim(seed: int) -> None:
    faults = plan(seed, KINDS, 24, 300)
    assert {fault.kind for fault in faults} == set(KINDS)
    killed = plan(seed, ["kill"], len(VICTIMS), 300)
    assert {fault.victim for fault in killed} == set(VICTIMS)


@given(seeds, st.integers(1, 200))
def test_no_part_is_killed_into_a_crash_loop(seed: int, count: int) -> None:
    faults = plan(seed, ["kill"], count, 120)
    for fault in faults:
        same = [each for each in faults if each.victim == fault.victim]
        assert sum(0 <= fault.at - each.at < WINDOW for each in same) <= MOST_IN_WINDOW


@given(seeds)
def test_a_disk_is_filled_and_a_clock_set_once_at_a_time(seed: int) -> None:
    faults = plan(seed, ["disk", "clock"], 60, 60)
    for kind in ("disk", "clock"):
        same = [fault for fault in faults if fault.kind == kind]
        assert all(each.at + each.lasts <= after.at for each, after in pairwise(same))


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_says_what_it_is(kind: Kind) -> None:
    [fault] = plan(1, [kind], 1, 10)
    told = {"kill": "kill -9 of", "stop": "stopped for", "disk": "disk full", "clock": "clock"}
    assert told[kind] in str(fault)
