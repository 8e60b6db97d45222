"""Latency as a client sees it."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from infra.local.demo.client import Client
from infra.local.errors import LocalError

COLD_STARTS = 5
WARM_UP, CALLS = 20, 200
ZERO_TIMEOUT = 60.0
LOOK_EVERY = 0.02


@dataclass(frozen=True)
class Latency:
    """Milliseconds over a number of calls."""

    calls: int
    median: float
    p95: float


def cold(client: Client, function: str, call: Callable[[], object]) -> Latency | None:
    """Time `call` from zero replicas of `function`, several times.

    Returns:
        None where the gateway does not scale to zero (functions at fixed addresses, as in compose;
        OpenFaaS's Community Edition).

    Raises:
        LocalError: scaling fails otherwise.
    """
    times = []
    for _ in range(COLD_STARTS):
        if not _scale_to_zero(client, function):
            return None
        times.append(_timed(call))
    return _summary(times)


def warm(call: Callable[[], object]) -> Latency:
    """Time `call` again and again, after a few that do not count."""
    for _ in range(WARM_UP):
        call()
    return _summary([_timed(call) for _ in range(CALLS)])


def _timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def _summary(times: list[float]) -> Latency:
    p95 = statistics.quantiles(times, n=20, method="inclusive")[-1]
    return Latency(len(times), statistics.median(times), p95)


def _scale_to_zero(client: Client, function: str) -> bool:
    """Wait until no replica is left; False when this gateway refuses to scale."""
    body = {"serviceName": function, "replicas": 0}
    deadline = time.monotonic() + ZERO_TIMEOUT
    while True:
        answer = client.administer("POST", f"/system/scale-function/{function}", json=body)
        if answer.status_code == httpx.codes.BAD_REQUEST:
            return False
        if not answer.is_success:
            raise LocalError(
                f"The gateway does not scale {function} to zero: "
                f"{answer.status_code} {answer.text.strip()[:200]}"
            )
        found = client.administer("GET", f"/system/function/{function}").json()
        if not found.get("replicas") and not found.get("availableReplicas"):
            return True
        if time.monotonic() > deadline:
            raise LocalError(
                f"{function} still has replicas {ZERO_TIMEOUT:.0f} s after scaling to 0."
            )
        time.sleep(LOOK_EVERY)
