"""The capacity simulator: laws that any queue keeps, and what more load and no load come to."""

import itertools

import msgspec
import numpy as np
import pytest

from benchmarks.capacity import calls, reality, scenarios
from benchmarks.capacity.inputs import read_figures, read_platforms
from benchmarks.capacity.outcome import MONTH, Work, answering, dollars
from benchmarks.capacity.queueing import Replicas
from benchmarks.capacity.simulation import Simulation
from benchmarks.capacity.traffic import Rate, burst, steady
from benchmarks.capacity.work import Workload

PLATFORMS = read_platforms().platform
QUEUED = [name for name, platform in PLATFORMS.items() if platform.rule != "call"]
TAKES = 0.004
WORK = Workload([TAKES * share / 10 for share in range(21)], [1.0, 1.5, 2.0])
SEED = 7


def simulated(name, rate, seconds=60.0, *, workload=WORK, warm=True, rates=None, **changes):
    platform = msgspec.structs.replace(PLATFORMS[name], **changes)
    rng = np.random.default_rng(SEED)
    traffic = Rate(rates or steady(rate), rng)
    return Simulation(platform, workload, traffic, rate, rng).run(seconds, warm=warm)


@pytest.mark.parametrize("name", QUEUED)
@pytest.mark.parametrize("rate", [5, 150, 400])
def test_as_many_are_held_as_come_while_one_is_answered(name, rate):
    """Little's law."""
    run = simulated(name, rate)

    arrivals = len(run.came) / 60
    assert arrivals == pytest.approx(rate, rel=0.25)
    assert run.concurrency == pytest.approx(arrivals * run.latency.mean(), rel=0.03)


@pytest.mark.parametrize("busy", [0.3, 0.6, 0.8])
def test_one_replica_makes_callers_wait_as_long_as_pollaczek_and_khinchine_say(busy):
    rng = np.random.default_rng(SEED)
    replicas = Replicas(handed_at_once=True)
    replicas.add([0.0])
    came = np.cumsum(rng.exponential(TAKES / busy, 200_000))
    since, until = replicas.serve(came, np.full(len(came), TAKES), came[-1] + 1)

    waited = (until - since - TAKES).mean()
    assert waited == pytest.approx(busy * TAKES / (2 * (1 - busy)), rel=0.1)


@pytest.mark.parametrize("at_once", [True, False])
def test_who_waits_in_one_line_is_taken_by_a_replica_that_starts_later(at_once):
    replicas = Replicas(handed_at_once=at_once)
    replicas.add([0.0])
    replicas.serve(np.zeros(10), np.full(10, 1.0), 0.5)
    replicas.add([1.0] * 9)
    replicas.serve(np.empty(0), np.empty(0), 3.0)

    assert replicas.held(2.0) == (8 if at_once else 0)


@pytest.mark.parametrize("name", QUEUED)
def test_more_load_never_has_fewer_replicas(name):
    rates = [rate for rate in (1, 20, 200, 900, 4_000, 40_000) if _bears(name, rate)]
    numbers = [simulated(name, rate, 120.0).since(60.0).replicas.mean() for rate in rates]

    assert len(rates) > 3
    assert all(after >= before * 0.99 for before, after in itertools.pairwise(numbers))


def _bears(name, rate):
    return scenarios.bears(PLATFORMS[name], WORK, rate)


@pytest.mark.parametrize("name", PLATFORMS)
@pytest.mark.parametrize("least", [0, 3])
def test_no_load_costs_what_the_least_replicas_cost(name, least):
    platform = PLATFORMS[name]
    scaling = msgspec.structs.replace(platform.scaling, minimum=least)
    kept = max(1, least) if platform.rule == "alert" else least
    found = least
    if platform.rule != "call":
        run = simulated(name, 0, scaling=scaling)
        assert set(run.replicas[1:]) == {kept}
        found = run.replicas[-1]
    size, prices = (platform.vcpu, platform.gib), platform.prices
    work = Work(found, answering(found, 0, TAKES, prices.rounding), least, 0, TAKES)
    pays = "vcpu", "gib"
    if prices.per != "replica":
        pays = "idle_vcpu", "idle_gib"
    second = sum(one * getattr(prices, name) for one, name in zip(size, pays, strict=True))

    expected = prices.fixed + MONTH * second * (kept if prices.per == "replica" else least)
    assert dollars(prices, *size, work) == pytest.approx(expected)


def test_a_slice_of_many_replicas_stands_for_all():
    whole = simulated("knative-sized", 400, 120.0)
    sliced = simulated("knative-sized", 40_000, 120.0)

    assert sliced.share < 0.05
    assert sliced.replicas.mean() == pytest.approx(100 * whole.replicas.mean(), rel=0.15)
    assert np.quantile(sliced.latency, 0.99) == pytest.approx(
        np.quantile(whole.latency, 0.99), rel=0.4
    )


def test_the_first_call_waits_for_a_start_and_a_function_nobody_calls_goes():
    run = simulated("knative", 1, 300.0, warm=False, rates=burst(1, 0, 60, 1e9))

    assert 1.0 < run.latency[0] < 2.1
    # A target of one call: as many as come while the first start lasts.
    assert 1 <= run.replicas.max() <= np.count_nonzero(run.came <= run.came[0] + run.latency[0]) + 1
    gone = run.at[np.flatnonzero(run.replicas == 0)]
    assert 60 + 60 < gone[gone > 10][0] < 60 + 60 + 30 + 10  # a window, then the grace


def test_a_burst_is_answered_late_and_brings_replicas():
    rates = burst(100, 2_000, 10, 60)
    run = simulated("knative-sized", 2_000, 60.0, rates=rates)
    at_first, later = (run.came > 10) & (run.came < 13), run.came > 40

    assert run.replicas.max() >= 2_000 * TAKES / 0.6 - 1
    assert np.quantile(run.latency[at_first], 0.95) > 20 * np.quantile(run.latency[later], 0.95)


@pytest.mark.parametrize(("during", "refused"), [(900, False), (60_000, True)])
def test_a_process_for_each_call_refuses_what_comes_faster_than_it_may_grow(during, refused):
    rng = np.random.default_rng(SEED)
    found = calls.burst(PLATFORMS["lambda"], WORK, during / 10, during, 30.0, rng)

    assert (found.refused > 0) == refused
    assert 0 <= found.refused + found.cold <= 1


@pytest.mark.parametrize("name", scenarios.RARE_ON)
def test_the_rarer_the_calls_the_more_are_cold_and_the_less_they_cost(name):
    found = [scenarios.seldom(name, PLATFORMS[name], WORK, gap) for gap in scenarios.GAPS.values()]

    colds, replicas = [one.cold for one in found], [one.replicas for one in found]
    assert colds == sorted(colds)
    assert colds[-1] > 0.9
    assert replicas == sorted(replicas, reverse=True)


def test_a_measured_burst_is_held_to_many_simulated_ones():
    burst = read_figures().burst
    found = reality.compared(burst)

    assert [one.measured for one in found] == [*burst.first, *burst.second, burst.replicas]
    assert all(0 < one.low <= one.middle <= one.high for one in found)
    assert found[-1].high <= reality.local_plane().most
