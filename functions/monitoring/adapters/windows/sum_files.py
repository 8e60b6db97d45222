"""Sums as files in the bucket, those used last in memory, too."""

import hashlib
import threading
from typing import NamedTuple

from cachetools import LRUCache

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.ports import Bucket
from functions.monitoring.model.windows import sums
from functions.monitoring.model.windows.sums import Sum
from functions.monitoring.model.windows.window import Monitored

SUMS = "windows/"
HELD_BYTES = 16 * 1024 * 1024
"""Of sums, as JSON, that a replica keeps in memory."""


class _Held(NamedTuple):
    sum: Sum
    size: int


def sums_of(model: Place) -> str:
    """Return what the names of the sums of a model begin with."""
    return f"{SUMS}{model.workspace}/{model.name}/"


class BucketSums:
    """SumFiles in a bucket.

    Args:
        bucket: where the files are.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._held: LRUCache[str, _Held] = LRUCache(HELD_BYTES, lambda one: one.size)
        self._lock = threading.Lock()

    def store(self, of: Monitored, window: str, found: Sum) -> str:
        """See SumFiles."""
        data = found.to_bytes()
        digest = hashlib.sha256(data).hexdigest()[:24]
        path = f"{sums_of(of.model)}v{of.version}/{window}-{digest}.json"
        self._bucket.write(path, data, "application/json")  # again: another may have deleted it
        self._hold(path, _Held(found, len(data)))
        return path

    def read(self, name: str) -> Sum:
        """See SumFiles."""
        with self._lock:
            found = self._held.get(name)
        if found is None:
            data = self._bucket.read(name)
            found = _Held(sums.from_bytes(data), len(data))
            self._hold(name, found)
        return found.sum

    def delete(self, name: str) -> None:
        """See SumFiles."""
        with self._lock:
            self._held.pop(name, None)
        self._bucket.delete(name)

    def _hold(self, path: str, found: _Held) -> None:
        if found.size > HELD_BYTES:
            return
        with self._lock:
            self._held[path] = found
