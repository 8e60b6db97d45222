"""Writes what a check planned, one commit a frame; takes it back when it is not to be."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from msgspec.structs import replace

from functions.datasets.model.dataset import Record, Running, Stored, record_id
from functions.datasets.model.imports import StoredImport
from functions.datasets.service.imports import plans
from functions.datasets.service.imports.plans import Planned
from functions.datasets.service.ports import Overtaken, RecordStore, Seen
from functions.datasets.service.prefetch import prefetch
from functions.kit.contract.ports import Bucket, Clock

Batch = tuple[int, int, list[Any]]
"""The byte of the plan at which the next one begins, how many rows it has, and their writes."""


class Writer:
    """Writes and takes back the records of imports; none of them shows before the import ends."""

    def __init__(self, records: RecordStore, files: Bucket, clock: Clock) -> None:
        self._records = records
        self._files = files
        self._clock = clock

    def write(self, job: StoredImport, seen: Seen, deadline: float) -> bool:
        """Write the rows that are left, until the deadline; tell whether all are written.

        Raises:
            FileNotFoundError: the plan is gone, or is not whole.
            Overtaken: somebody else changed the dataset.
        """
        dataset, version, _ = seen
        running = _running(dataset, job)
        with closing(prefetch(self._encoded(job, dataset, running))) as batches:
            for offset, rows, writes in batches:
                if self._clock.monotonic() > deadline:
                    return False
                running = replace(running, done=running.done + rows, offset=offset)
                progress = {"running": running, "updated_at": self._clock.now()}
                version = self._records.import_batch(dataset.place, writes, progress, version)
        if running.done != job.rows:
            raise FileNotFoundError(f"{job.plan} ends after row {running.done} of {job.rows}")
        return True

    def _encoded(self, job: StoredImport, dataset: Stored, running: Running) -> Iterator[Batch]:
        chunks = self._files.chunks(job.plan, running.offset)
        for offset, rows in plans.read(chunks, running.offset):
            yield offset, len(rows), self._writes(dataset, rows)

    def _writes(self, dataset: Stored, rows: Sequence[Planned]) -> list[Any]:
        place, last = dataset.place, dataset.last_row
        new = [(last + row.new, row.values) for row in rows if row.new]
        changed = [
            (Record(row.record, row.before.version + 1, row.values), row.before)
            for row in rows
            if row.before is not None
        ]
        writes = [
            *self._records.to_writes(place, new),
            *self._records.to_changes(place, changed, dataset.revision + 1),
        ]
        return writes + change_log(dataset, rows)

    def take_back(self, job: StoredImport, seen: Seen, deadline: float) -> bool:
        """Undo what was written, until the deadline; tell whether nothing of it is left."""
        dataset, version, _ = seen
        _running(dataset, job)
        last, count = record_id(dataset.last_row), 1
        while count:
            if self._clock.monotonic() > deadline:
                return False
            count, version = self._records.undo_batch(
                dataset.place, last, dataset.revision + 1, version
            )
        return True


def change_log(dataset: Stored, rows: Sequence[Planned]) -> list[Any]:  # noqa: ARG001 - the seam
    """Return the writes that log the rows of one commit, together with which they are made.

    They are of the revision after the dataset's, which shows when the import ends. There is no
    log yet.
    """
    return []


def _running(dataset: Stored, job: StoredImport) -> Running:
    """Return how far an import has come; raises Overtaken when it is not at work."""
    if dataset.running is None or dataset.running.id != job.id or not dataset.running.is_locked:
        raise Overtaken
    return dataset.running


def shown(dataset: Stored, job: StoredImport, now: dt.datetime) -> None:
    """Let all that an import wrote show: the dataset's next revision."""
    running, report = _running(dataset, job), job.report
    if report is None or running.done != job.rows:
        raise Overtaken
    if job.asked.mode == "replace":
        dataset.first_row = dataset.last_row + 1
        dataset.rows = 0
    dataset.last_row += report.new
    dataset.rows += report.new
    dataset.rows_done = dataset.rows
    dataset.running = None
    dataset.revise(now)
    job.rows_done, job.revision = job.rows, dataset.revision
    job.end("done", now)
