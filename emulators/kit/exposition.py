"""Counts in Prometheus' format. Imported by who is asked for them: the library takes a while."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector

from emulators.kit.metrics import CallCounts, Histogram

TYPE = "text/plain; version=0.0.4; charset=utf-8"
Family = HistogramMetricFamily | CounterMetricFamily | GaugeMetricFamily


class _Families(Collector):
    def __init__(self, families: Callable[[], Iterable[Family]]) -> None:
        self._families = families

    def collect(self) -> Iterable[Family]:
        return self._families()


def text(families: Callable[[], Iterable[Family]]) -> bytes:
    """Return the exposition format of what `families` gives now, and of what the process takes."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Families(families))
    return generate_latest(registry)


def calls(prefix: str, counts: CallCounts) -> bytes:
    """Return an emulator's calls: `<prefix>_call_seconds` and `<prefix>_calls_open`."""

    def families() -> Iterator[Family]:
        name, labels = f"{prefix}_call_seconds", "call outcome"
        yield histogram(name, "Time to answer calls", labels, list(counts.seconds.items()))
        under_way = f"{prefix}_calls_open"
        yield gauge(under_way, "Calls under way", dict(counts.open), "call")

    return text(families)


def histogram(
    name: str, text: str, labels: str, values: Iterable[tuple[Sequence[str], Histogram]]
) -> HistogramMetricFamily:
    """Return a family of histograms, each with the values of its labels."""
    family = HistogramMetricFamily(name, text, labels=labels.split())
    for key, one in values:
        family.add_metric(key, one.cumulative(), one.total)
    return family


def counter(
    name: str, text: str, labels: str, values: Iterable[tuple[Sequence[str], int]]
) -> CounterMetricFamily:
    """Return a family of counters, each with the values of its labels."""
    family = CounterMetricFamily(name, text, labels=labels.split())
    for key, value in values:
        family.add_metric(key, value)
    return family


def gauge(name: str, text: str, values: Mapping[str, int], label: str) -> GaugeMetricFamily:
    """Return a family of gauges by the value of one label."""
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
