"""Metrics of one replica."""

from prometheus_client import Histogram

REQUESTS = Histogram(
    "mayfly_function_seconds",
    "Time to answer a request, by route and status code.",
    ["route", "code"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
)
_children: dict[tuple[str, int], Histogram] = {}


def observe(route: str, code: int, seconds: float) -> None:
    """Count one answered request; the label look-up is remembered, it is on the hot path."""
    key = (route, code)
    child = _children.get(key)
    if child is None:
        child = _children[key] = REQUESTS.labels(route, str(code))
    child.observe(seconds)
