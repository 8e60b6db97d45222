"""Counters under OpenFaaS's public names, cheap to count."""

from emulators.gateway.service.deployments.functions import Function
from emulators.kit.metrics import Histogram

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
COLD_BOUNDS = (0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.2, 0.5, 1.0, 5.0)


class Metrics:
    """Counts calls; `exposition` shows the counts.

    Attributes:
        seconds: Times of calls, by function and status.
        begun: Calls begun, by function.
        cold: Times of starts, by function.
        cold_parts: Times of the parts of starts, by function and part.
        depths: Asynchronous calls that are not finished, by function.
        event_depths: Events that are not delivered, by subscriber.
        events: What became of events, by broker or trigger.
        callbacks_failed: Outcomes that could not be posted, by function.
        deaths: Replicas that died, by function and cause.
    """

    def __init__(self) -> None:
        self.seconds: dict[tuple[str, int], Histogram] = {}
        self.begun: dict[str, int] = {}
        self.cold: dict[str, Histogram] = {}
        self.cold_parts: dict[tuple[str, str], Histogram] = {}
        self.depths: dict[str, int] = {}
        self.event_depths: dict[str, int] = {}
        self.events: dict[tuple[str, str], int] = {}
        self.callbacks_failed: dict[str, int] = {}
        self.deaths: dict[tuple[str, str], int] = {}

    def started(self, function: Function) -> None:
        """Count a call that came in."""
        function.invocations += 1
        label = function.label
        self.begun[label] = self.begun.get(label, 0) + 1

    def finished(self, function: Function, code: int, seconds: float) -> None:
        """Count a call that is over."""
        key = (function.label, code)
        histogram = self.seconds.get(key)
        if histogram is None:
            histogram = self.seconds[key] = Histogram(BOUNDS)
        histogram.observe(seconds)

    def answered(self, label: str, code: int = 200) -> int:
        """Return how many calls of a function ended with a status."""
        histogram = self.seconds.get((label, code))
        return 0 if histogram is None else histogram.count

    def cold_start(self, label: str, seconds: float) -> None:
        """Count a replica that became ready."""
        self.cold.setdefault(label, Histogram(COLD_BOUNDS)).observe(seconds)

    def cold_part(self, label: str, part: str, seconds: float) -> None:
        """Count one part of a start: fork, app or first_answer."""
        key = (label, part)
        self.cold_parts.setdefault(key, Histogram(COLD_BOUNDS)).observe(seconds)

    def queued(self, calls: dict[str, int], events: dict[str, int]) -> None:
        """Set what waits in the queue: calls for each function, events for each subscriber."""
        self.depths, self.event_depths = calls, events

    def callback_failed(self, name: str) -> None:
        """Count an outcome that could not be posted to where its sender wanted it."""
        self.callbacks_failed[name] = self.callbacks_failed.get(name, 0) + 1

    def died(self, label: str, cause: str) -> None:
        """Count a replica that ended though nobody had let it go."""
        self.deaths[label, cause] = self.deaths.get((label, cause), 0) + 1

    def event(self, name: str, what: str) -> None:
        """Count what became of an event: ``name`` is a broker's or a trigger's."""
        self.events[name, what] = self.events.get((name, what), 0) + 1
