"""Turns an uploaded file into records: in turns, resumable at any moment.

Every commit writes some records together with how far the import has come (rows, byte of the
file), on the condition that nobody else has come further (`resumable_steps.py`). So after a crash
the next turn goes on where the last commit ended.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

import structlog

from functions.datasets.model import cells, limits
from functions.datasets.model.changing.changes import LoggedChange, Part
from functions.datasets.model.dataset import Stored
from functions.datasets.model.due import step_in
from functions.datasets.model.files.csv_rows import Row
from functions.datasets.model.files.inference import Rows
from functions.datasets.model.reading.rows import (
    as_stored,
    cell_rows,
    parsers,
    reading_of,
    to_values,
)
from functions.datasets.model.reading.shapes import Reading
from functions.datasets.service.files.ingestion import imports
from functions.datasets.service.files.prefetch import prefetch
from functions.datasets.service.ports import Change, Version
from functions.datasets.service.read_model.imported import ImportedRows, Numbered, Recording
from functions.datasets.service.resumable_steps import DIED, Parts, ResumableSteps
from functions.datasets.service.turns import Turn, Turns
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.batches import batches
from functions.kit.contract.records.columns import Column
from functions.kit.contract.steps import Lease
from functions.kit.contract.wording import counted
from functions.kit.service import sweeper

log = structlog.get_logger()

# Firestore takes requests of 10 MiB; encoded values are a little larger than their text.
BATCH_BYTES = 4 * 1024 * 1024


class Importer(ResumableSteps):
    """Imports the rows of datasets whose state is "importing"."""

    state = "importing"
    seconds = 30.0

    def __init__(self, *parts: *Parts, rows: ImportedRows, turns: Turns) -> None:
        super().__init__(*parts)
        self._rows = rows
        self._turns = turns

    def ask(self, place: Place) -> None:
        """Have the step looked at soon, when it is its turn."""
        self._turns.ask(step_in(place, self.state), place.workspace)

    def step(self, place: Place) -> None:
        """Work for a while, if the step is due, nobody is at it, and it is its turn."""

        def work(lease: Lease, goes_on: Callable[[], bool]) -> bool:
            return self._is_left(place, lease, Turn(self._clock, self.seconds, goes_on))

        self._turns.carry_out(self._runner, step_in(place, self.state), place.workspace, work)

    def _work(self, dataset: Stored, seen: Version, turn: Turn) -> None:
        try:
            self._import(dataset, seen, turn)
        except (FileNotFoundError, cells.NotOfKind) as error:
            self._fail(dataset, f"The uploaded file cannot be read: {error}")

    def _give_up(self, dataset: Stored, _: Version) -> None:
        """See ResumableSteps."""
        place = f"after row {dataset.rows_done:,} of {dataset.rows:,}"
        self._fail(dataset, f"{DIED} {place}; upload the same file to go on.")

    def _import(self, dataset: Stored, seen: Version, turn: Turn) -> None:
        """Write rows until the turn is over or the end; then the dataset is ready."""
        if dataset.rows_done < dataset.rows:
            with self._rows.recording(dataset) as recording:
                written = self._write_rows(dataset, seen, turn, recording)
            if written is None:
                return
            seen = written
        self._rows.assemble(dataset)
        # All rows are records: whoever carries on from here needs the file no more.
        self._files.delete(dataset.file)
        now = self._clock.now()
        ready = {"state": "ready", "revision": 1, "last_row": dataset.rows, "updated_at": now}
        self._records.import_batch(dataset.place, [], ready, seen, [_logged(dataset, now)])
        # Here nobody waits for an answer: time to look after what uploads left that died.
        self._sweep(dataset.workspace)
        self._rows.sweep(dataset.workspace)

    def _sweep(self, workspace: str) -> None:
        """Remove the files of uploads that died before a dataset named them."""
        sweeper.sweep(
            self._files,
            imports(workspace),
            lambda files: self._store.naming(workspace, files),
            now=self._clock.now(),
        )

    def _write_rows(
        self, dataset: Stored, seen: Version, turn: Turn, recording: Recording
    ) -> Version | None:
        """Write the rows that are left; return the version, None when the turn is over."""
        done = dataset.rows_done
        # Encoding takes as long as a commit: one batch is encoded while another is on its way.
        with closing(prefetch(self._encoded(dataset))) as encoded:
            for last, writes, rows in encoded:
                if turn.is_over():
                    return None
                now = self._clock.now()
                progress = {"rows_done": last.number, "offset": last.end, "updated_at": now}
                seen = self._records.import_batch(dataset.place, writes, progress, seen)
                done = last.number
                recording.add(rows)
        if done != dataset.rows:
            raise FileNotFoundError(f"{dataset.file} ends after row {done} of {dataset.rows}")
        return seen

    def _encoded(self, dataset: Stored) -> Iterator[tuple[Row, list[Any], list[Numbered]]]:
        """Yield batches of the rows that are left: the last row of each, its writes, its values."""
        reading = stored_reading(dataset)
        parse = parsers(reading)
        for rows in commits(self._read(dataset, reading), dataset.columns):
            values = [(row.number, to_values(row, parse)) for row in rows]
            yield rows[-1], self._records.to_writes(dataset.place, values), values

    def _read(self, dataset: Stored, reading: Reading) -> Rows:
        chunks = self._files.chunks(dataset.file, dataset.offset)
        return cell_rows(chunks, reading, row=dataset.rows_done, offset=dataset.offset)

    def _fail(self, dataset: Stored, reason: str) -> None:
        """Say why the import cannot end; uploading the same file again takes it up anew."""

        def fail(change: Change) -> None:
            found = change.dataset
            is_it = (found.file, found.rows_done) == (dataset.file, dataset.rows_done)
            if found.state != "importing" or not is_it:
                return  # somebody came further, or it is another one: that is looked at first
            log.error("import failed", dataset="/".join(dataset.place), error=reason)
            found.state, found.failure = "failed", reason
            found.updated_at = self._clock.now()

        self._store.change(dataset.place, fail)


def _logged(dataset: Stored, now: dt.datetime) -> Part:
    """Return the first entry of the log: all rows of the file."""
    summary = f"{counted(dataset.rows, 'row')} of the uploaded file"
    change = LoggedChange(
        revision=1, at=now, by=dataset.owner, kind="import", summary=summary, records=dataset.rows
    )
    return Part(change=change, rows=(1, dataset.rows))


def commits(rows: Iterable[Row], columns: Sequence[Column]) -> Iterator[list[Row]]:
    """Part rows, in the order of the file, so that the records of each part fit one commit."""
    return batches(rows, _size(columns), BATCH_BYTES, limits.BATCH)


def _size(columns: Sequence[Column]) -> Callable[[Row], int]:
    """Return what tells about how many bytes a row's record takes."""
    names = sum(len(column.name.encode()) + 16 for column in columns)
    return lambda row: sum(map(len, row.cells)) * 2 + names


def stored_reading(dataset: Stored) -> Reading:
    """Return how the stored form of a dataset's file is read (`service/files/ingestion.py`)."""
    if dataset.reading is None:
        return reading_of(dataset.columns, dataset.delimiter)
    return as_stored(dataset.reading)
