"""The check of an import: what it would change, found in one pass that changes nothing."""

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from uuid import uuid4

import msgspec

from functions.datasets.model.dataset import Record
from functions.datasets.model.imports.asked import Asked
from functions.datasets.model.imports.imports import Report, StoredImport, checked
from functions.datasets.model.values import values_of
from functions.datasets.service.files.opening import Opener
from functions.datasets.service.imports import plans
from functions.datasets.service.imports.known import Known, known
from functions.datasets.service.imports.rows import Table
from functions.datasets.service.imports.sorting import Sorter
from functions.datasets.service.ports import RecordStore, Seen
from functions.datasets.service.turns import Turn
from functions.kit.contract.errors import Flaw, told
from functions.kit.contract.ports import Bucket
from functions.kit.contract.wording import counted

BINARY, CSV = "application/octet-stream", "text/csv"
# Bad rows that are held in memory; more of them are in a file.
SPOOLED = 1 << 20


class Outcome(msgspec.Struct):
    """What a check found.

    Attributes:
        revision: the dataset's that it holds for.
        report: what would change.
        refusal: why nothing can be imported; None when something can.
        plan: object name of the rows to be written; empty where there are none.
        bad: object name of the bad rows; empty where there are none.
    """

    revision: int
    report: Report
    refusal: str | None = None
    plan: str = ""
    bad: str = ""


class Checker:
    """Checks imports against the records that there are."""

    def __init__(self, records: RecordStore, files: Bucket, opener: Opener) -> None:
        self._opener = opener
        self._records = records
        self._files = files

    def check(self, job: StoredImport, seen: Seen, turn: Turn) -> Outcome:
        """Return what an import would change of a dataset as it was seen.

        It is one piece of work: others have their turn beside it, not in between.

        Raises:
            FileNotFoundError: its file is gone.
        """
        with _index(job.asked) as index, tempfile.SpooledTemporaryFile(SPOOLED) as bad:
            doubled = index and index.load(turn.passing(self._shown(seen)))
            if doubled:
                return _refused(Outcome(seen.dataset.revision, Report()), [doubled])
            sorter = Sorter(job.asked, seen.dataset, index, bad)
            outcome, flaws = self._sort(job, seen, sorter, turn)
            if outcome.report.bad:
                outcome.bad = f"{_name(job)}.csv"
                self._files.upload(outcome.bad, bad, CSV)
        judged = _judged(outcome, job.asked, flaws)
        if outcome.refusal is not None:
            self._files.delete(outcome.plan)
            outcome.plan = ""
        return judged

    def _sort(
        self, job: StoredImport, seen: Seen, sorter: Sorter, turn: Turn
    ) -> tuple[Outcome, list[Flaw]]:
        """Write the plan; return what was found, and the flaws of the file as a whole."""
        chunks = partial(self._files.chunks, job.file)
        table = Table(self._opener, chunks, seen.dataset, job.asked)
        plan = f"{_name(job)}.plan"
        with self._files.writer(plan, BINARY) as out:
            plans.write(sorter.planned(turn.passing(iter(table))), out)
        return Outcome(seen.dataset.revision, sorter.report, plan=plan), table.flaws

    def _shown(self, seen: Seen) -> Iterator[Record]:
        """Yield the records as they were seen, their values of the kinds of today."""
        values = values_of(seen.dataset.columns)
        for record in self._records.read(seen.dataset.place, moment=seen.moment):
            yield Record(record.id, record.version, values.shown(record.values))


def _name(job: StoredImport) -> str:
    return f"{checked(job.place)}{job.id}-{uuid4().hex}"


def _index(asked: Asked) -> AbstractContextManager[Known | None]:
    return known(asked.key) if asked.mode == "upsert" else nullcontext()


def _judged(outcome: Outcome, asked: Asked, flaws: list[Flaw]) -> Outcome:
    """Say whether what was found can be imported as it is asked for."""
    report = outcome.report
    if flaws:
        return _refused(outcome, flaws)
    if report.bad and asked.bad_rows == "refuse":
        outcome.refusal = (
            f"{counted(report.bad, 'row')} of the file cannot be taken; the first: "
            f"{told(report.flaws[0])}. Mend the file, or send bad_rows=separate."
        )
    elif not report.new + report.changed + report.same:
        outcome.refusal = f"No row of the file can be taken: {told(report.flaws[0])}."
    return outcome


def _refused(outcome: Outcome, flaws: list[Flaw]) -> Outcome:
    outcome.report.flaws = flaws
    outcome.refusal = f"The file cannot be imported: {told(flaws[0])}."
    return outcome
