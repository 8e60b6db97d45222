"""The autoscaler's rules (Knative's KPA) as pure code: loads in, wanted replicas out."""

import math
from collections import deque

import msgspec

from emulators.gateway.model.revision import Revision, Scaling

TICK_SECONDS = 2.0
MAX_UP_RATE = 1000.0
MAX_DOWN_RATE = 2.0
_LEAST_TARGET = 0.01
_DEFAULT_TARGETS = {"concurrency": 100.0, "rps": 200.0}


class Load(msgspec.Struct, frozen=True):
    """What was measured over the last tick.

    Attributes:
        value: Mean requests held at once, or requests per second, over all replicas.
        ready: Replicas that answer.
    """

    value: float
    ready: int


def target_of(revision: Revision) -> float:
    """Return the load that one replica should carry, in the metric's unit."""
    scaling = revision.scaling
    total = scaling.target
    if scaling.metric == "concurrency" and revision.concurrency:
        total = min(total or revision.concurrency, revision.concurrency)
    if total is None:
        total = _DEFAULT_TARGETS[scaling.metric]
    return max(_LEAST_TARGET, total * scaling.utilization)


class Autoscaler:
    """Decides how many replicas one revision should have.

    Args:
        scaling: The revision's settings.
        target: Load for each replica, see `target_of`.
        limit: Most replicas that this machine gives one revision.
    """

    def __init__(self, scaling: Scaling, target: float, limit: int) -> None:
        self._scaling = scaling
        self._target = target
        self._maximum = min(scaling.maximum or limit, limit)
        self._samples: deque[tuple[float, float]] = deque()
        self._wanted: deque[tuple[float, int]] = deque()
        self._panic_until = -math.inf
        self._panic_replicas = 0
        self.excess = 0.0  # burst capacity; below nought the activator buffers
        self.reachable = True  # whether traffic or a tag leads to it; else no minimum holds

    @property
    def panicking(self) -> bool:
        """Whether the short window rules at present."""
        return self._panic_until > -math.inf

    @property
    def maximum(self) -> int:
        """Most replicas this revision may have."""
        return self._maximum

    def decide(self, now: float, load: Load) -> int:
        """Take one measurement and answer how many replicas are wanted.

        Args:
            now: Seconds on a steady clock.
            load: The measurement of the tick that ends now.
        """
        self._samples.append((now, load.value))
        self._forget(now)
        wanted = self._by_load(now, load.ready)
        return self._bounded(self._delayed(now, wanted))

    def _forget(self, now: float) -> None:
        while self._samples and self._samples[0][0] <= now - self._scaling.window:
            self._samples.popleft()

    def _mean(self, since: float) -> float:
        values = [value for at, value in self._samples if at > since]
        return sum(values) / len(values) if values else 0.0

    def _by_load(self, now: float, ready: int) -> int:
        scaling, base = self._scaling, max(1, ready)
        panic_window = max(TICK_SECONDS, scaling.window * scaling.panic_window_percentage / 100)
        stable = self._wanted_for(self._mean(now - scaling.window), ready)
        burst = self._mean(now - panic_window)
        panic = self._wanted_for(burst, ready)
        self.excess = self._excess(ready, burst)
        if math.ceil(burst / self._target) / base >= scaling.panic_threshold_percentage / 100:
            self._panic_until = now + scaling.window
        elif now > self._panic_until:
            self._panic_until, self._panic_replicas = -math.inf, 0
        if not self.panicking:
            return stable
        self._panic_replicas = max(self._panic_replicas, panic, stable, ready)
        return self._panic_replicas

    def _excess(self, ready: int, burst: float) -> float:
        """Return the room above the load and the burst that is to be taken without a buffer."""
        capacity = self._scaling.burst_capacity
        if capacity is None or capacity == 0:
            return 0.0
        if capacity < 0:
            return -1.0
        total = self._target / self._scaling.utilization
        return math.floor(ready * total - capacity - burst)

    def _wanted_for(self, mean: float, ready: int) -> int:
        low = math.floor(ready / MAX_DOWN_RATE)
        high = math.ceil(MAX_UP_RATE * max(1, ready))
        wanted = min(max(math.ceil(mean / self._target), low), high)
        return max(wanted, self._scaling.activation) if mean > 0 and wanted > 0 else wanted

    def _delayed(self, now: float, wanted: int) -> int:
        """Shrink only when fewer were wanted for the whole of ``scale-down-delay``."""
        delay = self._scaling.down_delay
        if not delay:
            return wanted
        self._wanted.append((now, wanted))
        while self._wanted and self._wanted[0][0] <= now - delay:
            self._wanted.popleft()
        return max(count for _, count in self._wanted)

    def _bounded(self, wanted: int) -> int:
        minimum = self._scaling.minimum if self.reachable else 0
        return min(max(wanted, minimum), self._maximum)


class LoadMeter:
    """Measures how many requests are held at once, weighted by time, and how many arrive."""

    __slots__ = ("_area", "_at", "_begun", "_since", "held")

    def __init__(self, now: float) -> None:
        self.held = 0
        self._area = 0.0
        self._at = self._since = now
        self._begun = 0

    def begin(self, now: float) -> None:
        """Note that a request arrived."""
        self._area += self.held * (now - self._at)
        self._at = now
        self.held += 1
        self._begun += 1

    def end(self, now: float) -> None:
        """Note that a request is over."""
        self._area += self.held * (now - self._at)
        self._at = now
        self.held -= 1

    def take(self, now: float) -> tuple[float, float]:
        """Return the mean concurrency, and the arrivals per second, since the last call."""
        span = max(now - self._since, 1e-9)
        area = self._area + self.held * (now - self._at)
        # One arrival a moment after the last measurement is no rate of hundreds a second.
        result = area / span, self._begun / max(span, TICK_SECONDS)
        self._area, self._begun = 0.0, 0
        self._at = self._since = now
        return result
