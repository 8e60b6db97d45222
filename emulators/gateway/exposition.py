"""The counters in Prometheus' format, made only when asked."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily

from emulators.gateway.metrics import Metrics
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.logs import LogFile
from emulators.kit import exposition
from emulators.kit.exposition import Family, counter, gauge, histogram

_BY_FUNCTION = "function_name"


class Exposition:
    """Turns counts into families.

    Args:
        metrics: The counts.
        functions: The functions deployed, for the gauges.
        log_of: Gives a function's log.
    """

    def __init__(
        self,
        metrics: Metrics,
        functions: Iterable[Function],
        log_of: Callable[[Function], LogFile | None],
    ) -> None:
        self._log_of = log_of
        self._metrics = metrics
        self._functions = functions

    def text(self) -> bytes:
        """Return the exposition format."""
        return exposition.text(self.collect)

    def collect(self) -> Iterator[Family]:
        """Yield the families, made from the counts at this moment."""
        counts = self._metrics
        yield from self._calls()
        replicas = {function.label: function.replicas for function in self._functions}
        yield gauge("gateway_service_count", "Replicas that answer", replicas, _BY_FUNCTION)
        yield from self._pools()
        yield gauge(
            "gateway_async_queue_depth",
            "Asynchronous calls not finished",
            counts.depths,
            _BY_FUNCTION,
        )
        yield gauge(
            "gateway_events_queue_depth", "Events not delivered", counts.event_depths, _BY_FUNCTION
        )
        yield from self._starts()
        events, deaths = counts.events.items(), counts.deaths.items()
        yield counter("gateway_events", "Events of brokers and triggers", "name outcome", events)
        labels = "function_name cause"
        yield counter("gateway_replica_deaths", "Replicas that died", labels, deaths)
        logs = [((f.label,), log.errors) for f in self._functions if (log := self._log_of(f))]
        yield counter("gateway_log_errors", "Errors that were logged", _BY_FUNCTION, logs)
        failed = counts.callbacks_failed
        yield gauge(
            "gateway_async_callbacks_failed", "Callbacks not delivered", failed, _BY_FUNCTION
        )

    def _calls(self) -> Iterator[Family]:
        times = {(label, str(code)): each for (label, code), each in self._metrics.seconds.items()}
        numbers = {key: each.count for key, each in times.items()}
        labels = "function_name code"
        yield histogram("gateway_functions_seconds", "Time of calls", labels, times.items())
        yield counter("gateway_function_invocation", "Calls by code", labels, numbers.items())
        begun = self._metrics.begun
        yield gauge("gateway_function_invocation_started", "Calls begun", begun, _BY_FUNCTION)

    def _starts(self) -> Iterator[Family]:
        name, labels = "gateway_cold_start", "function_name part"
        whole = [((label,), each) for label, each in self._metrics.cold.items()]
        parts = self._metrics.cold_parts.items()
        yield histogram(f"{name}_seconds", "Time to start a replica", "function_name", whole)
        yield histogram(f"{name}_part_seconds", "Parts of a start", labels, parts)

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
