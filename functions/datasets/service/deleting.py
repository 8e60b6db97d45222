"""Removes a dataset: its records in batches, its files, then itself."""

from functions.datasets.model.dataset import Stored
from functions.datasets.model.imports.imports import areas
from functions.datasets.service.ports import Overtaken, Version
from functions.datasets.service.read_model.bases import folder
from functions.datasets.service.resumable_steps import ResumableSteps
from functions.datasets.service.tables.snapshots import sweep_snapshots
from functions.datasets.service.turns import Turn
from functions.kit.contract.errors import NotFound


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
        for path in self._left(dataset, seen):
            self._files.delete(path)
        sweep_snapshots(self._files, self._store, place, self._clock.now())
        self._store.remove(place, seen)

    def _left(self, dataset: Stored, seen: Version) -> list[str]:
        """Return the names of its files; raises Overtaken when somebody came further.

        Names are never reused. So while it is there after they were listed, none of them is of
        another dataset of the name, whenever they are removed, and however often.
        """
        place = dataset.place
        prefixes = (folder(place), *areas(place))
        listed = [path for prefix in prefixes for path, _ in self._files.listed(prefix)]
        found = [dataset.file, *self._store.snapshot_paths(place), *listed]
        try:
            now = self._store.find(place)
        except NotFound as error:
            raise Overtaken from error
        if now.version != seen:
            raise Overtaken
        return found
