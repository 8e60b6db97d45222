"""What becomes of an import by what its check found."""

import datetime as dt

from functions.datasets.model.dataset import Running, Stored
from functions.datasets.model.imports import StoredImport
from functions.datasets.service.imports.checking import Outcome


def conclude(dataset: Stored, job: StoredImport, outcome: Outcome, now: dt.datetime) -> bool:
    """Go on to the next state; tell whether the outcome counts.

    It does not when the dataset has another revision by now: then the check is made again, while
    nobody else may change the dataset.
    """
    if outcome.revision != dataset.revision:
        dataset.running = Running(job.id, is_locked=True)
        job.updated_at = now
        return False
    report = outcome.report
    job.report, job.plan, job.bad = report, outcome.plan, outcome.bad
    job.rows = report.new + report.changed
    dataset.running = None
    if outcome.refusal is not None:
        job.failure = outcome.refusal
        job.end("refused", now)
    elif job.asked.dry_run:
        job.turn("waiting", now)
    elif not job.rows and job.asked.mode != "replace":
        job.revision = dataset.revision  # everything is there: that is no new one
        job.end("done", now)
    else:
        dataset.running = Running(job.id, is_locked=True)
        job.turn("importing", now)
    return True
