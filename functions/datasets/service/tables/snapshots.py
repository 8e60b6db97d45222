"""A revision's rows as one Parquet file, kept for training."""

import datetime as dt
import hashlib
from uuid import uuid4

from functions.datasets.model.dataset import Snapshot, Stored
from functions.datasets.model.queries.query import Query
from functions.datasets.service.ports import Change, DatasetStore
from functions.datasets.service.read_model.current import CurrentTables
from functions.datasets.service.read_model.ports import Table, TableFiles
from functions.datasets.service.read_model.scratch import scratch
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.access.workspaces import path as path_in
from functions.kit.contract.errors import NotFound, not_found
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.service import sweeper


class Snapshots:
    """Makes snapshots, once a revision."""

    def __init__(
        self,
        store: DatasetStore,
        tables: CurrentTables,
        files: Bucket,
        forms: TableFiles,
        clock: Clock,
    ) -> None:
        self._store = store
        self._tables = tables
        self._files = files
        self._forms = forms
        self._clock = clock

    def make(self, place: Place) -> tuple[Snapshot, bool]:
        """Return the snapshot of the current revision, and whether it was made now.

        Of several that are made at once one is kept, by a Firestore transaction.

        Raises:
            NotFound: when there is no such dataset.
            Conflict: when it is not ready.
            Incomplete: when its records are not those that it should have.
        """
        seen = self._store.find_shown(place).dataset
        seen.check_ready()
        found = self._store.find_snapshot(place, seen.revision)
        if found is not None:
            return found, False
        dataset, table = self._tables.of(place)
        made = self._write(dataset, table)
        try:
            kept = self._store.change(place, lambda change: _keep(change, dataset, made))
        except NotFound:  # deleted meanwhile
            self._files.delete(made.path)
            raise
        if kept.path != made.path:
            self._files.delete(made.path)
        sweep_snapshots(self._files, self._store, place, self._clock.now())
        return kept, kept.path == made.path

    def _write(self, dataset: Stored, table: Table) -> Snapshot:
        path = f"{folder(dataset.place)}{dataset.revision}-{uuid4().hex}.parquet"
        with scratch() as file:
            count = self._forms.snapshot(file, table, Query())
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            self._files.upload(path, file, self._forms.media_type)
        return Snapshot(dataset.id, dataset.revision, path, count, dataset.columns, digest)


def folder(place: Place) -> str:
    """Return what the object names of a dataset's snapshots begin with."""
    return path_in(place.workspace, "snapshots", place.name, "")


def sweep_snapshots(files: Bucket, store: DatasetStore, place: Place, now: dt.datetime) -> None:
    """Remove the files of snapshots that died before a document named them."""
    sweeper.sweep(files, folder(place), lambda _: store.snapshot_paths(place), now=now)


def _keep(change: Change, dataset: Stored, made: Snapshot) -> Snapshot:
    if change.dataset.identity != dataset.identity:  # another one of the name is there by now
        raise not_found("dataset", dataset.id)
    found = change.snapshot(made.revision)
    if found is not None:
        return found
    change.put_snapshot(made)
    return made
