"""The questions that are asked of each platform."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import numpy as np

from benchmarks.capacity import calls
from benchmarks.capacity.caches import misses, popularity
from benchmarks.capacity.inputs import Figures, Platform, Platforms
from benchmarks.capacity.outcome import Outcome, Work, answering, dollars, quantiles
from benchmarks.capacity.simulation import Run, Simulation
from benchmarks.capacity.traffic import Rare, Rate, burst, steady
from benchmarks.capacity.work import Workload, on
from functions.prediction.adapters.config import CacheSettings

SEED = 15
RATES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
STEADY_SECONDS, SETTLED = 150.0, 20.0
BURSTS = (100, 10_000)
BURST_TIMES, BURST_START, BURST_SECONDS = 10, 10.0, 30.0
MODELS = (1, 10, 100, 1_000, 10_000, 100_000)
MODELS_RATE = 10_000
MODELS_ON = "knative-sized"
GAPS = {"a minute": 60.0, "ten minutes": 600.0, "an hour": 3600.0, "a day": 86400.0}
RARE_CALLS = 120
SELDOM_STEP = 6.0  # seconds: what a rule sees of hours need not be finer
RARE_ON = ("knative", "cloud-run", "lambda")
FLEET = 1_000


class Asked(NamedTuple):
    """One load on one platform, and what comes out; None where it cannot bear the load."""

    platform: str
    load: float
    outcome: Outcome | None


def _drawn_by(*names: object) -> np.random.Generator:
    """Return what draws for one question: the same whatever else is asked."""
    return np.random.default_rng([SEED, *"/".join(map(str, names)).encode()])


def bears(platform: Platform, workload: Workload, rate: float) -> bool:
    """Tell whether as many replicas as a platform gives can do what comes."""
    return not platform.most or rate * workload.mean < platform.most


def outcome(platform: Platform, workload: Workload, run: Run, rate: float) -> Outcome:
    """Return what a run says, with what a month of the like costs."""
    number = float(run.replicas.mean())
    prices, kept = platform.prices, platform.scaling.minimum
    at_work = answering(number, rate, workload.mean, prices.rounding)
    work = Work(number, at_work, kept, rate, workload.mean)
    cold = workload.hop + min(workload.cold)
    waited = float((run.latency > cold).mean()) if len(run.latency) else 0.0
    month = dollars(prices, platform.vcpu, platform.gib, work)
    peak = int(run.replicas.max())
    return Outcome(number, peak, *quantiles(run.latency), waited, 0.0, month)


def steady_load(name: str, platform: Platform, workload: Workload, rate: float) -> Asked:
    """Ask for the same rate all the time."""
    rng = _drawn_by("steady", name, rate)
    if platform.rule == "call":
        return Asked(name, rate, calls.steady(platform, workload, rate, rng))
    if not bears(platform, workload, rate):
        return Asked(name, rate, None)
    traffic = Rate(steady(rate), rng)
    run = Simulation(platform, workload, traffic, rate, rng).run(STEADY_SECONDS).since(SETTLED)
    return Asked(name, rate, outcome(platform, workload, run, rate))


def all_steady(figures: Figures, platforms: Platforms) -> list[Asked]:
    """Ask every platform for every rate."""
    return [
        steady_load(name, platform, on(figures, platform), rate)
        for name, platform in platforms.platform.items()
        for rate in RATES
    ]


def burst_load(name: str, platform: Platform, workload: Workload, before: float) -> Asked:
    """Ask for ten times the rate, for a while; the outcome is of the calls of that."""
    rng, during = _drawn_by("burst", name, before), before * BURST_TIMES
    if platform.rule == "call":
        found = calls.burst(platform, workload, before, during, BURST_SECONDS, rng)
        return Asked(name, before, found)
    if not bears(platform, workload, during):
        return Asked(name, before, None)
    rates = burst(before, during, BURST_START, BURST_START + BURST_SECONDS)
    run = Simulation(platform, workload, Rate(rates, rng), during, rng).run(
        BURST_START + BURST_SECONDS
    )
    within = (run.came >= BURST_START) & (run.came < BURST_START + BURST_SECONDS)
    run = run._replace(came=run.came[within], latency=run.latency[within])
    return Asked(name, before, outcome(platform, workload, run, during))


def all_bursts(figures: Figures, platforms: Platforms) -> list[Asked]:
    """Ask every platform for every burst."""
    return [
        burst_load(name, platform, on(figures, platform), before)
        for name, platform in platforms.platform.items()
        for before in BURSTS
    ]


class Catalogue(NamedTuple):
    """So many models behind the one function `prediction`.

    Attributes:
        missing: Share of calls whose model is not held, by any replica's turn.
        routed: The same where a model's calls go to its own replicas.
        any_replica, own_replicas: What comes out with either.
    """

    models: int
    missing: float
    routed: float
    any_replica: Outcome | None
    own_replicas: Outcome | None


def room(figures: Figures) -> float:
    """Return how many models a replica holds ready."""
    return CacheSettings.from_env({}).memory_bytes / figures.model_bytes


def catalogues(figures: Figures, platforms: Platforms) -> Iterator[Catalogue]:
    """Ask for more and more models at one rate."""
    platform = platforms.platform[MODELS_ON]
    for models in MODELS:
        shares = popularity(models, platforms.parts.models_zipf)
        missing = misses(shares, room(figures))
        plain = _catalogue(figures, platform, models, missing)
        replicas = plain.replicas if plain else 1.0
        routed = misses(shares, room(figures) * replicas)
        own = plain if routed == missing else _catalogue(figures, platform, models, routed)
        yield Catalogue(models, missing, routed, plain, own)


def _catalogue(figures: Figures, platform: Platform, models: int, missing: float) -> Outcome | None:
    workload = on(figures, platform)._replace(miss=missing, load=figures.model_load)
    return steady_load(f"{models} models", platform, workload, MODELS_RATE).outcome


class Fleet(NamedTuple):
    """Functions that are called seldom, each for itself.

    Attributes:
        gap: The mean time between two calls of one.
        outcome: Of one function, asleep between calls; `dollars` without what is fixed.
        kept: A month's dollars of one with a replica that is always there.
    """

    platform: str
    gap: str
    outcome: Outcome
    kept: float


def fleets(figures: Figures, platforms: Platforms) -> Iterator[Fleet]:
    """Ask for functions that are called seldom."""
    for name in RARE_ON:
        platform = platforms.platform[name]
        free = msgspec.structs.replace(platform.prices, fixed=0.0)
        platform = msgspec.structs.replace(platform, prices=free)
        workload = on(figures, platform)
        for words, gap in GAPS.items():
            found = seldom(name, platform, workload, gap)
            yield Fleet(name, words, found, kept_awake(platform, workload, gap))


def seldom(name: str, platform: Platform, workload: Workload, gap: float) -> Outcome:
    """Return what comes of calls that are a mean gap of seconds apart."""
    rng = _drawn_by("seldom", name, gap)
    if platform.rule == "call":
        return calls.rare(platform, workload, gap, rng)
    traffic = Rare(gap, RARE_CALLS, rng)
    run = Simulation(platform, workload, traffic, 1 / gap, rng, step=SELDOM_STEP).run(
        traffic.end, warm=False
    )
    number = float(np.sum(run.replicas[:-1] * np.diff(run.at)) / run.at[-1])
    found = outcome(platform, workload, run, 1 / gap)
    month = _month(platform, workload, number, 0, 1 / gap, found.cold)
    return found._replace(replicas=number, dollars=month)


def kept_awake(platform: Platform, workload: Workload, gap: float) -> float:
    """Return a month's dollars of a function of which one replica is always there."""
    return _month(platform, workload, 1.0, 1, 1 / gap)


def _month(
    platform: Platform,
    workload: Workload,
    number: float,
    kept: int,
    rate: float,
    cold: float = 0.0,
) -> float:
    """Return a month's dollars; where answers are paid for, starts are, too."""
    at_work = answering(number, rate, workload.mean, platform.prices.rounding)
    at_work += rate * cold * workload.mean_cold
    work = Work(number, at_work, kept, rate, workload.mean)
    return dollars(platform.prices, platform.vcpu, platform.gib, work)
