"""Counters under OpenFaaS's public names, cheap to count and read only when asked."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector

from emulators.gateway.service.functions import Function

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
COLD_BOUNDS = (0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.2, 0.5, 1.0, 5.0)


class Histogram:
    """Counts and a sum."""

    __slots__ = ("_bounds", "buckets", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self.buckets = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Counts one value."""
        self.buckets[bisect_left(self._bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        """Values counted."""
        return sum(self.buckets)

    def cumulative(self) -> list[tuple[str, float]]:
        """Buckets as Prometheus writes them."""
        seen, rows = 0, []
        for bound, count in zip((*self._bounds, "+Inf"), self.buckets, strict=True):
            seen += count
            rows.append((str(bound), float(seen)))
        return rows


class Metrics(Collector):
    """Counts calls; a scrape turns the counts into families.

    Args:
        functions: The functions deployed, for the gauges.
    """

    def __init__(self) -> None:
        self._seconds: dict[tuple[str, int], Histogram] = {}
        self._started: dict[str, int] = {}
        self._cold: dict[str, Histogram] = {}
        self._cold_parts: dict[tuple[str, str], Histogram] = {}
        self._depths: dict[str, int] = {}
        self._event_depths: dict[str, int] = {}
        self._events: dict[tuple[str, str], int] = {}
        self._callbacks_failed: dict[str, int] = {}
        self._deaths: dict[tuple[str, str], int] = {}
        self._functions: Iterable[Function] = ()
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def watch(self, functions: Iterable[Function]) -> None:
        """Names the functions whose replicas are shown."""
        self._functions = functions

    def started(self, function: Function) -> None:
        """A call came in."""
        function.invocations += 1
        label = function.label
        self._started[label] = self._started.get(label, 0) + 1

    def finished(self, function: Function, code: int, seconds: float) -> None:
        """A call is over."""
        key = (function.label, code)
        histogram = self._seconds.get(key)
        if histogram is None:
            histogram = self._seconds[key] = Histogram(BOUNDS)
        histogram.observe(seconds)

    def cold_start(self, label: str, seconds: float) -> None:
        """A replica became ready."""
        self._cold.setdefault(label, Histogram(COLD_BOUNDS)).observe(seconds)

    def cold_part(self, label: str, part: str, seconds: float) -> None:
        """One part of a start: fork, app or first_answer."""
        key = (label, part)
        self._cold_parts.setdefault(key, Histogram(COLD_BOUNDS)).observe(seconds)

    def depths(self, calls: dict[str, int], events: dict[str, int]) -> None:
        """What waits in the queue: calls for each function, events for each subscriber."""
        self._depths, self._event_depths = calls, events

    def callback_failed(self, name: str) -> None:
        """An outcome could not be posted to where its sender wanted it."""
        self._callbacks_failed[name] = self._callbacks_failed.get(name, 0) + 1

    def died(self, label: str, cause: str) -> None:
        """A replica ended that nobody had let go."""
        self._deaths[label, cause] = self._deaths.get((label, cause), 0) + 1

    def event(self, name: str, what: str) -> None:
        """Something became of an event: ``name`` is a broker's or a trigger's."""
        self._events[name, what] = self._events.get((name, what), 0) + 1

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[HistogramMetricFamily | CounterMetricFamily | GaugeMetricFamily]:
        """The families, made from the counts at this moment."""
        seconds = HistogramMetricFamily(
            "gateway_functions_seconds", "Time of calls", labels=["function_name", "code"]
        )
        total = CounterMetricFamily(
            "gateway_function_invocation", "Calls by code", labels=["function_name", "code"]
        )
        for (label, code), histogram in self._seconds.items():
            seconds.add_metric([label, str(code)], histogram.cumulative(), histogram.total)
            total.add_metric([label, str(code)], histogram.count)
        yield seconds
        yield total
        yield self._gauge("gateway_function_invocation_started", "Calls begun", self._started)
        counts = {function.label: function.replicas for function in self._functions}
        yield self._gauge("gateway_service_count", "Replicas that answer", counts)
        yield from self._pools()
        depths, lanes = self._depths, self._event_depths
        yield self._gauge("gateway_async_queue_depth", "Asynchronous calls not finished", depths)
        yield self._gauge("gateway_events_queue_depth", "Events not delivered", lanes)
        cold = HistogramMetricFamily(
            "gateway_cold_start_seconds", "Time to start a replica", labels=["function_name"]
        )
        for label, histogram in self._cold.items():
            cold.add_metric([label], histogram.cumulative(), histogram.total)
        yield cold
        parts = HistogramMetricFamily(
            "gateway_cold_start_part_seconds", "Parts of a start", labels=["function_name", "part"]
        )
        for (label, part), histogram in self._cold_parts.items():
            parts.add_metric([label, part], histogram.cumulative(), histogram.total)
        yield parts
        events = CounterMetricFamily(
            "gateway_events", "Events of brokers and triggers", labels=["name", "outcome"]
        )
        for (label, what), count in self._events.items():
            events.add_metric([label, what], count)
        yield events
        deaths = CounterMetricFamily(
            "gateway_replica_deaths", "Replicas that died", labels=["function_name", "cause"]
        )
        for key, count in self._deaths.items():
            deaths.add_metric(key, count)
        yield deaths
        failed = self._callbacks_failed
        yield self._gauge("gateway_async_callbacks_failed", "Callbacks not delivered", failed)

    def _pools(self) -> Iterator[GaugeMetricFamily]:
        labels = ["function_name", "revision"]
        replicas = GaugeMetricFamily("gateway_revision_replicas", "Replicas", labels=labels)
        waiting = GaugeMetricFamily(
            "gateway_revision_waiting", "Requests that wait for a replica", labels=labels
        )
        for function in self._functions:
            for scaled in function.pools():
                where = [function.label, scaled.name]
                replicas.add_metric(where, len(scaled.pool.replicas))
                waiting.add_metric(where, len(scaled.pool.waiting))
        yield replicas
        yield waiting

    def _gauge(self, name: str, text: str, values: dict[str, int]) -> GaugeMetricFamily:
        family = GaugeMetricFamily(name, text, labels=["function_name"])
        for label, value in values.items():
            family.add_metric([label], value)
        return family
