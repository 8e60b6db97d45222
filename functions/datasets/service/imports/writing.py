"""Writes what a check planned, one commit a frame; takes it back when it is not to be.

It is a change of many records: each commit logs what it makes of which, so that the log alone says
what is to be taken back, and undone later.
"""

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from msgspec.structs import replace

from functions.datasets.model.changing.change_views import logged
from functions.datasets.model.changing.changes import Edit, Part, parts_of
from functions.datasets.model.changing.changing import Changing, Phase, to_fields
from functions.datasets.model.dataset import Stored, record_id
from functions.datasets.model.imports.imports import Report, StoredImport, held, let_go
from functions.datasets.model.table_parts import TablePart, with_part
from functions.datasets.service.changing.batches import batched
from functions.datasets.service.changing.history_ports import ChangeLog
from functions.datasets.service.changing.plans import Look, removal
from functions.datasets.service.files.prefetch import prefetch
from functions.datasets.service.imports import plans
from functions.datasets.service.imports.plans import Planned
from functions.datasets.service.ports import Change, Overtaken, RecordStore, Seen
from functions.datasets.service.turns import Turn
from functions.kit.contract.ports import Bucket, Clock

# What a cursor begins with: a byte of the plan follows, or the id of a record that was removed.
PLAN, OLD = "plan", "old"


class Batch(NamedTuple):
    """What one commit writes.

    Attributes:
        cursor: where to go on after it.
        rows: of the plan.
        edits: of records that were there.
        new: the first and the last row number of records that were not.
        writes: those, encoded.
    """

    cursor: str
    rows: int
    edits: list[Edit]
    new: tuple[int, int] | None = None
    writes: Sequence[Any] = ()

    @property
    def made(self) -> int:
        """How many new records it writes."""
        return 0 if self.new is None else self.new[1] - self.new[0] + 1


class Writer:
    """Writes and takes back the records of imports; none of them shows before the import ends."""

    def __init__(
        self, records: RecordStore, changes: ChangeLog, files: Bucket, clock: Clock
    ) -> None:
        self._records = records
        self._changes = changes
        self._files = files
        self._clock = clock

    def write(self, job: StoredImport, seen: Seen, turn: Turn) -> bool:
        """Write what is left, until the turn is over; tell whether all is written.

        Raises:
            FileNotFoundError: the plan is gone, or is not whole.
            Overtaken: somebody else changed the dataset.
        """
        dataset, version, moment = seen
        changing = _held(dataset, job, "writing")
        # Nobody else has written since the import took hold: any later moment is the one before it.
        changing.moment = moment
        with closing(prefetch(self._batches(job, dataset, changing))) as found:
            for batch in found:
                if turn.is_over():
                    return False
                version = self._write(dataset, changing, batch, version)
        if changing.looked != job.rows:
            raise FileNotFoundError(f"{job.plan} ends after row {changing.looked} of {job.rows}")
        return True

    def _write(self, dataset: Stored, changing: Changing, batch: Batch, version: Any) -> Any:
        now = self._clock.now()
        parts = _parts(changing, batch, now)
        changing.advance(batch.cursor, batch.rows, len(batch.edits) + batch.made)
        changing.part += len(parts)
        changing.growth += sum(edit.growth for edit in batch.edits) + batch.made
        progress = {"change": to_fields(changing), "updated_at": now}
        return self._records.edit_batch(
            dataset.place, batch.edits, progress, version, parts, new=batch.writes
        )

    def _batches(self, job: StoredImport, dataset: Stored, changing: Changing) -> Iterator[Batch]:
        """Yield what is left: the rows of the plan, then the records that they replace."""
        which, _, after = changing.after.partition(" ")
        if which != OLD:
            yield from self._planned(job, dataset, int(after or 0))
            after = ""
        if job.asked.mode == "replace":
            yield from self._replaced(dataset, after)

    def _planned(self, job: StoredImport, dataset: Stored, offset: int) -> Iterator[Batch]:
        chunks = self._files.chunks(job.plan, offset)
        for end, rows in plans.read(chunks, offset):
            new = [(dataset.last_row + row.new, row.values) for row in rows if row.new]
            span = (new[0][0], new[-1][0]) if new else None
            writes = self._records.to_writes(dataset.place, new)
            yield Batch(f"{PLAN} {end}", len(rows), _edits(rows), span, writes)

    def _replaced(self, dataset: Stored, after: str) -> Iterator[Batch]:
        # As they are now: those behind the cursor are what they were, and new ones come last.
        old = self._records.read(dataset.place, after=after or None)
        last = record_id(dataset.last_row)
        replaced = itertools.takewhile(lambda one: one.id <= last, old)
        for cursor, _, edits in batched(Look(one.id, removal(one)) for one in replaced):
            yield Batch(f"{OLD} {cursor}", 0, edits)

    def take_back(self, job: StoredImport, seen: Seen, turn: Turn) -> bool:
        """Undo what was written, by its log; tell whether nothing is left of it."""
        dataset, version, _ = seen
        revision = _held(dataset, job, "cancelling").revision
        for part in self._changes.parts(dataset.place, revision - 1, revision):
            if turn.is_over():
                return False
            progress = {"updated_at": self._clock.now()}
            version = self._records.take_back(dataset.place, part, progress, version)
        return True


def _edits(rows: Sequence[Planned]) -> list[Edit]:
    return [
        Edit(row.record, row.before.version + 1, row.before.values, row.values)
        for row in rows
        if row.before is not None
    ]


def _parts(changing: Changing, batch: Batch, now: dt.datetime) -> list[Part]:
    """Return the log of one commit: new records by their row numbers, others one by one."""
    first, *rest = parts_of(logged(changing, now), batch.edits, changing.part)
    return [replace(first, rows=batch.new), *rest]


def _held(dataset: Stored, job: StoredImport, phase: Phase) -> Changing:
    """Return how far an import has come; raises Overtaken when it is not in a phase."""
    changing = held(dataset, job)
    if changing is None or changing.phase != phase:
        raise Overtaken
    return changing


def show(change: Change, job: StoredImport, now: dt.datetime, part: TablePart | None) -> None:
    """Let all that an import wrote show: the dataset's next revision; `part` holds the same."""
    dataset, report = change.dataset, job.report
    changing = _held(dataset, job, "writing")
    if report is None or changing.looked != job.rows:
        raise Overtaken
    change.log(Part(change=replace(logged(changing, now), summary=_summary(job, report))))
    let_go(dataset, job)
    dataset.last_row += report.new
    dataset.grow(changing.growth)
    dataset.revise(now)
    dataset.parts = with_part(dataset.parts, part)
    job.rows_done, job.revision = job.rows, dataset.revision
    job.end("done", now)


def _summary(job: StoredImport, report: Report) -> str:
    counts = {"new": report.new, "changed": report.changed, "removed": report.removed}
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    return f"Import {job.id} ({job.asked.mode}): {told or 'nothing'}"
