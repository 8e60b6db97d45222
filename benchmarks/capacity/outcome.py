"""What comes out for one load on one platform."""

import math
from typing import NamedTuple

import numpy as np

from benchmarks.capacity.inputs import Prices
from benchmarks.capacity.queueing import Times

MONTH = 730 * 3600.0  # seconds


class Outcome(NamedTuple):
    """Latencies in seconds.

    Attributes:
        replicas: Mean number.
        peak: Most at a time.
        p50, p95, p99: Of the answers, waiting and what the gateway adds within.
        cold: Share of calls that waited for a replica to start.
        refused: Share of calls that got none.
        dollars: A month at this load.
    """

    replicas: float
    peak: int
    p50: float
    p95: float
    p99: float
    cold: float
    refused: float
    dollars: float


def quantiles(latencies: Times) -> tuple[float, float, float]:
    """Return p50, p95 and p99; not a number where there is no answer."""
    if not len(latencies):
        return (math.nan,) * 3
    p50, p95, p99 = np.quantile(latencies, (0.5, 0.95, 0.99)).tolist()
    return p50, p95, p99


class Work(NamedTuple):
    """What is paid for, by the second.

    Attributes:
        replicas: That there are.
        answering: Of these, that are at work at any moment.
        kept: Of these, that are there whatever happens.
        rate: Requests a second.
        seconds: What is billed for a request, where that is what is paid for.
    """

    replicas: float
    answering: float
    kept: float
    rate: float
    seconds: float


def dollars(prices: Prices, vcpu: float, gib: float, work: Work) -> float:
    """Return what a month of such seconds costs."""
    size = vcpu * prices.vcpu + gib * prices.gib
    idle = vcpu * prices.idle_vcpu + gib * prices.idle_gib
    if prices.per == "replica":
        second = work.replicas * size
    elif prices.per == "answering":
        second = work.answering * size + max(0.0, work.kept - work.answering) * idle
    else:
        second = work.rate * work.seconds * size + work.kept * idle
    return prices.fixed + MONTH * (second + work.rate * prices.request)


def answering(replicas: float, rate: float, seconds: float, rounding: float) -> float:
    """Return how many of the replicas are billed as being at work at any moment.

    A replica is so while it has a request, and to the end of the step of `rounding` seconds.
    """
    if not replicas:
        return 0.0
    busy = min(1.0, rate * seconds / replicas)
    idle = (1 - busy) * math.exp(-rate / replicas * rounding)
    return replicas * (1 - idle)
