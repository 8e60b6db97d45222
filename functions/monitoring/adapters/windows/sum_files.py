"""Sums as files in the bucket, those used last in memory, too."""

import hashlib
import threading

from cachetools import LRUCache

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.ports import Bucket
from functions.monitoring.model.windows import sums
from functions.monitoring.model.windows.sums import Sum
from functions.monitoring.model.windows.window import Monitored

SUMS = "windows/"
HELD = 512
"""Sums that a replica keeps in memory."""


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
        self._held: LRUCache[str, Sum] = LRUCache(HELD)
        self._lock = threading.Lock()

    def store(self, of: Monitored, window: str, found: Sum) -> str:
        """See SumFiles."""
        data = found.to_bytes()
        digest = hashlib.sha256(data).hexdigest()[:24]
        path = f"{sums_of(of.model)}v{of.version}/{window}-{digest}.json"
        self._bucket.write(path, data, "application/json")  # again: another may have deleted it
        self._hold(path, found)
        return path

    def read(self, name: str) -> Sum:
        """See SumFiles."""
        with self._lock:
            found = self._held.get(name)
        if found is None:
            found = sums.from_bytes(self._bucket.read(name))
            self._hold(name, found)
        return found

    def delete(self, name: str) -> None:
        """See SumFiles."""
        with self._lock:
            self._held.pop(name, None)
        self._bucket.delete(name)

    def _hold(self, path: str, found: Sum) -> None:
        with self._lock:
            self._held[path] = found
