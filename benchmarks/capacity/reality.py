"""The simulator against the local plane: the same burst, measured and simulated."""

from typing import NamedTuple

import msgspec
import numpy as np
import yaml

from benchmarks.capacity.inputs import Figures, Platform, Prices
from benchmarks.capacity.outcome import quantiles
from benchmarks.capacity.scenarios import SEED
from benchmarks.capacity.simulation import Simulation
from benchmarks.capacity.traffic import Rate, steady
from benchmarks.capacity.work import here
from benchmarks.serving.servers import MANIFEST

SETTLED = 1.0  # seconds after which the start is over


class Compared(NamedTuple):
    """One figure, measured and simulated; seconds."""

    what: str
    measured: float
    simulated: float

    @property
    def ratio(self) -> float:
        """How many times as long the measured one is."""
        return self.measured / self.simulated


def local_plane() -> Platform:
    """Return the rules of the gateway of this repository."""
    platform = Platform("the local plane", "autoscaler", Prices("replica"), [], 1, 1, 0.0)
    template = yaml.safe_load(MANIFEST.read_text())["spec"]["template"]
    most = int(template["metadata"]["annotations"]["autoscaling.knative.dev/max-scale"])
    return msgspec.structs.replace(platform, most=most)


def compared(figures: Figures) -> list[Compared]:
    """Simulate the burst that was measured, from no replica on."""
    rng, burst = np.random.default_rng(SEED), figures.burst
    traffic = Rate(steady(burst.rate), rng)
    simulation = Simulation(local_plane(), here(figures), traffic, 0.0, rng)
    run = simulation.run(burst.seconds, warm=False)
    whole, settled = quantiles(run.latency), quantiles(run.since(SETTLED).latency)
    names = ("p50", "p95", "p99")
    measured = (burst.p50, burst.p95, burst.p99)
    return [
        *map(Compared, names, measured, whole),
        *map(Compared, [f"{n} after the first second" for n in names], burst.settled, settled),
    ]
