"""Turns an uploaded file into records: in steps, resumable at any moment, safe to repeat.

Every commit writes some records together with how far the import has come (rows, byte of the
file), on the condition that nobody else has come further. So after a crash the next delivery goes
on where the last commit ended, and of two deliveries at once only one wins each commit: the other
reads the new progress and goes on from there. Neither can touch a dataset that is ready.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

import structlog

from functions.datasets import cells
from functions.datasets.ahead import ahead
from functions.datasets.dataset import Stored, now
from functions.datasets.intake import IMPORTS
from functions.datasets.record_store import BATCH, RecordStore
from functions.datasets.rows import Reader, Row
from functions.datasets.store import Change, Overtaken, Store
from functions.kit import orphans
from functions.kit.calls import Calls
from functions.kit.columns import Column
from functions.kit.files import Files
from functions.kit.problems import Problem

log = structlog.get_logger()

# Seconds of work in one step; a new step then goes on, well before the gateway's patience ends.
STEP_SECONDS = 30.0
# Firestore takes requests of 10 MiB; encoded values are a little larger than their text.
BATCH_BYTES = 4 * 1024 * 1024


def step_path(dataset_id: str) -> str:
    """Return the route of a dataset's import step."""
    return f"/datasets/{dataset_id}/import"


class Importer:
    """Runs the import steps of datasets."""

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

    def queue(self, dataset_id: str) -> None:
        """Ask for a step, durably; raises Problem 503."""
        self._calls.enqueue("datasets", step_path(dataset_id))

    def step(self, dataset_id: str) -> None:
        """Import for a while; ask for another step when rows are left."""
        deadline = self._clock() + STEP_SECONDS
        while not self._is_over(dataset_id, deadline):
            if self._clock() > deadline:
                self.queue(dataset_id)
                return

    def _is_over(self, dataset_id: str, deadline: float) -> bool:
        """Import once; tell whether there is nothing left to do."""
        try:
            dataset, snapshot = self._store.find(dataset_id)
        except Problem:
            return True  # deleted meanwhile
        if dataset.state != "importing":
            self._files.delete(dataset.file)
            # Here nobody waits for an answer: time to look after what uploads left that died.
            orphans.sweep(self._files, IMPORTS, self._store.naming)
            return True
        try:
            self._import(dataset, snapshot.update_time, deadline)
        except Overtaken:
            log.info("import overtaken", dataset=dataset_id, rows_done=dataset.rows_done)
        except (FileNotFoundError, cells.NotOfKind) as error:
            self._fail(dataset_id, error)
        return False

    def _import(self, dataset: Stored, seen: Any, deadline: float) -> None:
        """Write rows until the deadline or the end; then the dataset is ready.

        Raises:
            Overtaken: another delivery of the step is at it too.
        """
        done = dataset.rows_done
        # Encoding takes as long as a commit: one batch is encoded while another is on its way.
        with closing(ahead(self._encoded(dataset))) as encoded:
            for last, writes in encoded:
                if self._clock() > deadline:
                    return
                progress = {"rows_done": last.number, "offset": last.end, "updated_at": now()}
                seen = self._records.import_batch(dataset.id, writes, progress, seen)
                done = last.number
        if done != dataset.rows:
            raise FileNotFoundError(f"{dataset.file} ends after row {done} of {dataset.rows}")
        ready = {"state": "ready", "revision": 1, "last_row": done, "updated_at": now()}
        self._records.import_batch(dataset.id, [], ready, seen)

    def _encoded(self, dataset: Stored) -> Iterator[tuple[Row, list[Any]]]:
        """Yield batches of the rows that are left: the last row of each, and its writes."""
        for rows in batches(self._reader(dataset), _width(dataset.columns)):
            values = ((row.number, to_values(row, dataset.columns)) for row in rows)
            yield rows[-1], self._records.to_writes(dataset.id, values)

    def _reader(self, dataset: Stored) -> Reader:
        return Reader(
            self._files.chunks(dataset.file, dataset.offset),
            header=[column.name for column in dataset.columns],
            delimiter=dataset.delimiter,
            row=dataset.rows_done,
            offset=dataset.offset,
        )

    def _fail(self, dataset_id: str, error: Exception) -> None:
        """Say why the import cannot end; uploading the same file again takes it up anew."""

        def fail(change: Change) -> None:
            if change.dataset.state != "importing":
                return  # another delivery came to the end, and removed the file
            log.error("import failed", dataset=dataset_id, error=str(error))
            change.dataset.state = "failed"
            change.dataset.failure = f"The uploaded file cannot be read: {error}"
            change.dataset.updated_at = now()

        self._store.change(dataset_id, fail)


def _width(columns: Sequence[Column]) -> int:
    """Return the bytes that the columns' names add to each record."""
    return sum(len(column.name.encode()) + 16 for column in columns)


def batches(rows: Iterator[Row] | Reader, width: int) -> Iterator[list[Row]]:
    """Group rows so that each group fits one commit.

    Args:
        rows: in the order of the file.
        width: bytes that a record is larger than its text.
    """
    batch: list[Row] = []
    size = 0
    for row in rows:
        weight = sum(map(len, row.cells)) * 2 + width
        if batch and (len(batch) == BATCH or size + weight > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += weight
    if batch:
        yield batch


def to_values(row: Row, columns: Sequence[Column]) -> dict[str, cells.Value]:
    """Return the values of a row by column; raises NotOfKind."""
    return {
        column.name: cells.parse(cell, column.kind)
        for column, cell in zip(columns, row.cells, strict=True)
    }
