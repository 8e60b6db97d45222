"""What becomes of an import by what its check found."""

import datetime as dt

from functions.datasets.model.dataset import Stored
from functions.datasets.model.imports.imports import StoredImport, is_taken, let_go, take_hold
from functions.datasets.service.imports.checking import Outcome


def conclude(dataset: Stored, job: StoredImport, outcome: Outcome, now: dt.datetime) -> bool:
    """Go on to the next state; tell whether the outcome counts.

    It does not when the dataset has another revision by now: then the check is made again, while
    nobody else may change the dataset; nor while others are changing it.
    """
    if is_taken(dataset, job):
        return False
    if outcome.revision != dataset.revision:
        take_hold(dataset, job, "checking")
        job.updated_at = now
        return False
    report = outcome.report
    job.checked_revision = outcome.revision
    job.report, job.plan, job.bad = report, outcome.plan, outcome.bad
    job.rows = report.new + report.changed
    let_go(dataset, job)
    if outcome.refusal is not None:
        job.failure = outcome.refusal
        job.end("refused", now)
    elif job.asked.dry_run:
        job.turn("waiting", now)
    elif not job.rows and job.asked.mode != "replace":
        job.revision = dataset.revision  # everything is there: that is no new one
        job.end("done", now)
    else:
        take_hold(dataset, job, "writing", total=job.rows + report.removed)
        job.turn("importing", now)
    return True
