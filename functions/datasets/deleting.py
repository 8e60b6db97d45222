"""Removes a dataset: its records in batches, its files, then itself. Safe to repeat.

As with an import, every commit holds only if the dataset's document is the one seen before: a
late repetition cannot touch a new dataset that took the id.
"""

import time
from collections.abc import Callable
from typing import Any

import structlog

from functions.datasets.dataset import Stored
from functions.datasets.record_store import RecordStore
from functions.datasets.snapshots import sweep_snapshots
from functions.datasets.store import Overtaken, Store
from functions.kit.calls import Calls
from functions.kit.files import Files
from functions.kit.problems import Problem

log = structlog.get_logger()

# Seconds of work before the rest is left to another step.
STEP_SECONDS = 5.0


def step_path(dataset_id: str) -> str:
    """Return the route of the step that goes on removing a dataset."""
    return f"/datasets/{dataset_id}/remove"


class Remover:
    """Removes datasets whose state is "deleting"; to callers they are gone already."""

    def __init__(
        self,
        store: Store,
        records: RecordStore,
        files: Files,
        calls: Calls,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._records = records
        self._files = files
        self._calls = calls
        self._clock = clock

    def step(self, dataset_id: str) -> None:
        """Remove for a while; ask for another step when something is left."""
        deadline = self._clock() + STEP_SECONDS
        while not self._is_over(dataset_id, deadline):
            if self._clock() > deadline:
                self._calls.enqueue("datasets", step_path(dataset_id))
                return

    def _is_over(self, dataset_id: str, deadline: float) -> bool:
        """Remove once; tell whether there is nothing left to do."""
        try:
            dataset, snapshot = self._store.find(dataset_id)
        except Problem:
            return True
        if dataset.state != "deleting":
            return True  # another dataset has the id by now
        try:
            self._remove(dataset, snapshot.update_time, deadline)
        except Overtaken:
            log.info("removal overtaken", dataset=dataset_id)
        return False

    def _remove(self, dataset: Stored, seen: Any, deadline: float) -> None:
        """Remove until the deadline or the end.

        Raises:
            Overtaken: another delivery of the step is at it too.
        """
        count = 1
        while count:
            if self._clock() > deadline:
                return
            count, seen = self._records.remove_batch(dataset.id, seen)
        # Files have names that are never reused: removing them twice does no harm.
        for path in [dataset.file, *self._store.snapshot_paths(dataset.id)]:
            self._files.delete(path)
        sweep_snapshots(self._files, self._store, dataset.id)
        self._store.remove(dataset.id, seen)
