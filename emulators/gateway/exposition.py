"""The counters in Prometheus' format, made only when asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector

from emulators.gateway.metrics import Histogram, Metrics
from emulators.gateway.service.deployments.functions import Function

Family = HistogramMetricFamily | CounterMetricFamily | GaugeMetricFamily


class Exposition(Collector):
    """Turns counts into families.

    Args:
        metrics: The counts.
        functions: The functions deployed, for the gauges.
    """

    def __init__(self, metrics: Metrics, functions: Iterable[Function]) -> None:
        self._metrics = metrics
        self._functions = functions
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def text(self) -> bytes:
        """Return the exposition format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Family]:
        """Yield the families, made from the counts at this moment."""
        counts = self._metrics
        yield from self._calls()
        replicas = {function.label: function.replicas for function in self._functions}
        yield _gauge("gateway_service_count", "Replicas that answer", replicas)
        yield from self._pools()
        yield _gauge("gateway_async_queue_depth", "Asynchronous calls not finished", counts.depths)
        yield _gauge("gateway_events_queue_depth", "Events not delivered", counts.event_depths)
        yield from self._starts()
        events, deaths = counts.events.items(), counts.deaths.items()
        yield _counter("gateway_events", "Events of brokers and triggers", "name outcome", events)
        labels = "function_name cause"
        yield _counter("gateway_replica_deaths", "Replicas that died", labels, deaths)
        failed = counts.callbacks_failed
        yield _gauge("gateway_async_callbacks_failed", "Callbacks not delivered", failed)

    def _calls(self) -> Iterator[Family]:
        times = {(label, str(code)): each for (label, code), each in self._metrics.seconds.items()}
        numbers = {key: histogram.count for key, histogram in times.items()}
        labels = "function_name code"
        yield _histogram("gateway_functions_seconds", "Time of calls", labels, times.items())
        yield _counter("gateway_function_invocation", "Calls by code", labels, numbers.items())
        begun = self._metrics.begun
        yield _gauge("gateway_function_invocation_started", "Calls begun", begun)

    def _starts(self) -> Iterator[Family]:
        name, labels = "gateway_cold_start", "function_name part"
        whole = [((label,), histogram) for label, histogram in self._metrics.cold.items()]
        parts = self._metrics.cold_parts.items()
        yield _histogram(f"{name}_seconds", "Time to start a replica", "function_name", whole)
        yield _histogram(f"{name}_part_seconds", "Parts of a start", labels, parts)

    def _pools(self) -> Iterator[Family]:
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


def _histogram(
    name: str, text: str, labels: str, values: Iterable[tuple[Sequence[str], Histogram]]
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, text, labels=labels.split())
    for key, histogram in values:
        family.add_metric(key, histogram.cumulative(), histogram.total)
    return family


def _counter(
    name: str, text: str, labels: str, values: Iterable[tuple[Sequence[str], int]]
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=labels.split())
    for key, value in values:
        family.add_metric(key, value)
    return family


def _gauge(name: str, text: str, values: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=["function_name"])
    for label, value in values.items():
        family.add_metric([label], value)
    return family
