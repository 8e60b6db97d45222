"""The simulator against the local plane: the same burst, measured and simulated."""

from typing import NamedTuple

import msgspec
import numpy as np

from benchmarks.capacity.inputs import Burst, Platform, Prices
from benchmarks.capacity.outcome import quantiles
from benchmarks.capacity.scenarios import SEED
from benchmarks.capacity.simulation import Simulation
from benchmarks.capacity.traffic import Rate, steady
from benchmarks.capacity.work import sleeper
from emulators.gateway.settings import Settings

TIMES = 20  # simulated: what is measured is one of many that might have been


class Compared(NamedTuple):
    """One figure, measured and simulated; seconds, or replicas.

    Attributes:
        low, high: Between these are nine of ten simulations.
    """

    what: str
    measured: float
    low: float
    middle: float
    high: float


def local_plane() -> Platform:
    """Return the rules of the gateway of this repository, with its own settings."""
    settings = {field.name: field.default for field in msgspec.structs.fields(Settings)}
    platform = Platform("the local plane", "autoscaler", Prices("replica"), [], 1, 1, 0.0)
    return msgspec.structs.replace(
        platform, most=settings["max_replicas"], zero_grace=settings["zero_grace"]
    )


def compared(burst: Burst) -> list[Compared]:
    """Simulate the burst that was measured, from no replica on, again and again."""
    every = np.array([_simulated(burst, number) for number in range(TIMES)])
    low, middle, high = np.quantile(every, (0.05, 0.5, 0.95), axis=0).tolist()
    names = [f"{name}, {half} half" for half in ("first", "second") for name in _NAMES]
    measured = (*burst.first, *burst.second, float(burst.replicas))
    return list(map(Compared, [*names, "replicas in the end"], measured, low, middle, high))


_NAMES = ("p50", "p95", "p99")


def _simulated(burst: Burst, number: int) -> tuple[float, ...]:
    rng = np.random.default_rng([SEED, number])
    traffic = Rate(steady(burst.rate), rng)
    simulation = Simulation(local_plane(), sleeper(burst), traffic, 0.0, rng)
    run = simulation.run(burst.seconds, warm=False)
    half = run.came < burst.seconds / 2
    there = run.replicas[run.at <= burst.seconds][-1]
    return (*quantiles(run.latency[half]), *quantiles(run.latency[~half]), float(there))
