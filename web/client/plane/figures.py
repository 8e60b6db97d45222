"""What Prometheus would read of the gateway, under OpenFaaS's public names, by function."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import httpx
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from web.client.errors import Unavailable
from web.client.plane_schemas import Figures
from web.client.transport import time_limits

QUANTILE = 0.95
Buckets = dict[float, float]


class Counted:
    """The gateway's counters.

    Args:
        client: the connections.
        url: where they are read; empty where nobody says.
    """

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client = client
        self._url = url

    def figures(self) -> dict[str, Figures] | None:
        """Return what was counted, by the function's name; None where nothing is to be read.

        Raises:
            Failure: nobody answers there.
        """
        if not self._url:
            return None
        try:
            with time_limits.whole_call(None):
                limits = time_limits.timeout(None)
                answer = self._client.get(f"{self._url}/metrics", timeout=limits)
            answer.raise_for_status()
            return read(answer.text)
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable("The plane's counters cannot be read at the moment.") from error


def read(text: str) -> dict[str, Figures]:
    """Read the exposition format; raises ValueError for what is none."""
    families = {family.name: family for family in text_string_to_metric_families(text)}
    found: dict[str, Figures] = defaultdict(Figures)
    for name, code, count in _counts(families.get("gateway_function_invocation")):
        one = found[name]
        one.calls += count
        one.refused += count if code.startswith("4") else 0
        one.failed += count if code.startswith("5") else 0
    for name, _, count in _counts(families.get("gateway_replica_deaths")):
        found[name].deaths += count
    waiting = families.get("gateway_async_queue_depth")
    for sample in waiting.samples if waiting else ():
        found[_function(sample.labels)].queued += round(sample.value)
    for name, buckets in _buckets(families.get("gateway_functions_seconds")).items():
        found[name].p95 = quantile(buckets, QUANTILE)
    for name, buckets in _buckets(families.get("gateway_cold_start_seconds")).items():
        found[name].cold_starts = round(max(buckets.values(), default=0))
        found[name].cold_p95 = quantile(buckets, QUANTILE)
    return dict(found)


def quantile(buckets: Mapping[float, float], share: float) -> float | None:
    """Return the value below which `share` of what was counted lies; None where nothing was.

    As Prometheus' `histogram_quantile`: even within a bucket, and the last bound beyond it.

    Args:
        buckets: how many were at most so much, by that bound; the last bound is infinite.
        share: 0 to 1.
    """
    bounds = sorted(buckets)
    whole = buckets[bounds[-1]] if bounds else 0.0
    if not whole:
        return None
    wanted, low, below = share * whole, 0.0, 0.0
    for bound in bounds:
        if buckets[bound] >= wanted:
            if bound == float("inf"):
                break
            inside = buckets[bound] - below
            return low + (bound - low) * ((wanted - below) / inside if inside else 1.0)
        low, below = bound, buckets[bound]
    return low


def _counts(family: Metric | None) -> Iterable[tuple[str, str, int]]:
    for sample in family.samples if family else ():
        if sample.name.endswith("_total"):
            yield _function(sample.labels), sample.labels.get("code", ""), round(sample.value)


def _buckets(family: Metric | None) -> dict[str, Buckets]:
    """Return the buckets of a histogram by function: those of all other labels together."""
    found: dict[str, Buckets] = defaultdict(lambda: defaultdict(float))
    for sample in family.samples if family else ():
        if sample.name.endswith("_bucket"):
            found[_function(sample.labels)][float(sample.labels["le"])] += sample.value
    return found


def _function(labels: Mapping[str, str]) -> str:
    """Return a function's name without its namespace, which stands behind a dot."""
    return labels.get("function_name", "").partition(".")[0]
