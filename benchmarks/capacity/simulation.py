"""Requests, replicas and the rule that brings them, tenth of a second by tenth of a second.

What a large load does to many replicas, a part of it does to a part of them: beyond some rate a
slice is simulated, while the rule decides on all. That is hard on the platform, not kind to it: a
few replicas share a line less well than many.
"""

from typing import NamedTuple

import numpy as np

from benchmarks.capacity.inputs import Platform
from benchmarks.capacity.queueing import Replicas, Times
from benchmarks.capacity.scalers.alerted import Alerted
from benchmarks.capacity.scalers.autoscaler import Autoscaled
from benchmarks.capacity.scalers.scaler import Scaler, Seen
from benchmarks.capacity.traffic import Traffic
from benchmarks.capacity.work import Workload, scaling

SLICE = 500.0  # requests a second that are drawn one by one
_LEAST_SLICE = 2  # replicas
UNLIMITED = 1000  # what a replica is given where nothing is said: the gateway's own bound
WARM_SECONDS = 300.0  # that the rule has seen of the load when it begins
_LONGEST_REST = 300.0  # seconds after the last request for those that still wait
_NO_TIMES: Times = np.empty(0)


class Run(NamedTuple):
    """What happened. Seconds.

    Attributes:
        came: When each request came.
        latency: From then to its answer.
        replicas: Number of replicas at each step's end, and `at`, when that was.
        concurrency: Mean of requests held at once, of those simulated.
        share: Of all requests, those that were simulated one by one, at the end.
    """

    came: Times
    latency: Times
    at: Times
    replicas: Times
    concurrency: float
    share: float

    def since(self, moment: float) -> "Run":
        """Return what happened from a moment on."""
        kept, steps = self.came >= moment, self.at > moment
        came, latency = self.came[kept], self.latency[kept]
        return self._replace(
            came=came, latency=latency, at=self.at[steps], replicas=self.replicas[steps]
        )


def scaler_of(platform: Platform, seconds: float) -> Scaler:
    """Return a platform's rule, for requests that take so many seconds of a replica."""
    if platform.rule == "alert":
        return Alerted(platform.scaling.minimum, platform.most)
    rules = scaling(platform, seconds)
    return Autoscaled(rules, platform.limit, platform.most, platform.zero_grace)


