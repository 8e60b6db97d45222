"""Removes a dataset: its records in batches, its files, then itself."""

from functions.datasets.model.dataset import Stored
from functions.datasets.model.imports.imports import areas
from functions.datasets.service.ports import Version
from functions.datasets.service.read_model.bases import folder
from functions.datasets.service.resumable_steps import ResumableSteps
from functions.datasets.service.tables.snapshots import sweep_snapshots
from functions.datasets.service.turns import Turn


class Remover(ResumableSteps):
    """Removes datasets whose state is "deleting"; to callers they are gone already."""

    state = "deleting"
    seconds = 5.0

    def _work(self, dataset: Stored, seen: Version, turn: Turn) -> None:
        place, count = dataset.place, 1
        while count:
            if turn.is_over():
                return
            count, seen = self._records.remove_batch(place, self._clock.now(), seen)
        # Files have names that are never reused: removing them twice does no harm.
        for path in [dataset.file, *self._store.snapshot_paths(place)]:
            self._files.delete(path)
        for prefix in (folder(place), *areas(place)):
            for path, _ in list(self._files.listed(prefix)):
                self._files.delete(path)
        sweep_snapshots(self._files, self._store, place, self._clock.now())
        self._store.remove(place, seen)
