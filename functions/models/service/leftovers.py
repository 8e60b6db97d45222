"""What is left of models and versions that were taken away: kept for a while, then removed."""

import datetime as dt
from collections.abc import Iterable

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import files_of, is_of_a_job
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.service import sweeper
from functions.models.service.ports import ModelStore

KEPT = dt.timedelta(days=7)
"""For how long what was taken away can be had back."""


class Leftovers:
    """Removes what was taken away too long ago, and files that no version ever named."""

    def __init__(self, store: ModelStore, files: Bucket, clock: Clock) -> None:
        self._store = store
        self._files = files
        self._clock = clock

    def purge(self, place: Place) -> None:
        """Remove a model for good that was taken away."""
        self._remove(self._store.purge(place))

    def sweep(self, place: Place) -> None:
        """Look after a model's leftovers, and after the models of its workspace.

        Files that no version ever named are those that training's tries wrote and died.
        """
        now = self._clock.now()
        self._remove(self._store.purge_versions(place, now - KEPT))
        for old in self._store.kept_aside(place.workspace, now - KEPT):
            self.purge(old)
        sweeper.sweep(
            self._files,
            files_of(place),
            lambda _: self._store.file_paths(place),
            ours=is_of_a_job,
            now=now,
        )

    def _remove(self, paths: Iterable[str]) -> None:
        # After the documents: a file without a version is only waste, the opposite would be a lie.
        for path in paths:
            self._files.delete(path)