class Simulation:
    """One function on one platform.

    Args:
        platform: Its rules; not one that gives each call a process of its own.
        workload: What requests and starts take.
        traffic: When requests come.
        peak: The highest rate of these, by which the slice is chosen.
        rng: Draws all that is not said.
        step: Seconds.
    """

    def __init__(
        self,
        platform: Platform,
        workload: Workload,
        traffic: Traffic,
        peak: float,
        rng: np.random.Generator,
        step: float = 0.1,
    ) -> None:
        self._scaler = scaler_of(platform, workload.mean)
        self._work, self._traffic, self._rng, self._step = workload, traffic, rng, step
        self._limit = platform.limit or UNLIMITED
        self._slice = Replicas(handed_at_once=not platform.limit)
        self._part = min(1.0, SLICE / peak) if peak else 1.0  # of all replicas
        self._coming: list[tuple[float, int]] = []  # of all: when so many are ready
        self._number = 0  # of replicas, all of them
        self._looked, self._came, self._answered, self._area = 0.0, 0.0, 0.0, 0.0

    def run(self, seconds: float, *, warm: bool = True) -> Run:
        """Simulate so many seconds, and on until nobody waits.

        Args:
            seconds: Requests come for so long.
            warm: Whether the rule has seen the load before, and brought what it wants for that.
        """
        self._begin(self._warmed() if warm else self._scaler.least)
        came, latency, at, replicas = [_NO_TIMES], [_NO_TIMES], [0.0], [float(self._number)]
        now = 0.0
        while now < seconds or (self._slice.held(now) and now < seconds + _LONGEST_REST):
            now = self._skipped(now, seconds)
            end = now + self._step
            since, until = self._one_step(now, end, open_=now < seconds)
            came.append(since)
            latency.append(until - since + self._work.hop)
            at.append(end)
            replicas.append(self._number)
            now = end
        mean = self._area / now if now else 0.0
        moments, numbers = np.array(at), np.array(replicas, dtype=np.float64)
        arrays = np.concatenate(came), np.concatenate(latency), moments, numbers
        return Run(*arrays, mean, self._share(now))

    def _skipped(self, now: float, seconds: float) -> float:
        """Pass over the time in which there is nothing to be seen."""
        if self._number or now >= seconds:
            return now
        following = min(self._traffic.next_after(now), seconds)
        self._looked = max(self._looked, following - self._step)
        return max(now, following - 1e-9)

    def _one_step(self, now: float, end: float, *, open_: bool) -> tuple[Times, Times]:
        came = self._traffic.between(now, end, self._share(now)) if open_ else _NO_TIMES
        if len(came) and not self._number:
            self._bring(self._scaler.wake(float(came[0]), self._seen(now)), float(came[0]))
        self._came += len(came) / self._share(now)
        takes = self._work.takes(len(came), self._rng)
        since, until = self._slice.serve(came, takes, end)
        if end - self._looked >= self._scaler.every - 1e-9:
            self._look(end)
        elif len(came) and self._slice.held(end) > self._limit * len(self._slice):
            self._bring(self._scaler.wake(end, self._seen(end)), end)
        return since, until

    def _look(self, now: float) -> None:
        mean = self._slice.concurrency(self._looked, now)
        self._area += mean * (now - self._looked)
        seen = self._seen(now)._replace(
            concurrency=mean / self._share(now), rate=self._came / (now - self._looked)
        )
        self._answered += self._came
        self._came, self._looked = 0.0, now
        self._bring(self._scaler.look(now, seen), now)

    def _seen(self, now: float) -> Seen:
        held = round(self._slice.held(now) / self._share(now))
        ready = self._number - self._starting(now)
        return Seen(0.0, 0.0, int(self._answered), held, ready, self._number - ready)

    def _starting(self, now: float) -> int:
        """Return how many of all replicas are not ready yet."""
        self._coming = [one for one in self._coming if one[0] > now]
        return min(self._number, sum(number for _, number in self._coming))

    def _share(self, now: float) -> float:
        """Return the part of all requests that the slice of replicas gets."""
        ready, ready_slice = self._number - self._starting(now), self._slice.ready(now)
        if ready and ready_slice:
            return ready_slice / ready
        return len(self._slice) / self._number if self._number else self._part

    def _bring(self, wanted: int, now: float) -> None:
        number = max(1, round(wanted * self._part)) if wanted else 0
        more = number - len(self._slice)
        if more > 0:
            self._slice.add((now + self._work.colds(more, self._rng)).tolist())
        else:
            self._slice.remove(-more)
        if wanted > self._number:
            self._coming.append((now + self._work.mean_cold, wanted - self._number))
        self._number = wanted

    def _begin(self, wanted: int) -> None:
        self._number = wanted
        self._part = min(1.0, max(self._part, _LEAST_SLICE / max(1, wanted)))
        self._slice.add([0.0] * (max(1, round(wanted * self._part)) if wanted else 0))

    def _warmed(self) -> int:
        """Return how many replicas the rule wants of a load that it has seen for a while."""
        rate = self._traffic.rate(0.0)
        held = rate * self._work.mean
        number, now, every = max(1, self._scaler.least), -WARM_SECONDS, self._scaler.every
        while now < -1e-9:
            now += every
            answered = int(rate * (now + WARM_SECONDS))
            seen = Seen(held, rate, answered, round(held), number, 0)
            number = self._scaler.look(now, seen)
        self._answered = rate * WARM_SECONDS
        return max(number, int(held) + 1) if rate else self._scaler.least
