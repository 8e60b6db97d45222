"""Chance rolls nothing back, what is worse is; and what is told twice counts once."""

import datetime as dt
import math
import random
from uuid import uuid4

import pytest

from functions.kit.contract.models.traffic import Bounds, Counted, Tally, Traffic
from functions.kit.contract.telemetry.durations import GROWTH, bucket, quantile
from functions.models.model.counting import REMEMBERED, Sums, with_counted
from functions.models.model.evidence import proves
from functions.models.model.rollbacks import breach, is_slower

NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
TRAFFIC = Traffic(
    id="t",
    champion=1,
    shares={1: 80, 2: 20},
    shadows=[3],
    slots=[1] * 80 + [2] * 20,
    bounds=Bounds(errors=0.02, latency=1.5, least_calls=200),
    by="ann",
    at=NOON,
)


def calls(seconds: float, count: int, errors: int = 0, rows: int = 1) -> Tally:
    """Return a tally of so many calls, all of them as long."""
    return Tally(calls=count, errors=errors, times={bucket(rows, seconds): count - errors})


def looks_until_proved(rng: random.Random, share: float, bound: float, most: int) -> int | None:
    """Look after every ten calls whether more than `bound` fail, of which `share` do."""
    failed = 0
    for made in range(10, most + 1, 10):
        failed += sum(rng.random() < share for _ in range(10))
        if proves(failed, made, bound, 0.01):
            return made
    return None


def test_chance_proves_nothing_however_often_one_looks() -> None:
    """At a level of 1 %, a handful of 300 walks may err, each of 200 looks at the very bound."""
    rng = random.Random(1)
    alarms = sum(looks_until_proved(rng, 0.02, 0.02, 2000) is not None for _ in range(300))
    assert alarms <= 300 * 0.01 + 3 * math.sqrt(300 * 0.01 * 0.99)


@pytest.mark.parametrize(("share", "most"), [(0.05, 2000), (0.1, 400), (0.5, 60), (1.0, 20)])
def test_what_is_worse_is_proved_soon(share: float, most: int) -> None:
    rng = random.Random(2)
    assert all(looks_until_proved(rng, share, 0.02, most) for _ in range(30))


def test_without_room_for_errors_few_prove_it() -> None:
    assert proves(1, 1000, 0.0, 0.001)
    assert not proves(0, 1_000_000, 0.0, 0.01)


def lasting(rng: random.Random, factor: float, count: int) -> dict[int, int]:
    """Return times of calls as they are: skewed, a few of them very long."""
    times: dict[int, int] = {}
    for _ in range(count):
        place = bucket(1, 1e-4 * factor * rng.lognormvariate(0, 0.7))
        times[place] = times.get(place, 0) + 1
    return times


def test_chance_slows_nothing() -> None:
    rng = random.Random(3)
    for _ in range(50):
        champion, challenger = Tally(), Tally()
        for _ in range(20):
            champion.add(Tally(times=lasting(rng, 1.0, 80)))
            challenger.add(Tally(times=lasting(rng, 1.5, 20)))
            assert not is_slower(challenger.times, champion.times, 1.5)


def test_what_is_slower_is_seen() -> None:
    rng = random.Random(4)
    for _ in range(20):
        champion, challenger = lasting(rng, 1.0, 1600), lasting(rng, 3.0, 400)
        assert is_slower(challenger, champion, 1.5)


def test_larger_calls_are_not_slower_calls() -> None:
    """By chance the one whose caller sends a thousand rows sticks to the challenger."""
    champion, challenger = calls(1e-4, 1000), calls(1e-2, 1000, rows=1000)
    assert not is_slower(challenger.times, champion.times, 1.5)
    champion.add(calls(2e-3, 300, rows=1000))
    assert is_slower(challenger.times, champion.times, 1.5)


def test_a_breach_is_told_in_words() -> None:
    tallies = {1: calls(1e-3, 2000, errors=200), 2: calls(1e-3, 1000, errors=52)}
    told = "rolled back: version 2 failed in 5.2 % of 1,000 calls; the bound is 2 %"
    assert breach(TRAFFIC, tallies) == told
    tallies = {1: calls(1e-3, 2000), 2: calls(4e-3, 500)}
    told = breach(TRAFFIC, tallies) or ""
    assert told.startswith("rolled back: version 2 took 4.")
    assert told.endswith("(medians); the bound is 1.5 times as long")


@pytest.mark.parametrize(
    "tallies",
    [
        {},
        {1: calls(1e-3, 2000, errors=2000)},
        {1: calls(1e-3, 2000), 2: calls(1e-3, 500, errors=12)},
        {1: calls(1e-3, 2000), 2: calls(1.4e-3, 500)},
        {1: calls(1e-3, 2000), 2: calls(1.0, 199, errors=199)},
        {1: calls(1e-3, 2000), 3: calls(1.0, 5000, errors=2000)},
        {2: calls(1.0, 5000)},
    ],
    ids=["nothing", "champion", "by chance", "within", "few calls", "shadow", "no champion"],
)
def test_nothing_is_rolled_back_for_less(tallies: dict[int, Tally]) -> None:
    assert breach(TRAFFIC, tallies) is None


def test_a_quantile_is_right_within_a_bucket() -> None:
    rng = random.Random(5)
    seconds = sorted(rng.lognormvariate(-7, 1) for _ in range(999))
    times: dict[int, int] = {}
    for one in seconds:
        times[bucket(1, one)] = times.get(bucket(1, one), 0) + 1
    for share in (0.5, 0.95):
        true = seconds[math.ceil(share * 999) - 1]
        assert true <= (quantile(times, share) or 0) <= true * GROWTH
    assert quantile({}, 0.5) is None


def counted(replica: str, number: int, traffic: str = "t") -> Counted:
    return Counted(replica, number, traffic, {2: calls(1e-3, 10, errors=1)})


def test_what_is_told_twice_counts_once() -> None:
    one, other = uuid4().hex, uuid4().hex
    sums: Sums | None = None
    for told in (counted(one, 1), counted(one, 1), counted(other, 1), counted(one, 7)):
        sums = with_counted(sums, told, NOON) or sums
    assert sums is not None
    assert (sums.tallies[2].calls, sums.tallies[2].errors) == (30, 3)
    assert with_counted(sums, counted(one, 7), NOON) is None
    assert with_counted(sums, counted(one, 6), NOON) is None


def test_other_traffic_begins_anew_and_old_replicas_are_forgotten() -> None:
    one, other = uuid4().hex, uuid4().hex
    sums = with_counted(None, counted(one, 1), NOON)
    later = with_counted(sums, counted(other, 1), NOON + REMEMBERED + dt.timedelta(seconds=1))
    assert later is not None
    assert list(later.replicas) == [other]
    anew = with_counted(sums, counted(one, 1, "t2"), NOON)
    assert anew is not None
    assert (anew.traffic, anew.tallies[2].calls) == ("t2", 10)
