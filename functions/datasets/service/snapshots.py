"""A revision's rows as one file: kept as Parquet for training, streamed as CSV for people."""

import csv
import datetime as dt
import hashlib
import io
import tempfile
from collections.abc import Iterator
from uuid import uuid4

from functions.datasets.model.cells import Value, render
from functions.datasets.model.dataset import Snapshot, Stored
from functions.datasets.model.values import values_of
from functions.datasets.service.ports import Change, DatasetStore, RecordStore, TableFormat
from functions.kit.contract.errors import NotFound
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.workspaces import Place
from functions.kit.contract.workspaces import path as path_in
from functions.kit.service import sweeper

CSV_ROWS = 500


class Incomplete(Exception):  # noqa: N818 - a state of what was read
    """The rows that were read are not those of the revision: what they make would be a part."""


class Snapshots:
    """Makes snapshots, once a revision, and exports."""

    def __init__(
        self,
        store: DatasetStore,
        records: RecordStore,
        files: Bucket,
        tables: TableFormat,
        clock: Clock,
    ) -> None:
        self._store = store
        self._records = records
        self._files = files
        self._tables = tables
        self._clock = clock

    def make(self, place: Place) -> tuple[Snapshot, bool]:
        """Return the snapshot of the current revision, and whether it was made now.

        Of several that are made at once one is kept, by a Firestore transaction.

        Raises:
            NotFound: when there is no such dataset.
            Conflict: when it is not ready.
        """
        dataset, rows = self._rows(place)
        found = self._store.find_snapshot(place, dataset.revision)
        if found is not None:
            return found, False
        made = self._write(dataset, rows)
        try:
            kept = self._store.change(place, lambda change: _keep(change, made))
        except NotFound:  # deleted meanwhile
            self._files.delete(made.path)
            raise
        if kept.path != made.path:
            self._files.delete(made.path)
        sweep_snapshots(self._files, self._store, place, self._clock.now())
        return kept, kept.path == made.path

    def export(self, place: Place) -> tuple[Stored, Iterator[str]]:
        """Return a dataset and its current revision as CSV text in pieces.

        Raises:
            NotFound: when there is no such dataset.
            Conflict: when it is not ready.
        """
        dataset, rows = self._rows(place)
        return dataset, _csv([column.name for column in dataset.columns], rows)

    def _rows(self, place: Place) -> tuple[Stored, Iterator[dict[str, Value]]]:
        """Return a dataset and the rows of just that revision, whatever is changed meanwhile."""
        dataset, _, moment = self._store.find_shown(place)
        dataset.check_ready()
        values = values_of(dataset.columns)
        records = self._records.read(place, moment=moment)
        rows = (values.shown(record.values) for record in records)
        return dataset, _whole(rows, dataset)

    def _write(self, dataset: Stored, rows: Iterator[dict[str, Value]]) -> Snapshot:
        path = f"{folder(dataset.place)}{dataset.revision}-{uuid4().hex}.parquet"
        with tempfile.TemporaryFile() as file:
            count = self._tables.write(file, dataset.columns, rows)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            self._files.upload(path, file, self._tables.MEDIA_TYPE)
        return Snapshot(dataset.id, dataset.revision, path, count, dataset.columns, digest)


def folder(place: Place) -> str:
    """Return what the object names of a dataset's snapshots begin with."""
    return path_in(place.workspace, "snapshots", place.name, "")


def sweep_snapshots(files: Bucket, store: DatasetStore, place: Place, now: dt.datetime) -> None:
    """Remove the files of snapshots that died before a document named them."""
    sweeper.sweep(files, folder(place), lambda _: store.snapshot_paths(place), now=now)


def _keep(change: Change, made: Snapshot) -> Snapshot:
    found = change.snapshot(made.revision)
    if found is not None:
        return found
    change.put_snapshot(made)
    return made


def _whole(rows: Iterator[dict[str, Value]], dataset: Stored) -> Iterator[dict[str, Value]]:
    """Yield the rows; raises Incomplete at the end when they are not all of the revision's."""
    count = 0
    for row in rows:
        count += 1
        yield row
    if count != dataset.rows:
        raise Incomplete(
            f"The store gave {count} rows of revision {dataset.revision} of '{dataset.id}', "
            f"which has {dataset.rows}."
        )


def _csv(header: list[str], rows: Iterator[dict[str, Value]]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for count, row in enumerate(rows, 1):
        writer.writerow([render(value) for value in row.values()])
        if count % CSV_ROWS == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()
