"""Platforms that give each call a process of its own (Lambda): no queue, so closed forms."""

import math

import numpy as np

from benchmarks.capacity.inputs import Platform
from benchmarks.capacity.outcome import Outcome, Work, dollars, quantiles
from benchmarks.capacity.work import Workload

_DRAWS = 20_000
_DEVIATIONS = 4  # how far a peak of independent calls is above their mean


def processes(rate: float, seconds: float) -> int:
    """Return how many are at work at the busiest moments: calls are a Poisson process."""
    mean = rate * seconds
    return math.ceil(mean + _DEVIATIONS * math.sqrt(mean))


def units(platform: Platform, rate: float, seconds: float) -> int:
    """Return what of an account's quota a rate needs; short calls count by their number."""
    return max(processes(rate, seconds), math.ceil(rate / platform.calls_per_process))


def steady(
    platform: Platform, workload: Workload, rate: float, rng: np.random.Generator
) -> Outcome:
    """Return what comes of the same rate all the time."""
    number = processes(rate, workload.mean)
    return _outcome(platform, workload, rate, number, 0.0, 0.0, rng)


def burst(
    platform: Platform,
    workload: Workload,
    before: float,
    during: float,
    seconds: float,
    rng: np.random.Generator,
) -> Outcome:
    """Return what comes of the calls of a burst."""
    there = processes(before, workload.mean)
    beyond = max(0.0, during - there / workload.mean)
    starting = min(seconds, workload.mean_cold)
    started = min(beyond * starting, platform.start_rate * (1 + starting / 10))
    refused = (
        beyond * starting - started + _beyond_growth(platform, before, during, starting, seconds)
    )
    every = during * seconds
    peak = there + math.ceil(started)
    return _outcome(platform, workload, during, peak, started / every, refused / every, rng)


def rare(platform: Platform, workload: Workload, gap: float, rng: np.random.Generator) -> Outcome:
    """Return what comes of independent calls that are a mean gap apart."""
    cold = math.exp(-platform.keep / gap)
    alive = 1 - cold  # the last call is not longer ago than a process is kept
    found = _outcome(platform, workload, 1 / gap, 1, cold, 0.0, rng)
    return found._replace(replicas=alive)


def _beyond_growth(
    platform: Platform, before: float, during: float, start: float, end: float
) -> float:
    """Return the calls between two moments of a burst that are more than an account has grown to.

    It may have so many processes more at once, and as many again each ten seconds.
    """
    step = platform.start_rate * platform.calls_per_process
    grown = min(end, max(start, (during - before - step) / (step / 10)))
    missing = (during - before - step) * (grown - start) - step / 10 * (grown**2 - start**2) / 2
    return max(0.0, missing)


def _outcome(
    platform: Platform,
    workload: Workload,
    rate: float,
    number: int,
    cold: float,
    refused: float,
    rng: np.random.Generator,
) -> Outcome:
    latencies = workload.takes(_DRAWS, rng) + workload.hop
    rounding = platform.prices.rounding
    billed = float(np.ceil((latencies - workload.hop) / rounding - 1e-9).mean()) * rounding
    latencies = latencies + (rng.random(_DRAWS) < cold) * workload.colds(_DRAWS, rng)
    billed += cold * workload.mean_cold  # a start is paid for as a call is
    work = Work(number, rate * workload.mean, platform.scaling.minimum, rate, billed)
    month = dollars(platform.prices, platform.vcpu, platform.gib, work)
    return Outcome(rate * workload.mean, number, *quantiles(latencies), cold, refused, month)
