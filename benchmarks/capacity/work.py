"""What requests take of replicas, and what starts take, as draws from what was measured."""

from typing import NamedTuple

import numpy as np

from benchmarks.capacity.inputs import Burst, Figures, Platform
from benchmarks.capacity.queueing import Times
from emulators.gateway.model.revision import Scaling


class Workload(NamedTuple):
    """Seconds.

    Attributes:
        service: Quantiles of what a request takes of a replica.
        cold: Quantiles of a start, from wanted to ready.
        hop: What the way adds to each call.
        miss: Share of the requests whose model has to be loaded first.
        load: What that takes.
    """

    service: list[float]
    cold: list[float]
    hop: float = 0.0
    miss: float = 0.0
    load: float = 0.0

    @property
    def mean(self) -> float:
        """What a request takes."""
        return _mean(self.service) + self.miss * self.load

    @property
    def mean_cold(self) -> float:
        """What a start takes."""
        return _mean(self.cold)

    def takes(self, number: int, rng: np.random.Generator) -> Times:
        """Draw what requests take."""
        drawn = _drawn(self.service, number, rng)
        return drawn + self.load * (rng.random(number) < self.miss) if self.miss else drawn

    def colds(self, number: int, rng: np.random.Generator) -> Times:
        """Draw what starts take."""
        return _drawn(self.cold, number, rng)


def _mean(values: list[float]) -> float:
    """Return the mean of a variable whose quantiles are joined by straight lines."""
    return float(np.trapezoid(values) / (len(values) - 1))


def _drawn(values: list[float], number: int, rng: np.random.Generator) -> Times:
    shares = np.linspace(0, 1, len(values))
    return np.interp(rng.random(number), shares, values)


def on(figures: Figures, platform: Platform) -> Workload:
    """Return one-row predictions on a platform, whose containers start as they did here."""
    cold = [platform.placing + seconds for seconds in figures.container]
    return Workload(figures.service, cold, figures.gateway)


def sleeper(burst: Burst) -> Workload:
    """Return the function that was measured on the local plane, by the clock."""
    served = burst.takes[len(burst.takes) // 2]
    return Workload(burst.takes, [max(0.0, start - served) for start in burst.starts])


def scaling(platform: Platform, seconds: float) -> Scaling:
    """Return the autoscaler's settings for requests that take so many seconds of a replica."""
    if platform.processor is None:
        return platform.scaling
    held = {name: getattr(platform.scaling, name) for name in platform.scaling.__struct_fields__}
    held |= {"metric": "rps", "target": 1 / seconds, "utilization": platform.processor}
    return Scaling(**held)
