"""What this replica has answered, as Triton's statistics extension tells it.

Replicas come and go, and each counts its own; sums over all are in the gateway's metrics.
"""

import threading
import time
from collections.abc import Sequence

import msgspec

from functions.kit.contract.access.workspaces import Place

Key = tuple[Place, int]


class Duration(msgspec.Struct):
    """How many calls, and the nanoseconds that they took together."""

    count: int = 0
    ns: int = 0


class InferStatistics(msgspec.Struct):
    """Calls that were answered, and calls that were refused or failed."""

    success: Duration
    fail: Duration


class ModelStatistics(msgspec.Struct):
    """What was asked of one version.

    `last_inference` is in milliseconds since 1970, 0 for never; `inference_count` counts rows,
    `execution_count` calls of the model.
    """

    name: str
    version: str
    last_inference: int
    inference_count: int
    execution_count: int
    inference_stats: InferStatistics


class AllStatistics(msgspec.Struct):
    """The answer of the statistics' routes."""

    model_stats: list[ModelStatistics]


class Statistics:
    """Counts of each version since this process began."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Key, ModelStatistics] = {}

    def answered(self, key: Key, rows: int, ns: int) -> None:
        """Count a call that was answered."""
        with self._lock:
            counts = self._of(key)
            counts.last_inference = time.time_ns() // 1_000_000
            counts.inference_count += rows
            counts.execution_count += 1
            _add(counts.inference_stats.success, ns)

    def failed(self, key: Key, ns: int) -> None:
        """Count a call that was not."""
        with self._lock:
            _add(self._of(key).inference_stats.fail, ns)

    def asked(self, workspace: str) -> list[Key]:
        """Return the versions in a workspace that were asked anything, in order."""
        with self._lock:
            return sorted(key for key in self._counts if key[0].workspace == workspace)

    def told(self, keys: Sequence[Key]) -> AllStatistics:
        """Return the counts of some versions, zeros for what was never asked."""
        with self._lock:
            found = [self._counts.get(key) or _none(key) for key in keys]
            return msgspec.convert(msgspec.to_builtins({"model_stats": found}), AllStatistics)

    def _of(self, key: Key) -> ModelStatistics:
        if key not in self._counts:
            self._counts[key] = _none(key)
        return self._counts[key]


def _none(key: Key) -> ModelStatistics:
    place, version = key
    counts = InferStatistics(Duration(), Duration())
    return ModelStatistics(place.name, str(version), 0, 0, 0, counts)


def _add(duration: Duration, ns: int) -> None:
    duration.count += 1
    duration.ns += ns
